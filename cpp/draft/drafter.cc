#include "drafter.h"

#include <algorithm>
#include <cmath>

namespace reprise::draft {

namespace {
constexpr int places_per_length = 16;
/// Paths less probable than this are not worth the heap's time, unless a fixed size was asked for.
constexpr double negligible = 0.001;
constexpr Token separator = -1;
} // namespace

bool Drafter::less_probable(const Candidate & a, const Candidate & b) {
    return a.node.probability < b.node.probability;
}

void Drafter::append(std::span<const Token> tokens, Source source) {
    conversation_.append(tokens);
    sources_.resize(conversation_.length(), source);
}

void Drafter::truncate(size_t length) {
    conversation_.truncate(length);
    sources_.resize(conversation_.length());
}

void Drafter::add_document(std::span<const Token> tokens, Source source) {
    auto & slot = documents_[static_cast<int>(source)];
    // Documents are shared with forks, so a new one makes a new index.
    auto grown = slot ? std::make_shared<SuffixIndex>(*slot) : std::make_shared<SuffixIndex>();
    if (grown->length() > 0) grown->append(separator);
    grown->append(tokens);
    slot = std::move(grown);
}

void Drafter::clear_documents(Source source) {
    documents_[static_cast<int>(source)].reset();
}

void Drafter::begin(const DraftLimits & limits) {
    limits_ = limits;
    tree_.nodes.clear();
    frontier_.clear();
    has_child_.clear();
    root_has_child_ = false;
    leaves_ = 0;
    find_places();
    expand(-1, 0, static_cast<uint32_t>(places_.size()));
    settle();
}

void Drafter::find_places() {
    places_.clear();
    thread_local std::vector<SuffixIndex::Match> matches;
    const std::span<const Token> text = conversation_.text();
    conversation_.find(text, places_per_length, matches);
    const SuffixIndex::Match longest = conversation_.longest_match();
    for (const SuffixIndex::Match & match : matches) {
        const uint32_t length = match.end == longest.end ? longest.length : match.length;
        places_.push_back({text.data() + match.end, text.data() + text.size(), length, sources_[match.end]});
    }
    for (int i = 0; i < source_count; ++i) {
        if (!documents_[i]) continue;
        const std::span<const Token> document = documents_[i]->text();
        documents_[i]->find(text, places_per_length, matches);
        for (const SuffixIndex::Match & match : matches)
            if (match.end < document.size())
                places_.push_back({document.data() + match.end, document.data() + document.size(),
                                   match.length, static_cast<Source>(i)});
    }
}

/// Offers the children of a node: its places grouped by the token they go on with.
void Drafter::expand(int parent, uint32_t first, uint32_t count) {
    const int depth = parent < 0 ? 0 : tree_.nodes[parent].depth;
    if (depth >= limits_.max_depth) return;
    const double path = parent < 0 ? 1 : tree_.nodes[parent].probability;

    const auto begin = places_.begin() + first, end = begin + count;
    const auto alive = std::partition(
        begin, end, [&](const Place & p) { return p.next + depth < p.end && p.next[depth] != separator; });
    std::sort(begin, alive, [&](const Place & a, const Place & b) {
        if (a.next[depth] != b.next[depth]) return a.next[depth] < b.next[depth];
        return a.length != b.length ? a.length > b.length : a.next > b.next;
    });
    // A place's vote grows with its match: a long match has ruled out more than a short one.
    const auto vote = [&](const Place & p) {
        const double length = p.length + depth;
        return length * length * length;
    };
    double votes = 0;
    uint32_t voters = 0;
    for (auto p = begin; p != alive; ++p, ++voters) votes += vote(*p);

    double said = 0;
    for (auto p = begin; p != alive;) {
        const Token token = p->next[depth];
        auto q = p;
        double own = 0;
        for (; q != alive && q->next[depth] == token; ++q) own += vote(*q);
        const Evidence evidence{p->length + depth, static_cast<float>(own / votes), voters, p->source};
        const double probability = acceptance_.probability(evidence);
        said += probability;
        offer(parent, token, path * probability, evidence, static_cast<uint32_t>(p - places_.begin()),
              static_cast<uint32_t>(q - p));
        p = q;
    }

    if (recycling_.empty() || said >= 1) return;
    const Token last = parent < 0 ? (conversation_.length() ? conversation_.text().back() : separator)
                                  : tree_.nodes[parent].token;
    const Recycling::Row * const row = recycling_.after(last);
    if (row == nullptr) return;
    double rest = 1 - said;
    for (int rank = 0; rank < Recycling::width && (*row)[rank] >= 0; ++rank) {
        const Token token = (*row)[rank];
        if (std::any_of(begin, alive, [&](const Place & p) { return p.next[depth] == token; })) continue;
        const Evidence evidence{static_cast<uint32_t>(rank == 0 ? 1 : 0),
                                static_cast<float>(rest / (rank + 1)), 1, Source::recycled};
        offer(parent, token, path * acceptance_.probability(evidence), evidence, 0, 0);
    }
}

void Drafter::offer(int parent, Token token, double probability, const Evidence & evidence, uint32_t first,
                    uint32_t count) {
    if (probability < negligible && !limits_.fixed) return;
    const int depth = parent < 0 ? 1 : tree_.nodes[parent].depth + 1;
    frontier_.push_back({{token, parent, depth, static_cast<float>(probability), 0.f, evidence.source,
                          static_cast<uint8_t>(Acceptance::kind_of(evidence))},
                         first,
                         count});
    std::push_heap(frontier_.begin(), frontier_.end(), less_probable);
}

bool Drafter::allowed(const Candidate & candidate) const {
    const int parent = candidate.node.parent;
    const bool branches = parent < 0 ? root_has_child_ : has_child_[parent] != 0;
    if (!branches) return true;
    return !limits_.chain && leaves_ < limits_.max_leaves;
}

/// Drops nodes from the top of the heap that the limits no longer allow.
void Drafter::settle() {
    while (!frontier_.empty() && !allowed(frontier_.front())) {
        std::pop_heap(frontier_.begin(), frontier_.end(), less_probable);
        frontier_.pop_back();
    }
}

double Drafter::peek() const {
    if (tree_.size() >= limits_.max_nodes || frontier_.empty()) return 0;
    return frontier_.front().node.probability;
}

void Drafter::take() {
    if (peek() == 0) return;
    std::pop_heap(frontier_.begin(), frontier_.end(), less_probable);
    const Candidate candidate = frontier_.back();
    frontier_.pop_back();
    const int parent = candidate.node.parent;
    const int index = tree_.size();
    tree_.nodes.push_back(candidate.node);
    has_child_.push_back(0);
    // The first child of a leaf takes the leaf's place; every other child is a leaf more.
    if (parent < 0) {
        ++leaves_;
        root_has_child_ = true;
    } else {
        leaves_ += has_child_[parent];
        has_child_[parent] = 1;
    }
    expand(index, candidate.first, candidate.count);
    settle();
}

void Drafter::learn(std::span<const Token> said) {
    int parent = -1;
    for (const Token token : said) {
        int accepted = -1;
        for (int i = parent + 1; i < tree_.size(); ++i) {
            if (tree_.nodes[i].parent != parent) continue;
            const bool right = tree_.nodes[i].token == token;
            acceptance_.learn(tree_.nodes[i].kind, right);
            if (right) accepted = i;
        }
        if (accepted < 0) return;
        parent = accepted;
    }
}

} // namespace reprise::draft
