#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "draft/document.h"
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
    /// Says who searches the documents that are added or shared from then on. By default it is indexes.
    void let_search(std::shared_ptr<Searchers> searchers) { searchers_ = std::move(searchers); }
    /// Takes documents that others hold, too. They are copied when one is added here.
    void share_documents(GrownIndex documents, Source source);
    void share_documents(std::shared_ptr<Document> documents, Source source) {
        of(source) = {std::move(documents), {}};
        searched_ = false;
    }
    void clear_documents(Source source) {
        of(source) = {};
        searched_ = false;
    }
    std::shared_ptr<Document> documents(Source source) const {
        return documents_[static_cast<size_t>(source)].document;
    }

    const SuffixIndex & conversation() const { return conversation_; }
    const MatchStats & match_stats() const { return match_stats_; }
    uint32_t length() const { return static_cast<uint32_t>(conversation_.length()); }
    Token last() const { return length() == 0 ? separator : conversation_[length() - 1]; }
    /// How many tokens of the answer there are so far.
    uint32_t written() const { return length() - answer_; }

    /// Searches the documents for the ends of all these texts, one that several share for all of them at
    /// once. `find_occurrences` does so for a text by itself where this was not called since it changed.
    static void search_documents(std::span<DraftText * const> texts, bool may_measure = true);
    /// Finds the occurrences of the text's end, and of its end with the last token taken away or replaced.
    void find_occurrences(std::vector<Occurrence> & occurrences);

private:
    /// A stretch of prompt or output.
    struct Run {
        uint32_t end;
        Source source;
    };

    /// The documents of one source, as one text.
    struct Documents {
        std::shared_ptr<Document> document; ///< Shared with copies until one of them adds to its own.
        std::vector<Match> matches;         ///< What agrees with the text's end, once they are searched.
    };

    Documents & of(Source source) { return documents_[static_cast<size_t>(source)]; }
    const Run & run_at(uint32_t index) const;
    Section section_of(uint32_t index, const Run & run) const;
    Occurrence occurrence(uint32_t end, int32_t length, uint32_t shortened_length) const;
    void add_resumptions(std::span<const SuffixIndex::Match> shortened,
                         std::vector<Occurrence> & occurrences) const;
    void add_documents(uint32_t longest, std::vector<Occurrence> & occurrences) const;

    SuffixIndex conversation_;
    std::vector<Run> runs_;
    uint32_t question_ = 0; ///< Where the last prompt starts.
    uint32_t answer_ = 0;   ///< Where the answer to it starts.
    MatchStats match_stats_;
    std::shared_ptr<Searchers> searchers_;
    std::array<Documents, source_count> documents_{};
    bool searched_ = false; ///< Whether the documents were searched since the text or they changed.
};

} // namespace reprise::draft
