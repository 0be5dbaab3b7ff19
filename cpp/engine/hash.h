#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace reprise {

/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): tells accidents apart, not attacks.
class Fnv1a {
public:
    void add(std::string_view bytes) {
        for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    template <typename T>
    requires std::is_arithmetic_v<T>
    void add(T number) { add(std::string_view(reinterpret_cast<const char *>(&number), sizeof number)); }
    uint64_t value() const { return value_; }

private:
    uint64_t value_ = 0xcbf29ce484222325ULL;
};

} // namespace reprise
