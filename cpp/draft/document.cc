#include "draft/document.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "draft/suffix_search.h"

namespace reprise::draft {

namespace {

template <typename Call> double micros_of(const Call & call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

Document::Document(std::shared_ptr<Searchers> searchers) : searchers_(std::move(searchers)) {
    if (may_have_device() && searchers_->matching == Matching::device)
        on_device([&] { device_ = searchers_->device->make_text(); });
    if (!device_ && !index_) index_ = std::make_shared<SuffixIndex>();
}

Document::Document(GrownIndex index, std::shared_ptr<Searchers> searchers, TextOnDevice before)
    : searchers_(std::move(searchers)), index_(std::move(index.index)), growth_(index.growth) {
    if (before.text && may_have_device()) catch_up(std::move(before));
}

Document::Document(const Document & other)
    : searchers_(other.searchers_), index_(other.index_), growth_(other.growth_), text_(other.text_),
      evicted_(other.evicted_), choice_(other.choice_) {
    if (other.device_) on_device([&] { device_ = other.device_->copy(); });
}

void Document::catch_up(TextOnDevice before) {
    const size_t appended = growth_.appended - before.growth.appended;
    const size_t evicted = growth_.evicted - before.growth.evicted;
    // What is forgotten already cannot be given to the device: it gets the text anew when it is to search.
    if (appended > length() || before.text->length() + appended != length() + evicted) return;
    choice_ = before.choice;
    device_ = std::move(before.text);
    on_device([&] {
        device_->append(text().data() + length() - appended, appended);
        device_->evict(evicted);
    });
}

void Document::append(std::span<const Token> tokens) {
    if (index_) {
        // Others read it, and theirs stays as it is.
        if (index_.use_count() > 1) index_ = std::make_shared<SuffixIndex>(*index_);
        index_->append(tokens);
    } else {
        text_.insert(text_.end(), tokens.begin(), tokens.end());
    }
    if (device_) on_device([&] { device_->append(tokens.data(), tokens.size()); });
}

void Document::evict(size_t count) {
    if (index_) {
        if (index_.use_count() > 1) index_ = std::make_shared<SuffixIndex>(*index_);
        index_->evict(count);
    } else {
        evicted_ += std::min(count, length());
        if (evicted_ > text_.size() / 2) {
            text_.erase(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(evicted_));
            evicted_ = 0;
        }
    }
    if (device_) on_device([&] { device_->evict(count); });
}

void Document::search(std::span<const MatchContext> contexts, int per_level,
                      std::span<std::vector<Match>> found, bool may_measure) {
    if (may_measure && may_have_device() && searchers_->matching == Matching::automatic &&
        SearchChoice::is_worth_trying(length(), contexts.size())) {
        const bool device = choice_.takes_device(contexts.size());
        // What is measured is the search, not that the text gets there.
        if (device && !device_) search_device(contexts, per_level, found);
        bool by_device = false;
        const double micros = micros_of([&] {
            by_device = device && search_device(contexts, per_level, found);
            if (!by_device) search_index(contexts, per_level, found);
        });
        return choice_.observe(contexts.size(), by_device, micros);
    }
    const bool is_forced = searchers_ && searchers_->matching == Matching::device;
    if (!is_forced || !search_device(contexts, per_level, found)) search_index(contexts, per_level, found);
}

void Document::search_index(std::span<const MatchContext> contexts, int per_level,
                            std::span<std::vector<Match>> found) const {
    thread_local SuffixSearch search;
    for (size_t i = 0; i < contexts.size(); ++i) {
        search.start(*index_, {contexts[i].tokens, contexts[i].length}, per_level);
        search.run();
        found[i].assign(search.matches().begin(), search.matches().end());
    }
}

bool Document::search_device(std::span<const MatchContext> contexts, int per_level,
                             std::span<std::vector<Match>> found) {
    if (!device_ && !may_have_device()) return false;
    return on_device([&] {
        if (!device_) {
            auto device = searchers_->device->make_text();
            // The tokens that were evicted last count as what leads to the first places, in an index that has
            // them; here they do not.
            device->append(text().data(), text().size());
            device_ = std::move(device);
        }
        device_->search(contexts.data(), contexts.size(), per_level, found.data());
    });
}

template <typename Call> bool Document::on_device(Call call) {
    try {
        call();
        return true;
    } catch (const std::exception &) {
        leave_device();
        return false;
    }
}

/// Goes on with an index. No document asks this device again: what failed once is likely to fail again.
void Document::leave_device() {
    device_.reset();
    if (searchers_) searchers_->device.reset();
    if (index_) return;
    auto index = std::make_shared<SuffixIndex>();
    index->append(text());
    index_ = std::move(index);
    text_ = {};
    evicted_ = 0;
}

} // namespace reprise::draft
