// How long it takes to find the latest places of every level of match lengths in a text of random words and
// quotations, for 1, 8 and 64 contexts at once: by an index, bounded and exact; by the host's twin of the
// kernels; and, in a build with CUDA, by the device, beside the copy bandwidth of its memory. Prints JSON.
//   reprise-matching <tokens,…>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "device/text_twin.h"
#include "draft/suffix_search.h"

#ifdef REPRISE_HAS_CUDA
#include "device/cuda_memory.h"
#include "device/cuda_text.h"
#endif

using namespace reprise::draft;

namespace {

constexpr int per_level = 12;
constexpr size_t index_limit = 20'000'000; ///< A longer text's index takes too long to make.
constexpr int max_rounds = 200;
constexpr size_t twin_limit = 2'000'000;

template <typename Call> double seconds_of(const Call & call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median of microseconds that `call(round)` takes, in some rounds within a second.
template <typename Call> double micros_of(const Call & call) {
    std::vector<double> times;
    double sum = 0;
    for (int round = 0; round < 3 || (sum < 1 && round < max_rounds); ++round) {
        times.push_back(seconds_of([&] { call(round); }));
        sum += times.back();
    }
    std::ranges::nth_element(times, times.begin() + times.size() / 2);
    return 1e6 * times[times.size() / 2];
}

std::vector<Token> text_of(size_t length) {
    std::mt19937_64 random(length);
    std::vector<Token> text;
    text.reserve(length);
    // Zipf's frequencies over a vocabulary of 100,000, and a third of quotations.
    while (text.size() < length) {
        const size_t count = std::min<size_t>(length - text.size(), 20 + random() % 80);
        if (text.size() > 1000 && random() % 3 == 0) {
            const size_t from = random() % (text.size() - count);
            for (size_t i = 0; i < count; ++i) text.push_back(text[from + i]);
        } else {
            for (size_t i = 0; i < count; ++i)
                text.push_back(static_cast<Token>(
                    std::pow(1e5, static_cast<double>(random() >> 11) / static_cast<double>(1ull << 53))));
        }
    }
    return text;
}

struct Contexts {
    std::vector<std::vector<Token>> tokens;
    std::vector<MatchContext> asked;
};

Contexts contexts_of(const std::vector<Token> & text, size_t count, int round) {
    std::mt19937_64 random(1000 * round + count);
    Contexts contexts;
    for (size_t i = 0; i < count; ++i) {
        const auto from = static_cast<std::ptrdiff_t>(random() % (text.size() - 40));
        contexts.tokens.emplace_back(text.begin() + from, text.begin() + from + 4 + random() % 36);
    }
    for (const auto & context : contexts.tokens) contexts.asked.push_back({context.data(), context.size()});
    return contexts;
}

class Rows {
public:
    void add(size_t tokens, size_t contexts, const std::string & by, double micros) {
        std::printf("%s  {\"tokens\": %zu, \"contexts\": %zu, \"by\": \"%s\", \"micros\": %.2f}",
                    first_ ? "" : ",\n", tokens, contexts, by.c_str(), micros);
        std::fflush(stdout);
        first_ = false;
    }

private:
    bool first_ = true;
};

void measure_index(const std::vector<Token> & text, Rows & rows) {
    SuffixIndex index;
    rows.add(text.size(), 0, "making the index", 1e6 * seconds_of([&] { index.append(text); }));
    for (const auto & [effort, name] :
         {std::pair{SearchEffort::bounded, "index"}, {SearchEffort::exact, "exact index"}})
        for (const size_t count : {1, 8, 64}) {
            SuffixSearch search;
            std::vector<Contexts> contexts;
            for (int round = 0; round < max_rounds; ++round)
                contexts.push_back(contexts_of(text, count, round));
            rows.add(text.size(), count, name, micros_of([&](int round) {
                         for (const MatchContext & context : contexts[round].asked) {
                             search.start(index, {context.tokens, context.length}, per_level, effort);
                             search.run();
                         }
                     }));
        }
}

void measure_text(DeviceText & on, const std::vector<Token> & text, const char * name, Rows & rows) {
    rows.add(text.size(), 0, std::string("copying to the ") + name,
             1e6 * seconds_of([&] { on.append(text.data(), text.size()); }));
    std::vector<std::vector<Match>> found(64);
    for (const size_t count : {1, 8, 64}) {
        std::vector<Contexts> contexts;
        for (int round = 0; round < max_rounds; ++round) contexts.push_back(contexts_of(text, count, round));
        rows.add(text.size(), count, name, micros_of([&](int round) {
                     on.search(contexts[round].asked.data(), count, per_level, found.data());
                 }));
    }
}

#ifdef REPRISE_HAS_CUDA
/// Bytes read and written a microsecond by a copy within the device's memory.
void measure_bandwidth(Rows & rows) {
    using namespace reprise::device;
    constexpr size_t bytes = size_t{1} << 29;
    DeviceBuffer<char> from, to;
    from.reserve(bytes);
    to.reserve(bytes);
    const CudaStream stream;
    const double micros = micros_of([&](int) {
        require_success(
            cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, stream.get()), "copy");
        stream.synchronize();
    });
    // As many bytes as a text of so many tokens has, read and written.
    rows.add(2 * bytes / sizeof(Token), 0, "copy bandwidth", micros);
}
#endif

} // namespace

int main(int count, char ** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s <tokens,...>\n", arguments[0]);
        return 2;
    }
    Rows rows;
    std::printf("[\n");
#ifdef REPRISE_HAS_CUDA
    const auto device = reprise::device::cuda_text_device();
    measure_bandwidth(rows);
#endif
    for (const char * at = arguments[1]; *at != '\0';) {
        char * end = nullptr;
        const auto length = static_cast<size_t>(std::strtod(at, &end));
        if (end == at || length < 1000) {
            std::fprintf(stderr, "Expected numbers from 1000 on but received %s\n", at);
            return 2;
        }
        at = *end == ',' ? end + 1 : end;
        const std::vector<Token> text = text_of(length);
        if (length <= index_limit) measure_index(text, rows);
        if (length <= twin_limit) {
            reprise::device::TextTwin twin;
            measure_text(twin, text, "twin", rows);
        }
#ifdef REPRISE_HAS_CUDA
        const auto on_device = device->make_text();
        measure_text(*on_device, text, "device", rows);
#endif
    }
    std::printf("\n]\n");
    return 0;
}
