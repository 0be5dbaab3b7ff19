// The kernel that matches against its twin, where there is a device. scripts/gpu/compile.sh sees that it
// compiles.
#ifdef REPRISE_HAS_CUDA

#include "device/cuda_text.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "cuda_cases.h"
#include "device/cuda_presence.h"
#include "device/text_twin.h"
#include "random_text.h"

using namespace reprise::draft;
using namespace reprise::device;

namespace {

/// A text on a device and in the twin.
class Pair {
public:
    explicit Pair(TextDevice & device) : on_device_(device.make_text()) {}

    size_t length() const { return twin_.length(); }
    void append(const Text & passage) {
        on_device_->append(passage.data(), passage.size());
        twin_.append(passage.data(), passage.size());
    }
    void truncate(size_t length) {
        on_device_->truncate(length);
        twin_.truncate(length);
    }
    void evict(size_t count) {
        on_device_->evict(count);
        twin_.evict(count);
    }
    void become_a_copy() { on_device_ = on_device_->copy(); }

    /// Whether both find the same for all contexts, in one launch.
    bool agree(const std::vector<Text> & contexts, int per_level) const {
        std::vector<MatchContext> asked;
        for (const Text & context : contexts) asked.push_back({context.data(), context.size()});
        // What the last search left must not count.
        std::vector<std::vector<Match>> found(contexts.size(), {{77, 77}}), expected(contexts.size());
        on_device_->search(asked.data(), asked.size(), per_level, found.data());
        twin_.search(asked.data(), asked.size(), per_level, expected.data());
        const auto is_same = [](const Match & a, const Match & b) {
            return a.length == b.length && a.end == b.end;
        };
        return std::ranges::equal(found, expected, [&](const auto & a, const auto & b) {
            return std::ranges::equal(a, b, is_same);
        });
    }

private:
    std::unique_ptr<DeviceText> on_device_;
    TextTwin twin_;
};

bool has_device() {
    if (cuda_presence().devices > 0) return true;
    MESSAGE("skipped: there is no CUDA device");
    return false;
}

/// Searches a text that changes, and returns how many contexts were searched for.
int search_changing_text(Choices & choices, TextDevice & device, size_t longest) {
    Pair pair(device);
    Text text;
    int searches = 0;
    for (int step = 0; step < 8; ++step) {
        const size_t length = pair.length();
        switch (choices.below(8)) {
        case 0:
            pair.truncate(choices.below(length + 1));
            break;
        case 1:
            pair.evict(choices.below(length + 1));
            break;
        case 2:
            pair.become_a_copy();
            break;
        default: {
            const Text passage =
                choices.below(4) == 0 ? choices.stretch(longest) : choices.passage(text, longest);
            pair.append(passage);
            text.insert(text.end(), passage.begin(), passage.end());
        }
        }
        std::vector<Text> contexts;
        for (size_t k = 1 + choices.below(70); k > 0; --k)
            contexts.push_back(choices.below(8) == 0 ? Text() : choices.passage(text, 60));
        CHECK(pair.agree(contexts, 1 + static_cast<int>(choices.below(DeviceText::max_per_level))));
        searches += static_cast<int>(contexts.size());
    }
    return searches;
}

} // namespace

TEST_CASE("cuda: a text on a device is searched as its twin is, while it changes") {
    if (!has_device()) return;
    const auto device = cuda_text_device();
    const unsigned seed = std::random_device()();
    CAPTURE(seed);
    Choices choices(seed);
    for (int searches = 0; searches < cuda_cases(100'000);)
        searches += search_changing_text(choices, *device, choices.below(20) == 0 ? 20'000 : 200);
}

TEST_CASE("cuda: a text of a million tokens is searched as its twin is") {
    if (!has_device()) return;
    const auto device = cuda_text_device();
    const unsigned seed = std::random_device()();
    CAPTURE(seed);
    Choices choices(seed);
    Pair pair(*device);
    Text text;
    while (text.size() < static_cast<size_t>(cuda_cases(1'000'000))) {
        const Text passage = choices.passage(text, 5'000);
        pair.append(passage);
        text.insert(text.end(), passage.begin(), passage.end());
    }
    for (const size_t count : {1, 7, 8, 64}) {
        std::vector<Text> contexts(count);
        for (Text & context : contexts) context = choices.passage(text, 80);
        CHECK(pair.agree(contexts, 12));
        pair.evict(1'000);
        pair.truncate(pair.length() - 1'000);
    }
}

#endif
