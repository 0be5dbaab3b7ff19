#include "draft/suffix_index.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include "draft/suffix_search.h"

namespace reprise::draft {

namespace {

/// So many tokens are inserted together. Between 256 and 4096 a token of a million takes the same time to 8
/// %.
constexpr int32_t block_length = 1024;
/// So many descents wait for memory at once: a token of a million takes 168 ns so, 212 with 4, and 162
/// with 32.
constexpr uint32_t lanes = 16;
/// Fewer evicted tokens than this are not worth moving the others.
constexpr int32_t min_compaction = 1024;

/// Scatters bits (MurmurHash3's finaliser, Austin Appleby): no two numbers get the same one.
uint32_t scattered(uint32_t bits) {
    bits = (bits ^ bits >> 16) * 0x85ebca6bu;
    bits = (bits ^ bits >> 13) * 0xc2b2ae35u;
    return bits ^ bits >> 16;
}

} // namespace

void SuffixIndex::append(std::span<const Token> tokens) {
    if (tokens.empty()) return;
    if (tokens.size() > max_length - text_.size())
        throw std::length_error("A suffix index holds at most 2^31 - 1 tokens");
    reserve(tokens);
    auto first = static_cast<int32_t>(text_.size());
    text_.append(tokens);
    nodes_.resize(text_.size());
    const auto end = static_cast<int32_t>(text_.size());
    for (; first < end; first += block_length) insert_block(first, std::min(block_length, end - first));
    match_.reset();
}

/// Gets all the memory that appending `tokens` takes. Nothing is changed before it is there.
void SuffixIndex::reserve(std::span<const Token> tokens) {
    text_.reserve(text_.size() + tokens.size());
    nodes_.reserve(nodes_.size() + tokens.size());
    for (const Token token : tokens) roots_.at(token, none);
}

/// In a long text nearly every step of a descent waits for memory. Trees of different tokens are independent,
/// so several descents wait at once; a token's places stay in one lane, in their order.
void SuffixIndex::insert_block(int32_t first, int32_t count) {
    std::array<int16_t, lanes> last;
    std::array<int16_t, lanes> head;
    std::array<int16_t, block_length> following;
    head.fill(none);
    for (int32_t i = 0; i < count; ++i) {
        const Token token = text_[first + i];
        roots_.prefetch(token);
        const uint32_t lane = order_of(token) % lanes;
        (head[lane] == none ? head[lane] : following[last[lane]]) = static_cast<int16_t>(i);
        last[lane] = static_cast<int16_t>(i);
        following[i] = none;
    }
    std::array<Descent, lanes> active;
    size_t count_active = 0;
    for (const int16_t i : head)
        if (i != none) active[count_active++] = descend_from_root(first + i);
    while (count_active > 0)
        for (size_t i = 0; i < count_active;) {
            if (step(active[i])) {
                ++i;
                continue;
            }
            const int16_t next = following[active[i].place - first];
            if (next != none)
                active[i++] = descend_from_root(first + next);
            else
                active[i] = active[--count_active];
        }
}

void SuffixIndex::append(Token token) {
    if (text_.size() == max_length) return append({&token, 1});
    const auto place = static_cast<int32_t>(text_.size());
    const Match before = longest_match();
    const bool goes_on = before.length > 0 && (*this)[before.end] == token;
    reserve({&token, 1});
    text_.push_back(token);
    nodes_.push_back({});
    Descent descent = descend_from_root(place);
    while (step(descent)) {
    }
    // A match grows by one token at most, so one that goes on is still the longest. Not so where tokens were
    // evicted: a longer one may come to the first place that is left. And from `key_length` on another place
    // may count.
    const uint32_t length = before.length + 1;
    const bool is_known = goes_on && first_ == 0 && length != key_length;
    match_ = is_known ? Match{length, before.end + 1} : look_up_longest();
}

void SuffixIndex::truncate(size_t length) {
    if (length >= this->length()) return;
    own();
    while (this->length() > length) remove_last();
    match_.reset();
}

void SuffixIndex::evict(size_t count) {
    if (count == 0) return;
    first_ += static_cast<int32_t>(std::min(count, length()));
    match_.reset();
    if (first_ - key_length > std::max<int64_t>(length(), min_compaction)) compact();
}

void SuffixIndex::compact() {
    if (first_ <= key_length) return;
    const int32_t gone = first_ - key_length;
    const auto moved = [&](int32_t place) { return has(place) ? place - gone : none; };
    Array<Token> text(std::span<const Token>(text_).subspan(gone));
    Array<Node> nodes(std::span<const Node>(nodes_).subspan(gone));
    for (Node & node : nodes) {
        node.before = moved(node.before);
        node.after = moved(node.after);
    }
    FlatMap<int32_t> roots;
    roots_.each([&](Token token, int32_t root) {
        if (has(root)) roots.at(token, moved(root));
    });
    text_ = std::move(text);
    nodes_ = std::move(nodes);
    roots_ = std::move(roots);
    first_ = key_length;
    moved_ += static_cast<uint32_t>(gone);
}

/// Compares the key of `place` with that of `context`, given how far the context
/// agrees with the two ancestors of `place` that enclose both. `own` is the
/// context's own place, or `none`: then it counts as the last of equals.
SuffixIndex::Comparison SuffixIndex::compare(std::span<const Token> context, int32_t place,
                                             int32_t agreed_before, int32_t agreed_after, int32_t own) const {
    const Node & node = nodes_[place];
    // Of three keys in order the outer ones agree as far as the less agreeing neighbours do. So where place
    // and context agree differently far with the ancestor that is nearer to the context, they part there.
    if (agreed_before >= agreed_after && node.agreed_before > agreed_before) return {agreed_before, true};
    if (agreed_before <= agreed_after && node.agreed_after > agreed_after) return {agreed_after, false};
    if (agreed_before > agreed_after && node.agreed_before < agreed_before)
        return {node.agreed_before, false};
    if (agreed_before < agreed_after && node.agreed_after < agreed_after) return {node.agreed_after, true};

    int32_t agreed = std::max(agreed_before, agreed_after);
    if (agreed >= key_length) return {agreed, own == none || tie_is_before(place, own)};
    if (agreed > place) return {agreed, true};
    const auto length = static_cast<int32_t>(std::min<size_t>(context.size(), key_length + 1));
    if (agreed >= length) return {agreed, false};
    const Token * const last = context.data() + context.size() - 1;
    if (node.next == last[-agreed]) {
        const Token * const text = text_.data() + place;
        const int32_t limit = std::min({key_length, length, place + 1});
        for (++agreed; agreed < limit && text[-agreed] == last[-agreed];) ++agreed;
        if (agreed >= key_length) return {agreed, own == none || tie_is_before(place, own)};
        if (agreed > place) return {agreed, true};
        if (agreed >= length) return {agreed, false};
        return {agreed, order_of(text[-agreed]) < order_of(last[-agreed])};
    }
    return {agreed, order_of(node.next) < order_of(last[-agreed])};
}

/// Makes `place`, the latest, the root of its token's tree. What is left is to part the tree below.
SuffixIndex::Descent SuffixIndex::descend_from_root(int32_t place) {
    int32_t & root = *roots_.find(text_[place]);
    Node & node = nodes_[place];
    const Descent descent{place, root, 1, 1, &node.before, &node.after};
    root = place;
    node.next = token_beyond(place, 1);
    prefetch(descent.at);
    return descent;
}

/// Moves one node to the side of the new root's key that it belongs to. Returns false when none is left.
bool SuffixIndex::step(Descent & descent) {
    const int32_t v = descent.at;
    if (!has(v)) {
        *descent.before = *descent.after = none;
        return false;
    }
    const auto [agreed, is_before] = compare({text_.data(), static_cast<size_t>(descent.place) + 1}, v,
                                             descent.agreed_before, descent.agreed_after, descent.place);
    Node & node = nodes_[v];
    if (agreed > node.agreed_nearer()) node.next = token_beyond(v, agreed);
    if (is_before) {
        *descent.before = v;
        descent.before = &node.after;
        descent.at = node.after;
        node.agreed_after = static_cast<uint8_t>(agreed);
        descent.agreed_before = agreed;
    } else {
        *descent.after = v;
        descent.after = &node.before;
        descent.at = node.before;
        node.agreed_before = static_cast<uint8_t>(agreed);
        descent.agreed_after = agreed;
    }
    prefetch(descent.at);
    return true;
}

void SuffixIndex::remove_last() {
    int32_t a = nodes_.back().before, b = nodes_.back().after;
    int32_t * at = roots_.find(text_.back());
    // How far the removed key agrees with the ancestors that enclose what is left.
    int32_t agreed_before = 1, agreed_after = 1;
    while (has(a) || has(b)) {
        const bool from_a = a > b;
        const int32_t v = from_a ? a : b;
        Node & node = nodes_[v];
        const int32_t nearer = node.agreed_nearer();
        *at = v;
        if (from_a) {
            const int32_t agreed = node.agreed_after;
            node.agreed_after = static_cast<uint8_t>(std::min(agreed, agreed_after));
            agreed_before = agreed;
            at = &node.after;
            a = *at;
        } else {
            const int32_t agreed = node.agreed_before;
            node.agreed_before = static_cast<uint8_t>(std::min(agreed, agreed_before));
            agreed_after = agreed;
            at = &node.before;
            b = *at;
        }
        if (node.agreed_nearer() != nearer) node.next = token_beyond(v, node.agreed_nearer());
    }
    *at = none;
    text_.pop_back();
    nodes_.pop_back();
}

/// The longest match of the whole text, from what its own key's children know.
SuffixIndex::Match SuffixIndex::look_up_longest() const {
    Match longest;
    if (length() == 0) return longest;
    int32_t tie_before = none, tie_after = none;
    for (SearchPath path(*this, text_); path.place() != none;) {
        const auto [place, agreed, is_before] = path.take();
        if (agreed > static_cast<int32_t>(longest.length)) longest = match_at(place, agreed);
        int32_t & tie = is_before ? tie_before : tie_after;
        if (agreed >= key_length && tie == none) tie = place;
    }
    return longest.length < key_length ? longest : longest_of_ties(tie_before, tie_after);
}

/// The longest match among the places that agree with the whole text for
/// `key_length` tokens, given the latest ones before and after its own key.
SuffixIndex::Match SuffixIndex::longest_of_ties(int32_t tie_before, int32_t tie_after) const {
    const Token * const last = text_.data() + text_.size() - 1;
    const int32_t begin = std::max(0, first_ - key_length);
    int32_t best = 0, best_place = none;
    thread_local std::vector<int32_t> stack;
    for (const bool is_before : {true, false}) {
        stack.assign(1, is_before ? tie_before : tie_after);
        while (!stack.empty()) {
            const int32_t v = stack.back();
            stack.pop_back();
            // Nothing below is later than v, and no match is longer than the text before its place.
            if (!has(v) || v + 1 - begin < best) continue;
            const Token * const end = text_.data() + v;
            int32_t length = 0;
            while (length <= v - begin && last[-length] == end[-length]) ++length;
            if (length > best || (length == best && v > best_place)) {
                best = length;
                best_place = v;
            }
            const Node & node = nodes_[v];
            // Beyond a key that is no tie there are none.
            if (length >= key_length) stack.push_back(is_before ? node.before : node.after);
            stack.push_back(is_before ? node.after : node.before);
        }
    }
    return match_at(earliest_in_stretch(best_place, best), best);
}

/// Of places that agree with the whole text for `length` tokens, one of them `place`, and lie whole periods
/// apart in a stretch that repeats itself: the earliest. So a match that goes on for as long as the stretch
/// is found once, and not anew at each token.
int32_t SuffixIndex::earliest_in_stretch(int32_t place, int32_t length) const {
    const auto end = static_cast<int32_t>(text_.size());
    const auto repeats = [&](int32_t period, int32_t count) {
        const Token * const from = text_.data() + end - count;
        return std::equal(from + period, from + count, from);
    };
    int32_t period = 1;
    while (period <= longest_period && !repeats(period, key_length)) ++period;
    if (period > longest_period || !repeats(period, length)) return place;
    const int32_t begin = std::max(0, first_ - key_length);
    const int32_t start = place + 1 - length;
    int32_t first = start;
    while (first > begin && text_[first - 1] == text_[first - 1 + period]) --first;
    const int32_t periods = std::min(start - first, place - first_) / period;
    return place - periods * period;
}

/// Places whose keys are equal come in no order: in that of their positions, the
/// tree of a text repeated over and over would be a list.
bool SuffixIndex::tie_is_before(int32_t a, int32_t b) const {
    return scattered(moved_ + static_cast<uint32_t>(a)) < scattered(moved_ + static_cast<uint32_t>(b));
}

void SuffixIndex::own() {
    text_.own();
    nodes_.own();
}

size_t SuffixIndex::bytes() const {
    return sizeof *this + text_.bytes() + nodes_.bytes() + roots_.bytes();
}

} // namespace reprise::draft
