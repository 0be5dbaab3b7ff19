#include "engine/top_p.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace reprise {

namespace {

/// Falls as the float rises, for all but NaN: the bits of a float are in the order of its magnitude.
uint32_t falling_key(float value) {
    const auto bits = std::bit_cast<uint32_t>(value + 0.0f); // there is one zero
    return bits & 0x80000000u ? bits : ~bits & 0x7fffffffu;
}

/// Probabilities of one exponent and one eighth of its range share a class.
constexpr int class_shift = 20;
constexpr size_t classes = (std::bit_cast<uint32_t>(1.0f) >> class_shift) + 1;
/// Of what is no number, as of an infinite logit, it is the last.
size_t class_of(float probability) {
    return std::min<size_t>(std::bit_cast<uint32_t>(probability) >> class_shift, classes - 1);
}

/// Sets all probabilities. Returns the sum of each class.
std::array<double, classes> set_probabilities(llama_token_data_array & array) {
    float highest = array.data[0].logit;
    for (size_t i = 1; i < array.size; ++i) highest = std::max(highest, array.data[i].logit);
    float sum = 0;
    for (size_t i = 0; i < array.size; ++i) {
        array.data[i].p = std::exp(array.data[i].logit - highest);
        sum += array.data[i].p;
    }
    std::array<double, classes> sums{};
    for (size_t i = 0; i < array.size; ++i) {
        array.data[i].p /= sum;
        sums[class_of(array.data[i].p)] += array.data[i].p;
    }
    return sums;
}

/// The tokens of at least this probability add up to the share, and to a thousandth more, for what is lost
/// where they are added as floats.
float least_probable(const std::array<double, classes> & sums, double share) {
    double sum = 0;
    for (size_t i = classes; i-- > 0;) {
        sum += sums[i];
        if (sum >= 1.001 * share) return std::bit_cast<float>(static_cast<uint32_t>(i) << class_shift);
    }
    return 0;
}

/// By the upper half, which sorts some hundred thousand items in a fifth of std::sort's time.
void radix_sort(std::vector<uint64_t> & items, std::vector<uint64_t> & buffer) {
    constexpr int bits = 11;
    constexpr size_t digits = size_t{1} << bits;
    constexpr int passes = 3;
    const auto digit = [](uint64_t item, int pass) { return (item >> (32 + pass * bits)) % digits; };
    std::array<std::array<uint32_t, digits>, passes> starts{};
    for (const uint64_t item : items)
        for (int pass = 0; pass < passes; ++pass) ++starts[pass][digit(item, pass)];
    buffer.resize(items.size());
    for (int pass = 0; pass < passes; ++pass) {
        uint32_t start = 0;
        for (uint32_t & one : starts[pass]) start += std::exchange(one, start);
        for (const uint64_t item : items) buffer[starts[pass][digit(item, pass)]++] = item;
        items.swap(buffer);
    }
}

} // namespace

void TopP::sort(const llama_token_data_array & array, float least_probable) {
    items_.clear();
    for (size_t i = 0; i < array.size; ++i)
        if (!(array.data[i].p < least_probable)) // what is no number comes along
            items_.push_back(static_cast<uint64_t>(falling_key(array.data[i].logit)) << 32 | i);
    if (items_.size() < 2048) // where the digits' tables take longer
        std::sort(items_.begin(), items_.end());
    else
        radix_sort(items_, buffer_);
}

size_t TopP::count(const llama_token_data_array & array) const {
    float sum = 0;
    for (size_t i = 0; i < items_.size(); ++i) {
        sum += array.data[static_cast<uint32_t>(items_[i])].p;
        if (sum >= share_) return i + 1;
    }
    return 0;
}

void TopP::apply(llama_token_data_array & array) {
    const auto sums = set_probabilities(array);
    sort(array, least_probable(sums, share_));
    size_t kept = count(array);
    if (kept == 0) {
        sort(array, 0);
        kept = count(array);
    }
    // Rounded, all of them may add up to less than the share.
    if (kept == 0) kept = array.size;
    kept_.clear();
    for (size_t i = 0; i < kept; ++i) kept_.push_back(array.data[static_cast<uint32_t>(items_[i])]);
    std::copy(kept_.begin(), kept_.end(), array.data);
    array.size = kept;
    array.sorted = true;
}

} // namespace reprise
