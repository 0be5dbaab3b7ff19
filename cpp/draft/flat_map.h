#pragma once

#include <cstddef>
#include <vector>

#include "draft/prefetch.h"
#include "draft/token.h"

namespace reprise::draft {

/// A map from tokens to a trivially copyable value. It is a hash table with open addressing in one vector,
/// two thirds full at most, from which nothing is removed, so that copying it is one memcpy.
template <typename Value> class FlatMap {
public:
    /// The value of `token`, or a null pointer.
    const Value * find(Token token) const {
        if (entries_.empty()) return nullptr;
        for (size_t i = slot(token);; i = (i + 1) & mask()) {
            if (!entries_[i].used) return nullptr;
            if (entries_[i].token == token) return &entries_[i].value;
        }
    }
    Value * find(Token token) { return const_cast<Value *>(static_cast<const FlatMap *>(this)->find(token)); }

    /// The value of `token`, which is made from `initial` where there is none yet. The reference is valid
    /// until the next call of `at`.
    Value & at(Token token, const Value & initial) {
        if (3 * (size_ + 1) > 2 * entries_.size()) grow();
        size_t i = slot(token);
        while (entries_[i].used && entries_[i].token != token) i = (i + 1) & mask();
        if (!entries_[i].used) {
            entries_[i] = {token, true, initial};
            ++size_;
        }
        return entries_[i].value;
    }

    /// Fetches the entry of `token` into the processor's cache while other work goes on.
    void prefetch(Token token) const {
        if (!entries_.empty()) prefetch_memory(&entries_[slot(token)]);
    }

    template <typename Visit> void each(Visit visit) const {
        for (const Entry & entry : entries_)
            if (entry.used) visit(entry.token, entry.value);
    }

    size_t size() const { return size_; }
    size_t bytes() const { return entries_.capacity() * sizeof(Entry); }

private:
    struct Entry {
        Token token = 0;
        bool used = false;
        Value value{};
    };

    size_t mask() const { return entries_.size() - 1; }
    size_t slot(Token token) const {
        // Fibonacci hashing: neighbouring ids spread over the table.
        return (static_cast<uint64_t>(static_cast<uint32_t>(token)) * 0x9e3779b97f4a7c15u >> 32) & mask();
    }
    void grow() {
        std::vector<Entry> old(entries_.empty() ? 16 : 2 * entries_.size());
        old.swap(entries_);
        for (const Entry & entry : old) {
            if (!entry.used) continue;
            size_t i = slot(entry.token);
            while (entries_[i].used) i = (i + 1) & mask();
            entries_[i] = entry;
        }
    }

    std::vector<Entry> entries_;
    size_t size_ = 0;
};

} // namespace reprise::draft
