#include "engine/grammar.h"

#include <algorithm>
#include <limits>

#include "engine/error.h"
#include "engine/hash.h"

namespace reprise {

namespace {

using Kind = GrammarSymbol::Kind;

/// One draw may take so much work, a few tenths of a second, while the other members of the family wait. The
/// unit is the comparison of a code point with a class, which takes some nanoseconds.
constexpr uint64_t max_work = 64'000'000;
/// To follow a stack by one symbol makes a node of some 60 bytes, which takes as long as so many comparisons.
constexpr uint64_t work_a_step = 32;
/// Whether to stop is asked once in so much work, less than a millisecond.
constexpr uint64_t work_between_looks = 1 << 16;
/// Beyond this many nodes, tops and transitions, which take some 50 MB, those that the text does not need are
/// forgotten.
constexpr size_t max_kept = 1 << 19;

constexpr float banned = -std::numeric_limits<float>::infinity();

bool is_space(uint32_t code_point) {
    return code_point == ' ' || code_point == '\n' || code_point == '\t' || code_point == '\r';
}

uint32_t find_kind(const std::vector<uint32_t> & boundaries, uint32_t code_point) {
    return static_cast<uint32_t>(std::upper_bound(boundaries.begin(), boundaries.end(), code_point) -
                                 boundaries.begin());
}

} // namespace

Grammar::Grammar(const Model & model, const std::string & text, const std::string & root,
                 std::function<bool()> should_stop)
    : model_(model), rules_(parse_grammar(model.vocab(), text, root)), should_stop_(std::move(should_stop)),
      most_work_(max_work), max_kept_(max_kept) {
    // The root is a symbol of its own, so that the beginning is a stack like any other.
    rules_.symbols.push_back({Kind::rule, rules_.root});
    rules_.symbols.push_back({Kind::end});
    nodes_.push_back({-1, -1});
    for (uint32_t i = 0; i < ascii_kinds_.size(); ++i) ascii_kinds_[i] = find_kind(rules_.boundaries, i);
}

void Grammar::begin_work() {
    work_ = asked_at_ = 0;
    most_work_ = max_work;
    if (text_.state != dead) return;
    begin_state();
    follow(node(static_cast<int>(rules_.symbols.size()) - 2, 0));
    text_ = {finish_state(), {}};
    if (text_.state == dead)
        throw Error(ErrorCode::grammar_invalid,
                    "The grammar matches no text at all: every rule of it leads to another");
}

bool Grammar::complete() {
    begin_work();
    return may_end();
}

void Grammar::spend(uint64_t units) {
    work_ += units;
    if (work_ - asked_at_ < work_between_looks && work_ <= most_work_) return;
    asked_at_ = work_;
    if (should_stop_ && should_stop_()) throw Error(ErrorCode::aborted, "The generation was aborted");
    if (work_ > most_work_)
        throw Error(ErrorCode::grammar_invalid,
                    "The grammar has too many readings of the same text to be followed; let alternatives and "
                    "optional parts begin differently");
}

int Grammar::node(int symbol, int below) {
    if (rules_.symbols[symbol].kind == Kind::end) return below;
    const uint64_t key = (static_cast<uint64_t>(symbol) << 32) | static_cast<uint32_t>(below);
    if (const auto found = node_ids_.find(key); found != node_ids_.end()) return found->second;
    const int id = static_cast<int>(nodes_.size());
    nodes_.push_back({symbol, below});
    node_ids_.emplace(key, id);
    return id;
}

int Grammar::after(int top) {
    const auto [symbol, below, met] = nodes_[top];
    return node(symbol + 1, below);
}

void Grammar::begin_state() {
    ++making_;
    tops_.clear();
    complete_ = false;
}

void Grammar::add_top(int top) {
    if (nodes_[top].met == making_) return;
    nodes_[top].met = making_;
    tops_.push_back(top);
}

/// Adds to the state being made what the stack may match next.
void Grammar::follow(int stack) {
    to_follow_.assign(1, stack);
    while (!to_follow_.empty()) {
        const int top = to_follow_.back();
        to_follow_.pop_back();
        if (top == 0) {
            complete_ = true;
            continue;
        }
        const GrammarSymbol symbol = rules_.symbols[nodes_[top].symbol];
        spend(work_a_step);
        if (symbol.kind != Kind::rule) {
            add_top(top);
            continue;
        }
        if (nodes_[top].met == making_) continue;
        nodes_[top].met = making_;
        const int rest = after(top);
        for (const int start : rules_.alternatives[symbol.value]) to_follow_.push_back(node(start, rest));
    }
}

int Grammar::finish_state() {
    if (tops_.empty() && !complete_) return dead;
    std::sort(tops_.begin(), tops_.end());
    spend(tops_.size());
    Fnv1a hash;
    hash.add(std::string_view(reinterpret_cast<const char *>(tops_.data()), tops_.size() * sizeof(int)));
    hash.add(complete_ ? 1 : 0);
    const auto [first, last] = state_ids_.equal_range(hash.value());
    for (auto it = first; it != last; ++it)
        if (const State & known = states_[it->second]; known.complete == complete_ && known.tops == tops_)
            return it->second;

    State state;
    state.tops = tops_;
    state.complete = complete_;
    for (const int top : tops_) {
        const GrammarSymbol & symbol = rules_.symbols[nodes_[top].symbol];
        const CodePointRange * const range = rules_.ranges.data() + symbol.value;
        if (symbol.kind != Kind::chars)
            state.tokens.push_back(top);
        else if (symbol.count == 1 && range->low == range->high)
            state.single.emplace_back(range->low, top);
        else
            state.classes.push_back(top);
    }
    std::sort(state.single.begin(), state.single.end());
    const int id = static_cast<int>(states_.size());
    states_.push_back(std::move(state));
    state_ids_.emplace(hash.value(), id);
    kept_ += tops_.size();
    return id;
}

uint32_t Grammar::kind_of(uint32_t code_point) const {
    return code_point < ascii_kinds_.size() ? ascii_kinds_[code_point]
                                            : find_kind(rules_.boundaries, code_point);
}

int Grammar::next_state(int state, uint32_t code_point) {
    const uint32_t kind = kind_of(code_point);
    if (const auto known = states_[state].next.find(kind); known != states_[state].next.end())
        return known->second;
    begin_state();
    const State & from = states_[state]; // It stays where it is: no state is made before the end.
    spend(1 + from.classes.size());
    for (auto it = std::lower_bound(from.single.begin(), from.single.end(), std::pair(code_point, 0));
         it != from.single.end() && it->first == code_point; ++it)
        follow(after(it->second));
    for (const int top : from.classes)
        if (class_meets(top, code_point, code_point)) follow(after(top));
    const int to = finish_state();
    states_[state].next.emplace(kind, to);
    ++kept_;
    return to;
}

bool Grammar::class_meets(int top, uint32_t low, uint32_t high) const {
    const GrammarSymbol & symbol = rules_.symbols[nodes_[top].symbol];
    const auto first = rules_.ranges.begin() + symbol.value;
    const auto last = first + symbol.count;
    // The first range that does not end before `low`.
    const auto range = std::lower_bound(
        first, last, low, [](const CodePointRange & one, uint32_t value) { return one.high < value; });
    return range != last && range->low <= high;
}

Grammar::Reading Grammar::read(Reading from, std::string_view text) {
    auto & [state, partial] = from;
    const auto take = [&](uint32_t code_point) {
        const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        const bool valid = code_point >= partial.min_code_point && code_point <= 0x10FFFF && !surrogate;
        // NUL ends a text in llama.cpp, so no grammar can mean it.
        state = valid && code_point != 0 ? next_state(state, code_point) : dead;
        partial = {};
    };
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (partial.remaining > 0) {
            if ((byte & 0xC0) != 0x80) return {dead, {}};
            partial.value = (partial.value << 6) | (byte & 0x3F);
            if (--partial.remaining == 0) take(partial.value);
        } else if (byte < 0x80) {
            take(byte);
        } else if (byte >= 0xC0 && byte < 0xE0) {
            partial = {byte & 0x1Fu, 1, 0x80};
        } else if (byte >= 0xE0 && byte < 0xF0) {
            partial = {byte & 0x0Fu, 2, 0x800};
        } else if (byte >= 0xF0 && byte < 0xF8) {
            partial = {byte & 0x07u, 3, 0x10000};
        } else {
            return {dead, {}};
        }
        if (state == dead) return {dead, {}};
    }
    if (partial.remaining > 0 && !may_complete(state, partial)) return {dead, {}};
    return from;
}

