#include "draft/options.h"

#include <algorithm>
#include <array>

#include "draft/acceptance.h"

namespace reprise::draft {

namespace {

using E = Evidence;

/// Places nearer than this to the alignment count as near.
constexpr uint32_t near = 16;

/// What does not depend on the places.
void describe_node(const Transcript & transcript, int depth, const Experience::Fate & fate, E & e) {
    e[E::depth] = E::log(depth);
    e[E::written] = E::log(transcript.written() + depth);
    e[E::after_hits] = E::log(fate.after_hits);
    e[E::after_misses] = E::log(fate.after_misses);
}

void describe_token(const Experience & experience, const Experience::Fate & fate, E & e) {
    e[E::token_hits] = E::log(fate.hits);
    e[E::token_misses] = E::log(fate.misses);
    e[E::frequency] = experience.frequency(fate);
}

void describe_group(const PlaceGroups & all, const PlaceGroups::Group & group, bool is_top, int depth,
                    std::span<const Place> places, E & e) {
    const PlaceGroups::Totals & totals = all.totals();
    const int length = group.length + depth;
    const int rival = (is_top ? totals.second : totals.top) + depth;
    e[E::length] = E::log(length);
    e[E::short_length] = static_cast<float>(std::min(length, 4));
    e[E::lead] = e[E::length] - (all.groups().size() > 1 ? E::log(rival) : 0);
    e[E::vote_share] = group.votes / totals.votes;
    e[E::count_share] = static_cast<float>(group.count) / static_cast<float>(totals.count);
    e[E::top_share] = static_cast<float>(group.near_top) / static_cast<float>(totals.near_top);
    e[E::count] = E::log(group.count);
    e[E::latest] = group.nearest == totals.nearest;
    e[E::distance] = E::log(group.nearest);
    const uint8_t section = places[group.best].section;
    if (section > 0) e.values[E::in_answer + section - 1] = 1;
    if (group.shift <= near) {
        e[E::aligned] = group.shift == 0;
        e[E::near_aligned] = 1.f / static_cast<float>(1 + group.shift);
    }
    e[E::skip_length] = E::log(group.skip);
    e[E::skip_count] = E::log(group.skips);
}

} // namespace

void add_place_options(const Transcript & transcript, int depth, const Experience::Fate & fate,
                       std::span<const Place> places, const PlaceGroups & all, Options & options) {
    const std::span<const PlaceGroups::Group> groups = all.groups();
    if (groups.empty()) return;
    const PlaceGroups::Totals & totals = all.totals();
    const Experience & experience = transcript.experience();
    const Experience::Alignment & alignment = experience.alignment();
    const size_t known = options.size();
    options.evidence.resize(known + groups.size());
    // What the options have in common is written once, into the first one's evidence.
    E & node = options.evidence[known];
    describe_node(transcript, depth, fate, node);
    node[E::total] = E::log(totals.count);
    node[E::tokens] = E::log(groups.size());
    node[E::top_length] = E::log(totals.top + depth);
    node[E::skip_total] = E::log(totals.skips);
    node[E::broken_length] = E::log(alignment.length);
    node[E::since_break] = E::log(transcript.length() + depth - alignment.at);
    node[E::recent_rate] = experience.recent_rate_after(depth);
    node[E::long_rate] = experience.long_rate_after(depth);

    bool top_seen = false;
    E * e = &node;
    for (const PlaceGroups::Group & group : groups) {
        const bool is_top = group.length == totals.top && !top_seen;
        top_seen |= is_top;
        const Experience::Fate & own = experience.fate(group.token);
        const Source source = places[group.best].source;
        const auto kind = static_cast<uint8_t>(Acceptance::kind_of(group.length + depth, source));
        options.list.push_back({group.token, source, kind, &own, group.first, group.count});
        describe_group(all, group, is_top, depth, places, *e);
        describe_token(experience, own, *e);
        if (e != &node)
            std::copy(node.values.begin() + E::first_of_node, node.values.end(),
                      e->values.begin() + E::first_of_node);
        ++e;
    }
}

void add_frequent_options(const Transcript & transcript, Token last, const Experience::Fate & fate,
                          double best_probability, Options & options) {
    const Experience & experience = transcript.experience();
    const std::span<const Token> frequent = experience.frequent();
    const size_t known = options.size();
    E node;
    describe_node(transcript, 0, fate, node);
    if (known > 0) {
        node[E::total] = options.evidence.front()[E::total];
        node[E::skip_total] = options.evidence.front()[E::skip_total];
    }
    node[E::tokens] = E::log(known);
    // How sure the places are of their own tokens.
    node[E::vote_share] = static_cast<float>(best_probability);
    node[E::recent_rate] = experience.recent_rate();
    node[E::long_rate] = experience.long_rate();

    const auto kind = static_cast<uint8_t>(Acceptance::kind_of(0, Source::output));
    std::array<bool, Experience::most_frequent> has_places{};
    for (const Option & option : options.list)
        for (size_t i = 0; i < frequent.size(); ++i) has_places[i] |= frequent[i] == option.token;
    for (size_t i = 0; i < frequent.size(); ++i) {
        if (has_places[i]) continue;
        const Experience::Fate & own = experience.fate(frequent[i]);
        options.list.push_back({frequent[i], Source::output, kind, &own});
        E & e = options.evidence.emplace_back(node);
        e[E::lead] = frequent[i] == last;
        describe_token(experience, own, e);
    }
}

} // namespace reprise::draft
