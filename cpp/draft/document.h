#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "draft/device_text.h"
#include "draft/match.h"
#include "draft/search_choice.h"
#include "draft/suffix_index.h"
#include "draft/token.h"

namespace reprise::draft {

/// Who searches documents.
enum class Matching : uint8_t {
    automatic, ///< An index, or a device where that takes less time.
    index,     ///< An index each.
    device     ///< A device; documents that nobody else needs an index of have none.
};

/// Who may search the documents of some drafters, which share it. Without a device it is indexes.
struct Searchers {
    Matching matching = Matching::index;
    std::shared_ptr<TextDevice> device;
};

/// How many tokens a text has gained and lost since it was opened.
struct TextGrowth {
    uint64_t appended = 0;
    uint64_t evicted = 0;
};

/// An index that grows while nobody else holds it, and how far it has.
struct GrownIndex {
    std::shared_ptr<SuffixIndex> index;
    TextGrowth growth;
};

/// What a device has of the text of such an index, while nobody holds the index.
struct TextOnDevice {
    std::unique_ptr<DeviceText> text; ///< None where the device had nothing.
    TextGrowth growth;
    SearchChoice choice;
};

/// A text outside the conversation that drafts are taken from. It lies in the host's memory, since drafts are
/// copied from there, and is searched by an index or by a device. Where a device fails, an index goes on.
class Document {
public:
    explicit Document(std::shared_ptr<Searchers> searchers);
    /// The text of an index that others hold, too. It is copied when tokens are added here.
    /// A device that had the text before it grew is given the new tokens alone.
    Document(GrownIndex index, std::shared_ptr<Searchers> searchers, TextOnDevice before = {});
    Document(const Document & other);
    Document & operator=(const Document &) = delete;

    void append(std::span<const Token> tokens);
    /// Forgets the first `count` tokens. Their memory is given back at times.
    void evict(size_t count);
    size_t length() const { return text().size(); }
    std::span<const Token> text() const {
        return index_ ? index_->text() : std::span<const Token>(text_).subspan(evicted_);
    }

    /// Gives away what the device has. The document is of no more use.
    TextOnDevice leave_on_device() { return {std::move(device_), growth_, choice_}; }

    /// Finds for each context the latest `per_level` places of each level of match lengths that agree with
    /// it, as SuffixSearch does: `found[i]` is for `contexts[i]`. Where the choice is left to it, an index
    /// searches unless `may_measure` lets times decide.
    void search(std::span<const MatchContext> contexts, int per_level, std::span<std::vector<Match>> found,
                bool may_measure = true);

    /// How much memory of the host the document holds, in bytes.
    size_t bytes() const {
        return sizeof *this + (index_ ? index_->bytes() : text_.capacity() * sizeof(Token));
    }

private:
    bool may_have_device() const { return searchers_ && searchers_->device; }
    void search_index(std::span<const MatchContext> contexts, int per_level,
                      std::span<std::vector<Match>> found) const;
    /// Whether the device searched.
    bool search_device(std::span<const MatchContext> contexts, int per_level,
                       std::span<std::vector<Match>> found);
    /// Calls `call`, and gives the device up where that throws.
    template <typename Call> bool on_device(Call call);
    void leave_device();
    void catch_up(TextOnDevice before);

    std::shared_ptr<Searchers> searchers_;
    std::shared_ptr<SuffixIndex> index_; ///< None where the device alone searches.
    TextGrowth growth_;                  ///< Of the index, when it was taken.
    std::vector<Token> text_;            ///< The text where there is no index.
    size_t evicted_ = 0;                 ///< So many tokens of `text_` are evicted.
    std::unique_ptr<DeviceText> device_; ///< It has the same text.
    SearchChoice choice_;
};

} // namespace reprise::draft
