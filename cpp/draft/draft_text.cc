#include "draft/draft_text.h"

#include <algorithm>
#include <cstdlib>

#include "draft/suffix_search.h"

namespace reprise::draft {

namespace {
/// How many of the latest matches count at each level of match lengths. With 6 the speed-up on recorded
/// answers is 0.14 % less; with 24 it is 0.01 % more, and drafting takes longer.
constexpr int matches_per_level = 12;
/// The same of matches without the text's last token. From 2 to 8 the speed-up is the same to 0.05 %.
constexpr int shortened_per_level = 4;
/// A match may be resumed within so many tokens after it broke. From 3 to 12 the speed-up is the same to 0.05
/// %.
constexpr uint32_t resume_reach = 6;
} // namespace

void DraftText::append(std::span<const Token> tokens, Source source) {
    if (tokens.empty()) return;
    searched_ = false;
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
        match_stats_.observe(token, before, expected, match.length, match.end, length());
    }
}

void DraftText::truncate(size_t length) {
    if (length >= conversation_.length()) return;
    searched_ = false;
    match_stats_.truncate(conversation_.text(), length);
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

void DraftText::add_document(std::span<const Token> tokens, Source source, size_t max_tokens) {
    std::shared_ptr<Document> & document = of(source).document;
    // Forks read the documents too, and theirs stay as they are.
    if (!document)
        document = std::make_shared<Document>(searchers_);
    else if (document.use_count() > 1)
        document = std::make_shared<Document>(*document);
    searched_ = false;
    if (document->length() > 0) document->append({&separator, 1});
    document->append(tokens);
    if (document->length() > max_tokens) document->evict(document->length() - max_tokens);
}

void DraftText::share_documents(GrownIndex documents, Source source) {
    share_documents(std::make_shared<Document>(std::move(documents), searchers_), source);
}

const DraftText::Run & DraftText::run_at(uint32_t index) const {
    return *std::upper_bound(runs_.begin(), runs_.end(), index,
                             [](uint32_t i, const Run & run) { return i < run.end; });
}

Section DraftText::section_of(uint32_t index, const Run & run) const {
    if (index >= answer_) return Section::answer;
    if (index >= question_) return Section::question;
    return run.source == Source::output ? Section::earlier_output : Section::earlier_prompt;
}

/// The occurrence that ends before the token `end`.
Occurrence DraftText::occurrence(uint32_t end, int32_t length, uint32_t shortened_length) const {
    const Run & run = run_at(end);
    const MatchStats::Alignment & alignment = match_stats_.alignment();
    const int64_t now = this->length(), aligned = alignment.match_end + (now - alignment.text_length);
    const std::span<const Token> text = conversation_.text();
    return {.next = text.data() + end,
            .end = text.data() + run.end,
            .length = length,
            .distance = static_cast<uint32_t>(now - end),
            .off_alignment = alignment.length > 0 ? static_cast<int32_t>(end - aligned) : INT32_MAX,
            .shortened_length = shortened_length,
            .source = run.source,
            .section = section_of(end, run)};
}

void DraftText::search_documents(std::span<DraftText * const> texts, bool may_measure) {
    thread_local std::vector<MatchContext> contexts;
    thread_local std::vector<std::vector<Match>> found;
    thread_local std::vector<Documents *> sharing;
    for (size_t source = 0; source < source_count; ++source)
        for (size_t first = 0; first < texts.size(); ++first) {
            const Document * const document = texts[first]->documents_[source].document.get();
            const auto shares = [&](const DraftText * text) {
                return text->documents_[source].document.get() == document;
            };
            // The first of those that share it has searched it for all.
            if (!document || std::any_of(texts.begin(), texts.begin() + first, shares)) continue;
            contexts.clear();
            sharing.clear();
            for (DraftText * const text : texts.subspan(first)) {
                if (!shares(text)) continue;
                const std::span<const Token> tokens = text->conversation_.text();
                contexts.push_back({tokens.data(), tokens.size()});
                sharing.push_back(&text->documents_[source]);
            }
            if (found.size() < contexts.size()) found.resize(contexts.size());
            sharing.front()->document->search(contexts, matches_per_level,
                                              std::span(found).first(contexts.size()), may_measure);
            for (size_t i = 0; i < sharing.size(); ++i) sharing[i]->matches.swap(found[i]);
        }
    for (DraftText * const text : texts) text->searched_ = true;
}

void DraftText::find_occurrences(std::vector<Occurrence> & occurrences) {
    occurrences.clear();
    if (length() == 0) return;
    DraftText * const self = this;
    if (!searched_) search_documents({&self, 1});
    thread_local SuffixSearch search, shortened;
    const std::span<const Token> text = conversation_.text();
    search.start(conversation_, text, matches_per_level);
    shortened.start(conversation_, text.first(text.size() - 1), shortened_per_level);
    bool going_on = true;
    while (going_on) {
        going_on = search.step();
        going_on |= shortened.step();
    }
    const SuffixIndex::Match longest = conversation_.longest_match();
    bool has_longest = longest.length == 0;
    for (const SuffixIndex::Match & match : search.matches()) {
        const bool is_longest = match.end == longest.end;
        has_longest |= is_longest;
        occurrences.push_back(occurrence(match.end, is_longest ? longest.length : match.length, 0));
    }
    if (!has_longest) occurrences.push_back(occurrence(longest.end, longest.length, 0));
    add_resumptions(shortened.matches(), occurrences);
    add_documents(longest.length, occurrences);
}

/// Adds the documents' places, given how far the conversation agrees with itself.
void DraftText::add_documents(uint32_t longest, std::vector<Occurrence> & occurrences) const {
    for (size_t i = 0; i < source_count; ++i) {
        const auto & [document, matches] = documents_[i];
        if (!document) continue;
        const auto source = static_cast<Source>(i);
        const std::span<const Token> text = document->text();
        // What stands in another conversation says less than what stands in this one.
        const uint32_t min_length = source == Source::corpus ? longest + 1 : 1;
        for (const Match & match : matches)
            if (match.end < text.size() && match.length >= min_length)
                occurrences.push_back({.next = text.data() + match.end,
                                       .end = text.data() + text.size(),
                                       .length = static_cast<int32_t>(match.length),
                                       .distance = static_cast<uint32_t>(text.size() - match.end),
                                       .off_alignment = INT32_MAX,
                                       .shortened_length = 0,
                                       .source = source,
                                       .section = Section::document});
    }
}

/// Adds the places at which a copy could go on if the last token replaced another one or was put in between
/// two: where the last long match broke, and wherever the text without its last token occurs.
void DraftText::add_resumptions(std::span<const SuffixIndex::Match> shortened,
                                std::vector<Occurrence> & occurrences) const {
    const std::span<const Token> text = conversation_.text();
    const uint32_t now = length();
    const MatchStats::Alignment & alignment = match_stats_.alignment();
    const bool resumes = alignment.length > 0 && now - alignment.text_length < resume_reach;
    const uint32_t aligned = alignment.match_end + (now - alignment.text_length);
    const size_t known = occurrences.size();
    if (resumes)
        for (const int off : {0, 1, -1}) {
            const uint32_t end = aligned + off;
            if (end >= now || end == 0) continue;
            const bool found = std::any_of(occurrences.begin(), occurrences.begin() + known,
                                           [&](const Occurrence & o) { return o.next == text.data() + end; });
            if (!found) occurrences.push_back(occurrence(end, text[end - 1] == text[now - 1], 0));
        }
    for (const SuffixIndex::Match & match : shortened)
        for (const uint32_t replaced : {1, 0}) {
            const uint32_t end = match.end + replaced;
            if (match.end >= now - 1 || end >= now) continue;
            if (replaced && text[end - 1] == text[now - 1]) continue;
            if (resumes && end + 1 - aligned <= 2) continue;
            occurrences.push_back(occurrence(end, 0, match.length));
        }
}

} // namespace reprise::draft