bool Grammar::may_complete(int state, const Partial & partial) const {
    const int bits = 6 * partial.remaining;
    const uint32_t low = std::max(partial.value << bits, partial.min_code_point);
    const uint32_t high = (partial.value << bits) | ((1u << bits) - 1);
    if (low > high) return false;
    const auto meets = [&](int top) { return class_meets(top, low, high); };
    const State & at = states_[state];
    return std::any_of(at.single.begin(), at.single.end(),
                       [&](const auto & one) { return meets(one.second); }) ||
           std::any_of(at.classes.begin(), at.classes.end(), meets);
}

bool Grammar::token_fits(int top, Token token) const {
    const GrammarSymbol & symbol = rules_.symbols[nodes_[top].symbol];
    return (symbol.kind == Kind::token) == (symbol.value == static_cast<uint32_t>(token));
}

/// Whether a token of the grammar, and not its text, lets this one in.
bool Grammar::names(Token token) const {
    if (text_.partial.remaining > 0) return false;
    const std::vector<int> & tops = states_[text_.state].tokens;
    const bool end = llama_vocab_is_eog(model_.vocab(), token);
    return std::any_of(tops.begin(), tops.end(), [&](int top) {
        // "Any token but this" does not mean the end.
        const bool any_other = rules_.symbols[nodes_[top].symbol].kind == Kind::not_token;
        return token_fits(top, token) && !(end && any_other);
    });
}

