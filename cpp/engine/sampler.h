#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/adjustments.h"
#include "engine/filters.h"
#include "engine/grammar.h"
#include "engine/grammar_guide.h"
#include "engine/logits.h"
#include "engine/mirostat.h"
#include "engine/model.h"
#include "engine/reply_watch.h"
#include "engine/top_logits.h"

namespace reprise {

struct SamplerOptions : AdjustmentOptions, FilterOptions {
    float temperature = 0; ///< 0 takes the best token, whatever the filters say
    bool mirostat = false; ///< whether Mirostat 2 takes the filters' place
    float mirostat_tau = 5;
    float mirostat_eta = 0.1f;
    uint64_t seed = 0;
    std::string grammar; ///< in GBNF; empty for none
    std::string grammar_root = "root";
    /// What a chat's template says of the text; null for other texts. Its grammar holds where there is no
    /// other.
    std::shared_ptr<const ReplyRules> reply;
    int64_t reasoning_budget = -1; ///< a reply's reasoning ends after so many tokens; -1 for never
};

/// A token and how clearly it was chosen.
struct Choice {
    Token token;
    /// The difference of the two best scores: logits after every filter, divided by the temperature and with
    /// Gumbel noise where it is not 0. Infinite where the filters left one token.
    float margin;
    /// The same in logits, to be compared with what passes of other shapes may differ by. Where the filters
    /// left one token, it is the distance to the best one that they took away.
    float distance;
};

/// Draws the model's token. The draw at a position depends on the logits, the seed and the position
/// alone, never on how many rows were verified or rejected before: it is the Gumbel-max trick
/// (Gumbel 1954; Maddison et al., "A* Sampling", 2014) with noise hashed from (seed, position, token).
/// So the same seed gives the same text with and without drafts wherever the logits agree, and the
/// margin of a sampled token means the same as that of a greedy one.
class Sampler {
public:
    /// The penalties see the `history`, which is the tokens so far. `should_stop` is asked while a grammar is
    /// matched. Throws Error GRAMMAR_INVALID.
    Sampler(const Model & model, const SamplerOptions & options, const std::vector<Token> & history,
            std::function<bool()> should_stop = {});

    /// Chooses a token. `top` has the highest of the logits; of the others it asks for no more than it needs.
    /// `position` is how many tokens are before this one. It is nothing where the grammar's text is complete
    /// and the end of the turn is banned. A NaN is never chosen. Throws Error DECODE_FAILED where no logit is
    /// a number, OPTION_INVALID where every token is banned, GRAMMAR_INVALID where none fits, ABORTED.
    std::optional<Choice> choose(const LogitRow & logits, const TopLogits & top, int64_t position);
    /// Tells penalties, grammar and Mirostat that the token chosen last was committed. They see committed
    /// tokens alone, so a draft needs no copy of their state: each row's choice is made after the tokens
    /// before it were accepted.
    void accept(Token token);
    /// The committed tokens in which a chat's reply thinks.
    int64_t reasoning_tokens() const { return watch_ ? watch_->reasoning_tokens() : 0; }
    /// What a row's draw is made from.
    const DrawRule & draw_rule() const { return rule_; }
    /// Whether the text is to follow a grammar.
    bool follows_grammar() const { return grammar_ && holds_; }
    /// What the grammar says to a draft tree that begins to grow; a null pointer where there is none, or none
    /// yet.
    draft::Guide * begin_guide();

private:
    /// Decides how tokens are chosen, by whether the grammar holds.
    void choose_ways(const SamplerOptions & options);
    /// Lets the grammar begin with a trigger that the watch has found, and what came with it.
    void watch(const std::optional<std::string> & begun);
    /// The token that ends a reply's reasoning, where that is due.
    std::optional<Token> forced();
    /// The draw among few tokens that Logits::survivors gave for it. Nothing where they do not tell.
    std::optional<Choice> choose_among(std::span<const draft::RankedToken> few, const TopLogits & top,
                                       int64_t position);
    /// Draws from all tokens.
    Choice draw_from_all(const float * logits, const TopLogits & top, int64_t position);
    /// Nothing where biases and grammar leave no token.
    std::optional<Choice> choose_filtered(const float * logits, const TopLogits & top, int64_t position,
                                          bool grammar_first);
    /// Filters the tokens, and draws from what is left of them. `uncut_distance` is that of the two best
    /// before.
    Choice draw_filtered(llama_token_data_array & array, int64_t position, float uncut_distance);

    int vocabulary_size_;
    float temperature_;
    uint64_t seed_;
    DrawRule rule_;
    bool plain_greedy_;   ///< whether the highest logit is the choice
    bool adjusts_;        ///< whether biases, penalties or a grammar change the scores
    bool draws_from_all_; ///< whether nothing but the temperature changes what is drawn from
    Adjustments adjustments_;
    Filters filters_;
    std::optional<Mirostat> mirostat_;
    float probability_ = 1; ///< of the token chosen last, as Mirostat sees it
    std::unique_ptr<Grammar> grammar_;
    bool holds_ = false; ///< whether the grammar has begun
    std::optional<GrammarGuide> guide_;
    const Model & model_;
    SamplerOptions options_;
    std::optional<ReplyWatch> watch_;
    std::string piece_;
    std::vector<llama_token_data> candidates_;
};

} // namespace reprise
