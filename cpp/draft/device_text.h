#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "draft/match.h"
#include "draft/token.h"

// For CUDA's compiler too: C++17.

namespace reprise::draft {

/// A text that a device holds and searches. It needs 4 bytes a token and no index. Any thread may search it
/// while nobody changes it. What fails on the device throws a std::runtime_error; the text is of no use after
/// that.
class DeviceText {
public:
    /// No search takes more places of a level.
    static constexpr int max_per_level = 16;

    virtual ~DeviceText() = default;

    virtual std::unique_ptr<DeviceText> copy() const = 0;
    virtual void append(const Token * tokens, size_t count) = 0;
    /// Rolls the text back to its first `length` tokens.
    virtual void truncate(size_t length) = 0;
    /// Forgets the first `count` tokens, as SuffixIndex::evict does.
    virtual void evict(size_t count) = 0;
    virtual size_t length() const = 0;

    /// Finds for each context what an exact SuffixSearch finds, the latest first, in one go: `found[i]` is
    /// for `contexts[i]`. `per_level` is 1 to `max_per_level`.
    virtual void search(const MatchContext * contexts, size_t count, int per_level,
                        std::vector<Match> * found) const = 0;

protected:
    DeviceText() = default;
    DeviceText(const DeviceText &) = default;
    DeviceText & operator=(const DeviceText &) = default;
};

/// A device that can hold texts.
class TextDevice {
public:
    virtual ~TextDevice() = default;
    /// An empty text.
    virtual std::unique_ptr<DeviceText> make_text() = 0;
};

} // namespace reprise::draft
