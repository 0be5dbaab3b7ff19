#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "draft/device_text.h"
#include "draft/suffix_search.h"

namespace reprise::draft {

/// Searches of a device in a test.
struct DeviceSearches {
    int searches = 0;
    size_t appended = 0;      ///< tokens, to all its texts
    size_t most_contexts = 0; ///< of one search
    int fails_after = -1;     ///< Searches fail from this one on; never where it is negative.
};

/// In place of a device, an index that is searched exactly.
class IndexText final : public DeviceText {
public:
    explicit IndexText(std::shared_ptr<DeviceSearches> searches) : searches_(std::move(searches)) {}
    std::unique_ptr<DeviceText> copy() const override { return std::make_unique<IndexText>(*this); }
    void append(const Token * tokens, size_t count) override {
        searches_->appended += count;
        index_.append(std::span(tokens, count));
    }
    void truncate(size_t length) override { index_.truncate(length); }
    void evict(size_t count) override { index_.evict(count); }
    size_t length() const override { return index_.length(); }
    void search(const MatchContext * contexts, size_t count, int per_level,
                std::vector<Match> * found) const override {
        if (searches_->searches++ == searches_->fails_after) throw std::runtime_error("The device is gone");
        searches_->most_contexts = std::max(searches_->most_contexts, count);
        SuffixSearch search;
        for (size_t i = 0; i < count; ++i) {
            search.start(index_, {contexts[i].tokens, contexts[i].length}, per_level, SearchEffort::exact);
            search.run();
            found[i].assign(search.matches().begin(), search.matches().end());
        }
    }

private:
    SuffixIndex index_;
    std::shared_ptr<DeviceSearches> searches_;
};

class IndexDevice final : public TextDevice {
public:
    std::unique_ptr<DeviceText> make_text() override { return std::make_unique<IndexText>(searches); }

    const std::shared_ptr<DeviceSearches> searches = std::make_shared<DeviceSearches>();
};

} // namespace reprise::draft
