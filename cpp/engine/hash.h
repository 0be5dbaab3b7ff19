#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace reprise {

/// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), which tells accidents apart, not attacks.
class Fnv1a {
public:
    void add(std::string_view bytes) {
        for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * prime;
    }
    template <typename T>
    requires std::is_arithmetic_v<T>
    void add(T number) { add(std::string_view(reinterpret_cast<const char *>(&number), sizeof number)); }
    /// These take words in place of bytes. That is not the published function, but eight times as fast, and
    /// any one word that differs makes the value differ.
    void add_words(std::span<const uint64_t> words) {
        for (const uint64_t word : words) add_word(word);
    }
    void add_word(uint64_t word) { value_ = (value_ ^ word) * prime; }
    /// A word in this machine's byte order.
    void add_word(std::span<const std::byte, 8> bytes) {
        uint64_t word;
        std::memcpy(&word, bytes.data(), sizeof word);
        add_word(word);
    }
    uint64_t value() const { return value_; }

private:
    static constexpr uint64_t prime = 0x100000001b3ULL;
    uint64_t value_ = 0xcbf29ce484222325ULL;
};

} // namespace reprise
