#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reply_rules.h"

namespace reprise {

/// Follows the committed text of a chat's reply: whether the model thinks, for how many tokens it did, and
/// where a lazy grammar begins. A reply thinks at its beginning or not at all, as its parser reads it: a tag
/// further on is a text like any other.
class ReplyWatch {
public:
    /// `budget`: the reasoning ends after so many tokens; -1 for never. `awaits`: whether the grammar
    /// awaits a trigger.
    ReplyWatch(std::shared_ptr<const ReplyRules> rules, int64_t budget, bool awaits);

    /// Takes a token's bytes. Where they complete a trigger, it gives the text from the trigger on.
    std::optional<std::string> accept(draft::Token token, std::string_view bytes);
    /// Takes a text that the reply begins with, which counts as no token; gives the same.
    std::optional<std::string> read(std::string_view begun);
    /// The token that comes next whatever the model says: the reasoning's budget is used up.
    std::optional<draft::Token> forced() const;
    /// The tokens of the reasoning, its tags included where the reply has them.
    int64_t reasoning_tokens() const { return reasoning_tokens_; }
    /// The grammar has begun.
    void begun() { awaits_ = false; }
    /// What would be forced does not fit.
    void give_up_forcing() { closing_.reset(); }

private:
    void follow_thinking(std::string_view bytes);
    void await_thinking(std::string_view bytes);
    void end_thinking(size_t end);
    std::optional<std::string> find_trigger();

    std::shared_ptr<const ReplyRules> rules_;
    std::vector<std::regex> patterns_;
    int64_t left_; ///< how many tokens the model may still think for
    bool limited_;
    bool awaits_;
    bool thinking_ = false;
    std::optional<std::string> beginning_; ///< the reply so far, as long as it may still begin to think
    int64_t reasoning_tokens_ = 0;
    std::string recent_;        ///< the last bytes, in which the ends of reasoning are looked for
    std::string awaited_;       ///< the last bytes, in which a trigger is looked for
    bool awaited_whole_ = true; ///< whether these are all since the beginning
    bool whole_character_ = true;
    std::optional<size_t> closing_; ///< the place in `thinking_close` of the token that is forced
};

} // namespace reprise
