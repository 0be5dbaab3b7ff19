#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "draft/document.h"
#include "draft/suffix_index.h"
#include "engine/index_file.h"

namespace reprise {

/// The conversations of ended sessions, which later ones draft from, kept in a file between processes. Any
/// thread may call any method.
class Corpus {
public:
    /// Opens the file at `path`, or starts anew where there is none. Past `max_tokens` the oldest are
    /// forgotten. Throws Error STATE_IO and STATE_MISMATCH as `open_index` does.
    Corpus(std::string path, const VocabularyId & vocabulary, size_t max_tokens);

    /// What it holds now. Nobody changes it: a holder that adds to it has to copy it first.
    std::shared_ptr<draft::SuffixIndex> index() const { return grown_index().index; }
    draft::GrownIndex grown_index() const;
    /// Adds a conversation, unless one that holds it whole is there. Where it throws (std::bad_alloc,
    /// std::length_error) the corpus is whole, as a rule without the conversation.
    void add(std::span<const draft::Token> conversation);
    /// Writes the file where something was added since. Of two processes the last to write prevails. Throws
    /// Error STATE_IO.
    void save();

private:
    draft::SuffixIndex & own();

    const std::string path_;
    const VocabularyId vocabulary_;
    const size_t max_tokens_;

    mutable std::mutex mutex_;
    std::shared_ptr<draft::SuffixIndex> index_;
    draft::TextGrowth growth_;
    bool changed_ = false;
};

} // namespace reprise
