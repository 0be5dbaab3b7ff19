#include "engine/corpus.h"

#include <atomic>
#include <filesystem>

#include "engine/atomic_write.h"
#include "engine/error.h"
#include "engine/file_path.h"

namespace reprise {

namespace {

std::shared_ptr<draft::SuffixIndex> open(const std::string & path, const VocabularyId & vocabulary) {
    const auto file = follow_links(path);
    remove_abandoned_parts(file);
    std::error_code unknown;
    if (std::filesystem::exists(file, unknown))
        return std::make_shared<draft::SuffixIndex>(open_index(vocabulary, path));
    const auto folder = std::filesystem::absolute(file, unknown).parent_path();
    if (unknown || !std::filesystem::is_directory(folder, unknown))
        throw Error(ErrorCode::state_io,
                    "The corpus " + path + " cannot be kept: its folder does not exist; create it");
    return std::make_shared<draft::SuffixIndex>();
}

} // namespace

Corpus::Corpus(std::string path, const VocabularyId & vocabulary, size_t max_tokens)
    : path_(std::move(path)), vocabulary_(vocabulary), max_tokens_(max_tokens),
      index_(open(path_, vocabulary)) {}

draft::GrownIndex Corpus::grown_index() const {
    const std::lock_guard lock(mutex_);
    return {index_, growth_};
}

void Corpus::add(std::span<const draft::Token> conversation) {
    if (conversation.size() > max_tokens_) conversation = conversation.last(max_tokens_);
    if (conversation.empty()) return;
    const std::lock_guard lock(mutex_);
    draft::SuffixIndex & index = own();
    const size_t before = index.length();
    try {
        if (before > 0) index.append(draft::separator);
        index.append(conversation);
    } catch (...) {
        index.truncate(before);
        throw;
    }
    if (index.longest_match().length >= conversation.size()) {
        index.truncate(before);
        return;
    }
    changed_ = true;
    growth_.appended += index.length() - before;
    if (index.length() <= max_tokens_) return;
    growth_.evicted += index.length() - max_tokens_;
    index.evict(index.length() - max_tokens_);
}

void Corpus::save() {
    const std::lock_guard lock(mutex_);
    if (!changed_) return;
    // What was forgotten is not written.
    own().compact();
    save_index(*index_, vocabulary_, path_);
    changed_ = false;
}

/// The index, this corpus's alone.
draft::SuffixIndex & Corpus::own() {
    if (index_.use_count() > 1)
        index_ = std::make_shared<draft::SuffixIndex>(*index_);
    else
        std::atomic_thread_fence(std::memory_order_acquire); // after whatever the last other holder read
    return *index_;
}

} // namespace reprise
