#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "draft/match_stats.h"
#include "draft/source.h"
#include "draft/suffix_index.h"
#include "draft/token.h"

namespace reprise::draft {

/// Where an occurrence stands, as `Evidence` tells it.
enum class Section : uint8_t {
    earlier_prompt, ///< It stands in a prompt that was answered before.
    answer,         ///< It stands in the answer that is being written.
    question,       ///< It stands in the prompt that this answer is for.
    earlier_output, ///< It stands in an answer to an earlier prompt.
    document        ///< It stands outside of the conversation.
};

/// A place in the text that agrees with what leads to a node of the draft tree, and what the text goes on
/// with there.
struct Occurrence {
    const Token * next;    ///< The token that follows the occurrence of what stands before the tree's root.
    const Token * end;     ///< Where copying ends: drafts do not run from an answer into the next prompt.
    int32_t length;        ///< How many tokens agree before the root.
    uint32_t distance;     ///< How many tokens follow, up to the end of the occurrence's text.
    int32_t off_alignment; ///< How far the occurrence is from where the last long match would be by now
                           ///< (`MatchStats::Alignment`), in tokens; INT32_MAX where there is no such match.
    /// How many tokens agree before the text's last token, where that one was replaced or put in; else 0.
    uint32_t shortened_length;
    Source source;
    Section section;
};

/// The text that drafts are taken from: the conversation, the documents given with it, and how well copying
/// has gone in its answers.
class DraftText {
public:
    void append(std::span<const Token> tokens, Source source);
    void truncate(size_t length);
    /// Adds a document. Beyond `max_tokens` tokens of its source the oldest are forgotten.
    void add_document(std::span<const Token> tokens, Source source, size_t max_tokens = SIZE_MAX);
    /// Takes documents that others hold, too. They are copied when one is added here.
    void share_documents(std::shared_ptr<SuffixIndex> documents, Source source) {
        documents_[static_cast<size_t>(source)] = std::move(documents);
    }
    void clear_documents(Source source) { documents_[static_cast<size_t>(source)].reset(); }

    const SuffixIndex & conversation() const { return conversation_; }
    const MatchStats & match_stats() const { return match_stats_; }
    uint32_t length() const { return static_cast<uint32_t>(conversation_.length()); }
    Token last() const { return length() == 0 ? separator : conversation_[length() - 1]; }
    /// How many tokens of the answer there are so far.
    uint32_t written() const { return length() - answer_; }

    /// Finds the occurrences of the text's end, and of its end with the last token taken away or replaced.
    void find_occurrences(std::vector<Occurrence> & occurrences) const;

private:
    /// A stretch of prompt or output.
    struct Run {
        uint32_t end;
        Source source;
    };

    const Run & run_at(uint32_t index) const;
    Section section_of(uint32_t index, const Run & run) const;
    Occurrence occurrence(uint32_t end, int32_t length, uint32_t shortened_length) const;
    void add_resumptions(std::span<const SuffixIndex::Match> shortened,
                         std::vector<Occurrence> & occurrences) const;

    SuffixIndex conversation_;
    std::vector<Run> runs_;
    uint32_t question_ = 0; ///< Where the last prompt starts.
    uint32_t answer_ = 0;   ///< Where the answer to it starts.
    MatchStats match_stats_;
    /// The documents of each source, shared with copies until one of them adds to its own.
    std::array<std::shared_ptr<SuffixIndex>, source_count> documents_{};
};

} // namespace reprise::draft
