#include "draft/transcript.h"

#include <algorithm>
#include <cstdlib>

#include "draft/suffix_search.h"

namespace reprise::draft {

namespace {
constexpr int places_per_level = 12;
constexpr int skips_per_level = 4;
/// Tokens after a break within which a match may be resumed.
constexpr uint32_t resume_reach = 6;
constexpr uint8_t in_answer = 1, in_question = 2, in_earlier_output = 3, in_document = 4;
} // namespace

void Transcript::append(std::span<const Token> tokens, Source source) {
    if (tokens.empty()) return;
    const uint32_t start = length();
    const bool continues = !runs_.empty() && runs_.back().source == source;
    if (!continues) runs_.push_back({start, source});
    runs_.back().end += static_cast<uint32_t>(tokens.size());
    if (source != Source::output) {
        if (!continues) question_ = start;
        answer_ = runs_.back().end;
        conversation_.append(tokens);
        return;
    }
    for (const Token token : tokens) {
        const SuffixIndex::Match match = conversation_.longest_match();
        const Token before = last(), expected = match.length > 0 ? conversation_[match.end] : separator;
        conversation_.append(token);
        experience_.observe(token, before, expected, match.length, match.end, length());
    }
}

void Transcript::truncate(size_t length) {
    if (length >= conversation_.length()) return;
    experience_.truncate(conversation_.text(), length);
    conversation_.truncate(length);
    const auto now = static_cast<uint32_t>(length);
    while (runs_.size() > 1 && runs_[runs_.size() - 2].end >= now) runs_.pop_back();
    runs_.back().end = now;
    if (now == 0) runs_.clear();
    question_ = answer_ = 0;
    for (size_t i = runs_.size(); i-- > 0;) {
        if (runs_[i].source == Source::output) continue;
        question_ = i > 0 ? runs_[i - 1].end : 0;
        answer_ = runs_[i].end;
        break;
    }
}

void Transcript::add_document(std::span<const Token> tokens, Source source, size_t most) {
    auto & slot = documents_[static_cast<int>(source)];
    // Forks read it too: theirs stays as it is.
    if (!slot)
        slot = std::make_shared<SuffixIndex>();
    else if (slot.use_count() > 1)
        slot = std::make_shared<SuffixIndex>(*slot);
    if (slot->length() > 0) slot->append(separator);
    slot->append(tokens);
    if (slot->length() > most) slot->evict(slot->length() - most);
}

const Transcript::Run & Transcript::run_at(uint32_t index) const {
    return *std::upper_bound(runs_.begin(), runs_.end(), index,
                             [](uint32_t i, const Run & run) { return i < run.end; });
}

/// The place that ends before `end`.
Place Transcript::place(uint32_t end, int32_t length, uint32_t skip) const {
    const Run & run = run_at(end);
    uint8_t section = 0;
    if (end >= answer_)
        section = in_answer;
    else if (end >= question_)
        section = in_question;
    else if (run.source == Source::output)
        section = in_earlier_output;
    const Experience::Alignment & alignment = experience_.alignment();
    const int64_t now = this->length(), aligned = alignment.place + (now - alignment.at);
    const std::span<const Token> text = conversation_.text();
    return {text.data() + end,
            text.data() + run.end,
            length,
            static_cast<uint32_t>(now - end),
            alignment.length > 0 ? static_cast<int32_t>(end - aligned) : INT32_MAX,
            skip,
            run.source,
            section};
}

void Transcript::find_places(std::vector<Place> & places) const {
    places.clear();
    if (length() == 0) return;
    thread_local SuffixSearch search, shortened;
    const std::span<const Token> text = conversation_.text();
    search.start(conversation_, text, places_per_level);
    shortened.start(conversation_, text.first(text.size() - 1), skips_per_level);
    bool going_on = true;
    while (going_on) {
        going_on = search.step();
        going_on |= shortened.step();
    }
    const SuffixIndex::Match longest = conversation_.longest_match();
    bool has_longest = longest.length == 0;
    for (const SuffixIndex::Match & match : search.places()) {
        const bool is_longest = match.end == longest.end;
        has_longest |= is_longest;
        places.push_back(place(match.end, is_longest ? longest.length : match.length, 0));
    }
    if (!has_longest) places.push_back(place(longest.end, longest.length, 0));
    add_resumptions(shortened.places(), places);
    for (size_t i = 0; i < source_count; ++i) {
        if (!documents_[i]) continue;
        const std::span<const Token> document = documents_[i]->text();
        search.start(*documents_[i], text, places_per_level);
        search.run();
        // What was said in another conversation says less than what was said in this one.
        const uint32_t least = static_cast<Source>(i) == Source::earlier ? longest.length + 1 : 1;
        for (const SuffixIndex::Match & match : search.places())
            if (match.end < document.size() && match.length >= least)
                places.push_back({document.data() + match.end, document.data() + document.size(),
                                  static_cast<int32_t>(match.length),
                                  static_cast<uint32_t>(document.size() - match.end), INT32_MAX, 0,
                                  static_cast<Source>(i), in_document});
    }
}

/// Places where a copy could go on if the last token was put in place of another one, or between two: on from
/// where the last long match broke, and wherever the text without its last token matches.
void Transcript::add_resumptions(std::span<const SuffixIndex::Match> shortened,
                                 std::vector<Place> & places) const {
    const std::span<const Token> text = conversation_.text();
    const uint32_t now = length();
    const Experience::Alignment & alignment = experience_.alignment();
    const bool resumes = alignment.length > 0 && now - alignment.at < resume_reach;
    const uint32_t aligned = alignment.place + (now - alignment.at);
    const size_t known = places.size();
    if (resumes)
        for (const int off : {0, 1, -1}) {
            const uint32_t end = aligned + off;
            if (end >= now || end == 0) continue;
            const bool found = std::any_of(places.begin(), places.begin() + known,
                                           [&](const Place & p) { return p.next == text.data() + end; });
            if (!found) places.push_back(place(end, text[end - 1] == text[now - 1], 0));
        }
    for (const SuffixIndex::Match & match : shortened)
        for (const uint32_t replaced : {1, 0}) {
            const uint32_t end = match.end + replaced;
            if (match.end >= now - 1 || end >= now) continue;
            if (replaced && text[end - 1] == text[now - 1]) continue;
            if (resumes && end + 1 - aligned <= 2) continue;
            places.push_back(place(end, 0, match.length));
        }
}

} // namespace reprise::draft
