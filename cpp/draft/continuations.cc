#include "draft/continuations.h"

#include <algorithm>
#include <array>

namespace reprise::draft {

namespace {

using E = Evidence;

/// Occurrences off the alignment by more than this are as good as any others. From 4 to 64 the speed-up on
/// recorded answers is the same to 0.02 %.
constexpr uint32_t near = 16;

/// Writes what does not depend on the occurrences.
void describe_node(const DraftText & text, int depth, const MatchStats::TokenStats & stats, E & e) {
    e[E::depth] = E::log(depth);
    e[E::written] = E::log(text.written() + depth);
    e[E::after_hits] = E::log(stats.after_hits);
    e[E::after_misses] = E::log(stats.after_misses);
}

void describe_token(const MatchStats & match_stats, const MatchStats::TokenStats & stats, E & e) {
    e[E::token_hits] = E::log(stats.hits);
    e[E::token_misses] = E::log(stats.misses);
    e[E::frequency] = match_stats.frequency(stats);
}

void describe_section(Section section, E & e) {
    switch (section) {
    case Section::earlier_prompt:
        break;
    case Section::answer:
        e[E::in_answer] = 1;
        break;
    case Section::question:
        e[E::in_question] = 1;
        break;
    case Section::earlier_output:
        e[E::in_earlier_output] = 1;
        break;
    case Section::document:
        e[E::in_document] = 1;
        break;
    }
}

void describe_group(const OccurrenceGroups & all, const OccurrenceGroups::Group & group, bool is_top,
                    int depth, Section section, E & e) {
    const OccurrenceGroups::Totals & totals = all.totals();
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
    describe_section(section, e);
    if (group.off_alignment <= near) {
        e[E::aligned] = group.off_alignment == 0;
        e[E::near_aligned] = 1.f / static_cast<float>(1 + group.off_alignment);
    }
    e[E::shortened_length] = E::log(group.shortened_length);
    e[E::shortened_count] = E::log(group.shortened_count);
}

} // namespace

void add_continuations(const DraftText & text, int depth, const MatchStats::TokenStats & stats,
                       std::span<const Occurrence> occurrences, const OccurrenceGroups & all,
                       Continuations & continuations) {
    const std::span<const OccurrenceGroups::Group> groups = all.groups();
    if (groups.empty()) return;
    const OccurrenceGroups::Totals & totals = all.totals();
    const MatchStats & match_stats = text.match_stats();
    const MatchStats::Alignment & alignment = match_stats.alignment();
    const size_t known = continuations.size();
    continuations.evidence.resize(known + groups.size());
    // The first one's evidence gets what all have in common, and the others copy it from there.
    E & node = continuations.evidence[known];
    describe_node(text, depth, stats, node);
    node[E::total] = E::log(totals.count);
    node[E::tokens] = E::log(groups.size());
    node[E::top_length] = E::log(totals.top + depth);
    node[E::shortened_total] = E::log(totals.shortened_count);
    node[E::broken_length] = E::log(alignment.length);
    node[E::since_break] = E::log(text.length() + depth - alignment.text_length);
    node[E::recent_rate] = match_stats.recent_rate_after(depth);
    node[E::long_rate] = match_stats.long_rate_after(depth);

    bool top_seen = false;
    E * e = &node;
    for (const OccurrenceGroups::Group & group : groups) {
        const bool is_top = group.length == totals.top && !top_seen;
        top_seen |= is_top;
        const MatchStats::TokenStats & own = match_stats.of(group.token);
        const Occurrence & best = occurrences[group.best];
        const CalibrationBucket bucket = calibration_bucket(group.length + depth, best.source);
        continuations.list.push_back({group.token, best.source, bucket, &own, group.first, group.count});
        describe_group(all, group, is_top, depth, best.section, *e);
        describe_token(match_stats, own, *e);
        if (e != &node)
            std::copy(node.values.begin() + E::first_of_node, node.values.end(),
                      e->values.begin() + E::first_of_node);
        ++e;
    }
}

void add_frequent_tokens(const DraftText & text, Token last, const MatchStats::TokenStats & stats,
                         double best_probability, Continuations & continuations) {
    const MatchStats & match_stats = text.match_stats();
    const std::span<const Token> frequent = match_stats.frequent();
    const size_t known = continuations.size();
    E node;
    describe_node(text, 0, stats, node);
    if (known > 0) {
        node[E::total] = continuations.evidence.front()[E::total];
        node[E::shortened_total] = continuations.evidence.front()[E::shortened_total];
    }
    node[E::tokens] = E::log(known);
    // Here it says how sure the occurrences are of their own tokens.
    node[E::vote_share] = static_cast<float>(best_probability);
    node[E::recent_rate] = match_stats.recent_rate();
    node[E::long_rate] = match_stats.long_rate();

    const CalibrationBucket bucket = calibration_bucket(0, Source::output);
    std::array<bool, MatchStats::max_frequent> has_occurrences{};
    for (const Continuation & continuation : continuations.list)
        for (size_t i = 0; i < frequent.size(); ++i) has_occurrences[i] |= frequent[i] == continuation.token;
    for (size_t i = 0; i < frequent.size(); ++i) {
        if (has_occurrences[i]) continue;
        const MatchStats::TokenStats & own = match_stats.of(frequent[i]);
        continuations.list.push_back({frequent[i], Source::output, bucket, &own});
        E & e = continuations.evidence.emplace_back(node);
        // Here it says whether the token would repeat the one before.
        e[E::lead] = frequent[i] == last;
        describe_token(match_stats, own, e);
    }
}

} // namespace reprise::draft
