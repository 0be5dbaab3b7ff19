#include "engine/reply_watch.h"

#include <algorithm>

#include "engine/text_stream.h"

namespace reprise {

namespace {

/// A trigger and the tags of reasoning are looked for in so many bytes: more than any has, and few enough for
/// a regular expression, whose matching recurses.
constexpr size_t most_recent = 512;

void keep_recent(std::string & text) {
    if (text.size() > 2 * most_recent) text.erase(0, text.size() - most_recent);
}

/// Where the text after the last of `words` begins that ends at or behind `from`; npos where there is none.
size_t last_end(std::string_view text, const std::vector<std::string> & words, size_t from) {
    size_t last = std::string_view::npos;
    for (const std::string & word : words) {
        if (word.empty()) continue;
        const size_t at = text.rfind(word);
        if (at == std::string_view::npos || at + word.size() <= from) continue;
        if (last == std::string_view::npos || at + word.size() > last) last = at + word.size();
    }
    return last;
}

} // namespace

ReplyWatch::ReplyWatch(std::shared_ptr<const ReplyRules> rules, int64_t budget, bool awaits)
    : rules_(std::move(rules)), left_(budget), limited_(budget >= 0), awaits_(awaits) {
    for (const std::string & pattern : rules_->trigger_patterns) patterns_.emplace_back(pattern);
    recent_ = rules_->before.substr(rules_->before.size() - std::min(rules_->before.size(), most_recent));
    const size_t start = last_end(recent_, {rules_->thinking_start}, 0);
    const size_t end = last_end(recent_, rules_->thinking_ends, 0);
    constexpr size_t none = std::string::npos;
    thinking_ = start != none && !rules_->thinking_ends.empty() && (end == none || start > end);
    if (!thinking_ && (start == none || end == none)) beginning_.emplace();
    if (thinking_ && limited_ && left_ == 0) closing_ = 0;
}

void ReplyWatch::follow_thinking(std::string_view bytes) {
    if (rules_->thinking_ends.empty()) return;
    if (!thinking_) return await_thinking(bytes);
    const size_t before = recent_.size();
    recent_.append(bytes);
    if (const size_t end = last_end(recent_, rules_->thinking_ends, before); end != std::string::npos)
        end_thinking(end);
    else
        keep_recent(recent_);
}

/// A reply that begins otherwise than with the tag, white space apart, does not think.
void ReplyWatch::await_thinking(std::string_view bytes) {
    if (!beginning_) return;
    beginning_->append(bytes);
    const size_t first = beginning_->find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return;
    const std::string_view text = std::string_view(*beginning_).substr(first);
    const std::string & tag = rules_->thinking_start;
    const size_t shown = tag.find_first_not_of(" \t\r\n");
    const std::string_view mark =
        shown == std::string::npos ? std::string_view() : std::string_view(tag).substr(shown);
    if (!mark.empty() && mark.starts_with(text) && text.size() < mark.size()) return;
    const bool thinks = !mark.empty() && text.starts_with(mark);
    const std::string rest(thinks ? text.substr(mark.size()) : std::string_view());
    beginning_.reset();
    if (!thinks) return;
    thinking_ = true;
    recent_.clear();
    follow_thinking(rest);
}

/// `end`: where the tag ends in `recent_`.
void ReplyWatch::end_thinking(size_t end) {
    thinking_ = false;
    // What ends the reasoning may be what begins a call.
    awaited_.clear();
    for (const std::string & word : rules_->thinking_ends)
        if (std::string_view(recent_).substr(0, end).ends_with(word) && word.size() > awaited_.size())
            awaited_ = word;
    awaited_ += recent_.substr(end);
    awaited_whole_ = false;
    recent_.clear();
}

std::optional<std::string> ReplyWatch::accept(draft::Token token, std::string_view bytes) {
    const bool was_thinking = thinking_;
    if (awaits_ && !was_thinking) awaited_.append(bytes);
    whole_character_ = complete_utf8_length(bytes) == bytes.size();
    if (closing_ && rules_->thinking_close[*closing_] == token)
        closing_ =
            *closing_ + 1 < rules_->thinking_close.size() ? std::optional(*closing_ + 1) : std::nullopt;
    follow_thinking(bytes);
    if (was_thinking || thinking_) ++reasoning_tokens_;
    if (was_thinking && thinking_ && limited_ && left_ > 0) --left_;
    if (thinking_ && limited_ && left_ == 0 && !closing_) closing_ = 0;
    if (!thinking_) closing_.reset();
    if (!awaits_ || thinking_) return std::nullopt;
    return find_trigger();
}

std::optional<std::string> ReplyWatch::read(std::string_view begun) {
    if (awaits_ && !thinking_) awaited_.append(begun);
    follow_thinking(begun);
    if (!thinking_)
        closing_.reset();
    else if (limited_ && left_ == 0)
        closing_ = 0;
    if (!awaits_ || thinking_) return std::nullopt;
    return find_trigger();
}

std::optional<draft::Token> ReplyWatch::forced() const {
    if (!closing_ || !whole_character_ || rules_->thinking_close.empty()) return std::nullopt;
    return rules_->thinking_close[*closing_];
}

std::optional<std::string> ReplyWatch::find_trigger() {
    size_t first = std::string::npos;
    for (const std::string & word : rules_->trigger_words) first = std::min(first, awaited_.find(word));
    for (size_t i = 0; i < patterns_.size(); ++i) {
        if (!awaited_whole_ && rules_->trigger_patterns[i].starts_with('^')) continue;
        std::smatch match;
        if (!std::regex_search(awaited_, match, patterns_[i])) continue;
        const bool grouped = match.size() > 1 && match[1].matched;
        first = std::min(first, static_cast<size_t>(match.position(grouped ? 1 : 0)));
    }
    if (first == std::string::npos) {
        if (awaited_.size() > 2 * most_recent) {
            keep_recent(awaited_);
            awaited_whole_ = false;
        }
        return std::nullopt;
    }
    std::string text = awaited_.substr(first);
    // Where the grammar does not fit, the next trigger is looked for behind this one.
    awaited_.erase(0, first + 1);
    awaited_whole_ = false;
    return text;
}

} // namespace reprise
