#pragma once

#include <cstdint>
#include <string>

#include "draft/suffix_index.h"

namespace reprise {

/// The vocabulary whose tokens an index holds.
struct VocabularyId {
    uint64_t fingerprint;
    int32_t size;
};

/// Writes a suffix index: text, trees and roots as they are in memory. The file replaces an older one only
/// when it is whole. Throws Error STATE_IO.
void save_index(const draft::SuffixIndex & index, const VocabularyId & vocabulary, const std::string & path);

/// An index that `save_index` wrote, usable at once: it reads the mapped file, whose pages are copied when
/// the index is changed. The whole file is looked at once, so that a damaged one is an error. Throws Error
/// STATE_IO (unreadable, damaged) and STATE_MISMATCH (another vocabulary, version or byte order).
draft::SuffixIndex open_index(const VocabularyId & vocabulary, const std::string & path);

} // namespace reprise
