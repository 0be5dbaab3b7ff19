#include "options.h"

#include <algorithm>
#include <cstdlib>

namespace reprise::draft {

namespace {

using E = Evidence;

/// Places nearer than this to the alignment count as near.
constexpr uint32_t near = 16;

/// A place's vote grows with its match: a long match has ruled out more than a
/// short one.
float vote(const Place & place, int depth) {
    const float length = static_cast<float>(place.length + depth) + 0.5f;
    return length * length * length;
}

/// What the places of one node have in common.
struct Totals {
    float votes = 0;
    int32_t top = INT32_MIN,
            second = INT32_MIN; ///< The two best tokens' longest matches.
    uint32_t top_count = 0;     ///< Places nearly as good as the best.
    uint32_t nearest = UINT32_MAX;
    uint32_t count = 0, tokens = 0, skips = 0;
    int32_t nearly = 0;
};

Totals total(std::span<const Place> places, int depth) {
    Totals t;
    t.count = static_cast<uint32_t>(places.size());
    for (size_t i = 0; i < places.size(); ++i) {
        const Place & p = places[i];
        t.votes += vote(p, depth);
        t.nearest = std::min(t.nearest, p.distance);
        t.skips += p.skip > 0;
        if (i > 0 && p.next[depth] == places[i - 1].next[depth]) continue;
        ++t.tokens;
        t.second = std::max(t.second, std::min(t.top, p.length));
        t.top = std::max(t.top, p.length);
    }
    const int32_t longest = t.top + depth;
    t.nearly = longest - longest / 4 - depth;
    for (const Place & p : places) t.top_count += p.length >= t.nearly;
    return t;
}

/// Sorts the places that go on by token, then by length, the longest first; the
/// order of equals, which is by recency, stays. Appends them to `places`.
std::span<const Place> sort_places(int depth, uint32_t first, uint32_t count, std::vector<Place> & places) {
    thread_local std::vector<std::pair<uint64_t, uint32_t>> keys;
    keys.clear();
    for (uint32_t i = first; i < first + count; ++i) {
        const Place & p = places[i];
        if (p.next + depth >= p.end || p.next[depth] == separator) continue;
        const auto shortness = static_cast<uint32_t>(INT32_MAX - (p.length + depth));
        keys.push_back({static_cast<uint64_t>(static_cast<uint32_t>(p.next[depth])) << 32 | shortness, i});
    }
    if (keys.size() > 1) std::sort(keys.begin(), keys.end());
    const size_t start = places.size();
    places.reserve(start + keys.size());
    for (const auto & key : keys) places.push_back(Place(places[key.second]));
    return std::span(places).subspan(start);
}

/// What does not depend on the places.
void describe_node(const Transcript & transcript, int depth, Token last, E & e) {
    const Experience & experience = transcript.experience();
    const Experience::Fate & after = experience.fate(last);
    e[E::depth] = E::log(depth);
    e[E::written] = E::log(transcript.written() + depth);
    e[E::after_hits] = E::log(after.after_hits);
    e[E::after_misses] = E::log(after.after_misses);
}

void describe_token(const Transcript & transcript, Token token, E & e) {
    const Experience::Fate & fate = transcript.experience().fate(token);
    e[E::token_hits] = E::log(fate.hits);
    e[E::token_misses] = E::log(fate.misses);
    e[E::frequency] = transcript.experience().frequency(fate);
}

void describe_group(std::span<const Place> group, const Totals & totals, int depth, bool is_top, E & e) {
    float votes = 0;
    uint32_t near_top = 0, nearest = UINT32_MAX, shift = UINT32_MAX, skip = 0, skips = 0;
    for (const Place & p : group) {
        votes += vote(p, depth);
        near_top += p.length >= totals.nearly;
        nearest = std::min(nearest, p.distance);
        shift = std::min(shift, static_cast<uint32_t>(std::abs(p.shift)));
        skip = std::max(skip, p.skip);
        skips += p.skip > 0;
    }
    const Place & best = group.front();
    const int length = best.length + depth;
    const int rival = (is_top ? totals.second : totals.top) + depth;
    e[E::length] = E::log(length);
    e[E::short_length] = static_cast<float>(std::min(length, 4));
    e[E::lead] = e[E::length] - (totals.tokens > 1 ? E::log(rival) : 0);
    e[E::vote_share] = votes / totals.votes;
    e[E::count_share] = static_cast<float>(group.size()) / static_cast<float>(totals.count);
    e[E::top_share] = static_cast<float>(near_top) / static_cast<float>(totals.top_count);
    e[E::count] = E::log(group.size());
    e[E::latest] = nearest == totals.nearest;
    e[E::distance] = E::log(nearest);
    if (best.section > 0) e.values[E::in_answer + best.section - 1] = 1;
    if (shift <= near) {
        e[E::aligned] = shift == 0;
        e[E::near_aligned] = 1.f / static_cast<float>(1 + shift);
    }
    e[E::skip_length] = E::log(skip);
    e[E::skip_count] = E::log(skips);
}

} // namespace

void group_options(const Transcript & transcript, int depth, Token last, uint32_t first, uint32_t count,
                   std::vector<Place> & places, std::vector<Option> & options) {
    const std::span<const Place> sorted = sort_places(depth, first, count, places);
    if (sorted.empty()) return;
    const Totals totals = total(sorted, depth);
    const Experience & experience = transcript.experience();
    const Experience::Alignment & alignment = experience.alignment();
    E node;
    describe_node(transcript, depth, last, node);
    node[E::total] = E::log(totals.count);
    node[E::tokens] = E::log(totals.tokens);
    node[E::top_length] = E::log(totals.top + depth);
    node[E::skip_total] = E::log(totals.skips);
    node[E::broken_length] = E::log(alignment.length);
    node[E::since_break] = E::log(transcript.length() + depth - alignment.at);
    node[E::recent_rate] = experience.recent_rate_after(depth);
    node[E::long_rate] = experience.long_rate_after(depth);

    bool top_seen = false;
    const auto start = static_cast<uint32_t>(places.size() - sorted.size());
    for (size_t i = 0, j; i < sorted.size(); i = j) {
        const Token token = sorted[i].next[depth];
        for (j = i + 1; j < sorted.size() && sorted[j].next[depth] == token;) ++j;
        const bool is_top = sorted[i].length == totals.top && !top_seen;
        top_seen |= is_top;
        options.push_back(
            {token, sorted[i].source, {}, start + static_cast<uint32_t>(i), static_cast<uint32_t>(j - i)});
        E & e = options.back().evidence;
        describe_group(sorted.subspan(i, j - i), totals, depth, is_top, e);
        describe_token(transcript, token, e);
        std::copy(node.values.begin() + E::first_of_node, node.values.end(),
                  e.values.begin() + E::first_of_node);
    }
}

void add_frequent_options(const Transcript & transcript, int depth, Token last, double best_probability,
                          std::vector<Option> & options) {
    const size_t known = options.size();
    E node;
    describe_node(transcript, depth, last, node);
    if (known > 0) {
        node[E::total] = options.front().evidence[E::total];
        node[E::skip_total] = options.front().evidence[E::skip_total];
    }
    node[E::tokens] = E::log(known);
    // How sure the places are of their own tokens.
    node[E::vote_share] = static_cast<float>(best_probability);
    node[E::recent_rate] = transcript.experience().recent_rate();
    node[E::long_rate] = transcript.experience().long_rate();
    for (const Token token : transcript.experience().frequent()) {
        if (std::any_of(options.begin(), options.begin() + known,
                        [&](const Option & o) { return o.token == token; }))
            continue;
        options.push_back({token, Source::output, node, 0, 0});
        E & e = options.back().evidence;
        e[E::lead] = token == last;
        describe_token(transcript, token, e);
    }
}

} // namespace reprise::draft
