#include "suffix_index.h"

#include <algorithm>

namespace reprise::draft {

namespace {

/// Tokens are ordered by a mixed id: runs of ascending ids, as in numbered
/// lists, would otherwise degenerate the search tree into a list.
uint32_t mixed(Token token) {
    return static_cast<uint32_t>(token) * 0x9e3779b1u;
}

/// A max-heap of places: the latest first.
class LatestFirst {
public:
    void push(uint32_t place) {
        heap_.push_back(place);
        std::push_heap(heap_.begin(), heap_.end());
    }
    uint32_t pop() {
        std::pop_heap(heap_.begin(), heap_.end());
        const uint32_t place = heap_.back();
        heap_.pop_back();
        return place;
    }
    bool empty() const { return heap_.empty(); }
    void clear() { heap_.clear(); }

private:
    std::vector<uint32_t> heap_;
};

} // namespace

void SuffixIndex::append(std::span<const Token> tokens) {
    text_.reserve(text_.size() + tokens.size());
    nodes_.reserve(nodes_.size() + tokens.size());
    for (const Token token : tokens) append(token);
}

void SuffixIndex::append(Token token) {
    const auto place = static_cast<uint32_t>(text_.size());
    const bool goes_on = match_.length > 0 && text_[match_.end] == token;
    text_.push_back(token);
    nodes_.emplace_back();
    insert(place);
    // A match grows by one token at most, so one that goes on is still the
    // longest.
    match_ = goes_on ? Match{match_.length + 1, match_.end + 1}
                     : longest_among(nodes_[place].before, nodes_[place].after);
}

void SuffixIndex::truncate(size_t length) {
    if (length >= text_.size()) return;
    while (text_.size() > length) remove_last();
    match_ = text_.empty() ? Match{} : longest_among(nodes_.back().before, nodes_.back().after);
}

/// Tokens in agreement, read backwards from the end of `context` and from
/// `place` (inclusive), at most `key_length`; the first `from` are known to
/// agree.
uint32_t SuffixIndex::agreement(std::span<const Token> context, uint32_t place, uint32_t from) const {
    const auto limit =
        static_cast<uint32_t>(std::min<size_t>({key_length, context.size(), place + size_t{1}}));
    const Token * a = context.data() + context.size() - 1;
    const Token * b = text_.data() + place;
    uint32_t agreed = from;
    while (agreed < limit && *(a - agreed) == *(b - agreed)) ++agreed;
    return agreed;
}

/// Whether the key of `place` is smaller than that of `context`, which counts
/// as the later of equals.
bool SuffixIndex::place_is_before(std::span<const Token> context, uint32_t place, uint32_t agreed) const {
    if (agreed >= key_length || agreed > place) return true;
    if (agreed >= context.size()) return false;
    return mixed(text_[place - agreed]) < mixed(context[context.size() - 1 - agreed]);
}

void SuffixIndex::insert(uint32_t place) {
    const std::span<const Token> context = text_;
    uint32_t & root = roots_.at(text_[place], none);
    uint32_t v = root;
    root = place;
    uint32_t * before = &nodes_[place].before;
    uint32_t * after = &nodes_[place].after;
    // Whatever lies between two keys agrees with both at least as far as they do
    // with the new one.
    uint32_t agreed_before = 0, agreed_after = 0;
    while (v != none) {
        const uint32_t agreed = agreement(context, v, std::min(agreed_before, agreed_after));
        if (place_is_before(context, v, agreed)) {
            *before = v;
            before = &nodes_[v].after;
            v = *before;
            agreed_before = agreed;
        } else {
            *after = v;
            after = &nodes_[v].before;
            v = *after;
            agreed_after = agreed;
        }
    }
    *before = *after = none;
}

void SuffixIndex::remove_last() {
    uint32_t a = nodes_.back().before, b = nodes_.back().after;
    uint32_t * at = roots_.find(text_.back());
    while (a != none && b != none) {
        if (a > b) {
            *at = a;
            at = &nodes_[a].after;
            a = *at;
        } else {
            *at = b;
            at = &nodes_[b].before;
            b = *at;
        }
    }
    *at = a != none ? a : b;
    text_.pop_back();
    nodes_.pop_back();
}

/// The longest match of the whole text among the places below two subtrees of
/// its last token's tree that enclose its key from both sides.
SuffixIndex::Match SuffixIndex::longest_among(uint32_t before, uint32_t after) const {
    Match best;
    uint32_t root_of_ties = none;
    // One search path, merged from the two subtrees' inner sides by recency: the
    // first place of a length on it is the latest of that length.
    while (before != none || after != none) {
        const bool from_before = after == none || (before != none && before > after);
        const uint32_t v = from_before ? before : after;
        const uint32_t agreed = agreement(text_, v, 0);
        if (agreed > best.length) best = {agreed, v + 1};
        if (agreed >= key_length) {
            root_of_ties = v;
            break;
        }
        (from_before ? before : after) = from_before ? nodes_[v].after : nodes_[v].before;
    }
    if (root_of_ties == none) return best;

    const Token * const last = text_.data() + text_.size() - 1;
    best = {};
    std::vector<uint32_t> stack{root_of_ties};
    while (!stack.empty()) {
        const uint32_t v = stack.back();
        stack.pop_back();
        // Nothing below is later than v, and no match is longer than the text
        // before its place.
        if (v == none || v + 1 < best.length) continue;
        const Token * const end = text_.data() + v;
        uint32_t length = 0;
        while (length <= v && *(last - length) == *(end - length)) ++length;
        if (length > best.length || (length == best.length && v + 1 > best.end)) best = {length, v + 1};
        if (length < key_length) {
            // Ties precede the text's own key, so smaller keys than this one are no
            // ties.
            stack.push_back(nodes_[v].after);
        } else {
            stack.push_back(nodes_[v].before);
            stack.push_back(nodes_[v].after);
        }
    }
    return best;
}

void SuffixIndex::find(std::span<const Token> context, int per_length, std::vector<Match> & places) const {
    places.clear();
    if (context.empty() || text_.empty()) return;
    const uint32_t * const root = roots_.find(context.back());
    if (root == nullptr || *root == none) return;

    // The search path: the latest place of every match length lies on it. The
    // text's own end has split its tree in two; their inner sides, merged by
    // recency, are the path.
    struct Step {
        uint32_t place, agreed;
        bool is_before;
    };
    thread_local std::vector<Step> path;
    path.clear();
    const bool own_end = context.data() + context.size() == text_.data() + text_.size();
    uint32_t before = own_end ? nodes_[*root].before : none, after = own_end ? nodes_[*root].after : *root;
    uint32_t agreed_before = 0, agreed_after = 0;
    while (before != none || after != none) {
        const bool from_before = after == none || (before != none && before > after);
        uint32_t & next = from_before ? before : after;
        const uint32_t v = next;
        const uint32_t agreed = agreement(context, v, std::min(agreed_before, agreed_after));
        const bool is_before = place_is_before(context, v, agreed);
        (is_before ? agreed_before : agreed_after) = agreed;
        next = is_before ? nodes_[v].after : nodes_[v].before;
        path.push_back({v, agreed, is_before});
    }

    thread_local LatestFirst heap;
    uint32_t longer = UINT32_MAX;
    for (const uint32_t level : {32u, 16u, 8u, 4u, 3u, 2u, 1u}) {
        const auto first =
            std::find_if(path.begin(), path.end(), [&](const Step & s) { return s.agreed >= level; });
        if (first == path.end()) continue;
        heap.clear();
        heap.push(first->place);
        if (own_end) {
            const auto other = std::find_if(first, path.end(),
                                            [&](const Step & s) { return s.is_before != first->is_before; });
            if (other != path.end()) heap.push(other->place);
        }
        for (int found = 0, visited = 0; !heap.empty() && found < per_length && visited < 8 * per_length;
             ++visited) {
            const uint32_t v = heap.pop();
            const uint32_t agreed = agreement(context, v, 0);
            const bool in_reach = agreed >= level, is_before = place_is_before(context, v, agreed);
            if ((in_reach || !is_before) && nodes_[v].before != none) heap.push(nodes_[v].before);
            if ((in_reach || is_before) && nodes_[v].after != none) heap.push(nodes_[v].after);
            if (!in_reach || agreed >= longer) continue;
            places.push_back({agreed, v + 1});
            ++found;
        }
        longer = level;
    }
}

std::string SuffixIndex::check_integrity() const {
    if (nodes_.size() != text_.size()) return "every token has one node";
    std::vector<bool> seen(text_.size(), false);
    std::string broken;
    const auto key_before = [&](uint32_t a, uint32_t b) {
        const std::span<const Token> context(text_.data(), b + 1);
        const uint32_t agreed = agreement(context, a, 0);
        if (agreed >= key_length || (agreed > a && agreed > b)) return a < b;
        if (agreed > a) return true;
        if (agreed > b) return false;
        return mixed(text_[a - agreed]) < mixed(text_[b - agreed]);
    };
    roots_.each([&](Token token, uint32_t root) {
        // In order, without recursion: a long run of one token makes a deep tree.
        std::vector<uint32_t> stack;
        uint32_t v = root, previous = none;
        while (broken.empty() && (v != none || !stack.empty())) {
            for (; v != none; v = nodes_[v].before) {
                if (v >= text_.size()) {
                    broken = "a node lies within the text";
                    return;
                }
                if (seen[v]) {
                    broken = "a node has one parent";
                    return;
                }
                seen[v] = true;
                if (text_[v] != token) broken = "a tree holds the places of one token";
                for (const uint32_t child : {nodes_[v].before, nodes_[v].after})
                    if (child != none && child >= v) broken = "a child is earlier than its parent";
                if (!broken.empty()) return;
                stack.push_back(v);
            }
            v = stack.back();
            stack.pop_back();
            if (previous != none && !key_before(previous, v)) broken = "keys ascend";
            previous = v;
            v = nodes_[v].after;
        }
    });
    if (!broken.empty()) return broken;
    if (std::find(seen.begin(), seen.end(), false) != seen.end()) return "every place is in a tree";
    if (match_.length > 0) {
        if (match_.end >= text_.size()) return "the longest match ends before the text";
        for (uint32_t i = 1; i <= match_.length; ++i)
            if (match_.end < i || text_[match_.end - i] != text_[text_.size() - i])
                return "the longest match agrees";
        if (match_.end > match_.length && text_.size() > match_.length &&
            text_[match_.end - 1 - match_.length] == text_[text_.size() - 1 - match_.length])
            return "the longest match is as long as it can be";
    }
    return {};
}

size_t SuffixIndex::bytes() const {
    return sizeof *this + text_.capacity() * sizeof(Token) + nodes_.capacity() * sizeof(Node) +
           roots_.bytes();
}

} // namespace reprise::draft
