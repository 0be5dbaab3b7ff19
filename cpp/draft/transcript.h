#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "draft/experience.h"
#include "draft/source.h"
#include "draft/suffix_index.h"
#include "draft/token.h"

namespace reprise::draft {

/// A place whose text agrees with what leads to a node of the draft tree, and what it goes on with.
struct Place {
    const Token * next; ///< What follows the place, from the tree's root on.
    const Token * end;  ///< Where that ends: drafts do not run from an answer into
                        ///< the next prompt.
    int32_t length;     ///< Tokens in agreement before the root.
    uint32_t distance;  ///< Tokens from the place to the end of its text.
    int32_t shift;      ///< Tokens off the alignment (`Experience`).
    uint32_t skip;      ///< Tokens in agreement before the last one, which differs; 0
                        ///< if it agrees.
    Source source;
    uint8_t section; ///< 0: an earlier prompt, else a feature of `Evidence` from
                     ///< `in_answer` on.
};

/// Everything said so far: the conversation, the documents given with it, and what its answers teach.
class Transcript {
public:
    void append(std::span<const Token> tokens, Source source);
    void truncate(size_t length);
    /// Beyond `most` tokens of the source the oldest are forgotten.
    void add_document(std::span<const Token> tokens, Source source, size_t most = SIZE_MAX);
    /// Documents that others hold too: copied when one is added here.
    void share_documents(std::shared_ptr<SuffixIndex> documents, Source source) {
        documents_[static_cast<int>(source)] = std::move(documents);
    }
    void clear_documents(Source source) { documents_[static_cast<int>(source)].reset(); }

    const SuffixIndex & conversation() const { return conversation_; }
    const Experience & experience() const { return experience_; }
    uint32_t length() const { return static_cast<uint32_t>(conversation_.length()); }
    Token last() const { return length() == 0 ? separator : conversation_[length() - 1]; }
    /// Tokens of the answer so far.
    uint32_t written() const { return length() - answer_; }

    /// Places that agree with the present end, the end with its last token taken away or replaced among them.
    void find_places(std::vector<Place> & places) const;

private:
    /// A stretch of prompt or output.
    struct Run {
        uint32_t end;
        Source source;
    };

    const Run & run_at(uint32_t index) const;
    Place place(uint32_t end, int32_t length, uint32_t skip) const;
    void add_resumptions(std::span<const SuffixIndex::Match> shortened, std::vector<Place> & places) const;

    SuffixIndex conversation_;
    std::vector<Run> runs_;
    uint32_t question_ = 0,
             answer_ = 0; ///< Where the last prompt and the answer to it start.
    Experience experience_;
    /// By source; shared with copies until one of them adds to it.
    std::array<std::shared_ptr<SuffixIndex>, source_count> documents_{};
};

} // namespace reprise::draft