Grammar::Reading Grammar::read_token(Token token) {
    piece_.clear();
    model_.vocabulary().append_piece(token, true, piece_);
    return piece_.empty() ? Reading{dead, {}} : read(text_, piece_);
}

bool Grammar::allows(Token token) {
    begin_work();
    if (names(token)) return true;
    return llama_vocab_is_eog(model_.vocab(), token) ? may_end() : read_token(token).state != dead;
}

void Grammar::ban_others(llama_token_data_array & candidates) {
    compact();
    begin_work();
    for (size_t i = 0; i < candidates.size; ++i) {
        llama_token_data & one = candidates.data[i];
        if (one.logit == banned || names(one.id)) continue;
        const bool fits =
            llama_vocab_is_eog(model_.vocab(), one.id) ? may_end() : read_token(one.id).state != dead;
        if (!fits) one.logit = banned;
    }
}

void Grammar::accept(Token token) {
    if (llama_vocab_is_eog(model_.vocab(), token)) return; // nothing follows it
    compact();
    begin_work();
    const Reading by_text = read_token(token);
    if (!names(token)) {
        if (by_text.state == dead)
            throw Error(ErrorCode::grammar_invalid,
                        "Token " + std::to_string(token) + " does not fit the grammar where it stands");
        text_ = by_text;
        return;
    }
    begin_state();
    for (const int top : states_[text_.state].tokens)
        if (token_fits(top, token)) follow(after(top));
    // Where its text leaves a character unfinished, only what names the token itself is followed.
    if (by_text.state != dead && by_text.partial.remaining == 0) {
        for (const int top : states_[by_text.state].tops) add_top(top);
        complete_ = complete_ || states_[by_text.state].complete;
    }
    text_ = {finish_state(), {}};
}

bool Grammar::accept_text(std::string_view text) {
    compact();
    begin_work();
    const Reading after = read(text_, text);
    if (after.state == dead) return false;
    text_ = after;
    return true;
}

void Grammar::compact() {
    if (nodes_.size() + kept_ < max_kept_ || text_.state == dead) return;
    work_ = asked_at_ = 0;
    const State state = std::move(states_[text_.state]);
    const std::vector<Node> nodes = std::move(nodes_);
    nodes_.assign(1, {-1, -1});
    node_ids_.clear();
    states_.clear();
    state_ids_.clear();
    kept_ = 0;
    making_ = 0;
    std::vector<int> moved(nodes.size(), dead);
    moved[0] = 0;
    begin_state();
    std::vector<int> chain;
    for (const int top : state.tops) {
        for (int at = top; moved[at] == dead; at = nodes[at].below) chain.push_back(at);
        for (; !chain.empty(); chain.pop_back()) {
            const Node & old = nodes[chain.back()];
            moved[chain.back()] = node(old.symbol, moved[old.below]);
        }
        add_top(moved[top]);
    }
    complete_ = state.complete;
    text_.state = finish_state();
    max_kept_ = std::max(max_kept, 2 * (nodes_.size() + kept_));
}

Grammar::Reading Grammar::look_ahead(uint64_t most_work) {
    compact();
    begin_work();
    most_work_ = most_work;
    return text_;
}

std::optional<Grammar::Reading> Grammar::ahead(const Reading & from, Token token) {
    if (!states_[from.state].tokens.empty()) return std::nullopt;
    if (llama_vocab_is_eog(model_.vocab(), token)) {
        if (from.partial.remaining == 0 && states_[from.state].complete) return std::nullopt;
        return Reading{dead, {}};
    }
    piece_.clear();
    model_.vocabulary().append_piece(token, true, piece_);
    return piece_.empty() ? Reading{dead, {}} : read(from, piece_);
}

Grammar::Reading Grammar::ahead(const Reading & from, uint32_t code_point) {
    return {next_state(from.state, code_point), {}};
}

bool Grammar::must_end(const Reading & from) const {
    const State & state = states_[from.state];
    return from.partial.remaining == 0 && state.complete && state.tops.empty();
}

std::optional<Grammar::Only> Grammar::only_code_point(const Reading & from) const {
    const State & state = states_[from.state];
    if (from.partial.remaining > 0 || state.complete || !state.tokens.empty()) return std::nullopt;
    // White space is passed over only where something else may stand.
    if (state.classes.empty() && !state.single.empty() &&
        state.single.front().first == state.single.back().first)
        return Only{state.single.front().first, false};
    Only only{0, false};
    for (const auto & [code_point, top] : state.single) {
        if (is_space(code_point))
            only.space = true;
        else if (only.code_point == 0)
            only.code_point = code_point;
        else if (only.code_point != code_point)
            return std::nullopt;
    }
    for (const int top : state.classes) {
        const GrammarSymbol & symbol = rules_.symbols[nodes_[top].symbol];
        for (uint32_t i = 0; i < symbol.count; ++i) {
            const auto [low, high] = rules_.ranges[symbol.value + i];
            if (low != high || !is_space(low)) return std::nullopt;
        }
        only.space = true;
    }
    if (only.code_point == 0) return std::nullopt;
    return only;
}

} // namespace reprise
