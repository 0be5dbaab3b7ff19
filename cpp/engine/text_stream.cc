#include "engine/text_stream.h"

#include <algorithm>

namespace reprise {

size_t complete_utf8_length(std::string_view text) {
    const size_t size = text.size();
    for (size_t back = 1; back <= std::min<size_t>(3, size); ++back) {
        const auto byte = static_cast<unsigned char>(text[size - back]);
        if (byte < 0x80) return size;
        if (byte < 0xC0) continue;
        const size_t length = byte >= 0xF8 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return length > back ? size - back : size;
    }
    return size;
}

bool TextStream::push(std::string_view bytes, std::optional<draft::Source> source) {
    return append(bytes, {source, 0, true});
}

bool TextStream::push_hidden(std::string_view bytes) {
    return append(bytes, {std::nullopt, 0, false});
}

bool TextStream::append(std::string_view bytes, Run run) {
    held_runs_.push_back(run);
    for (const char byte : bytes) {
        held_ += byte;
        ++held_runs_.back().bytes;
        const bool at_end = run.shown || held_runs_.back().bytes == bytes.size();
        const bool in_all = all_.push(byte) && at_end && begins_at_token(all_.matched().size());
        const bool in_shown = run.shown && shown_.push(byte);
        if (!in_all && !in_shown) continue;
        const size_t from_all = in_all ? all_.matched().size() : 0;
        const size_t from_shown = in_shown ? held_for(shown_.matched().size()) : 0;
        // Of two stop strings that end here the longer one began first.
        if (from_all > from_shown)
            end_before(from_all, all_.matched());
        else
            end_before(from_shown, shown_.matched());
        return false;
    }
    const size_t pending = std::max(held_for(shown_.pending()), all_.pending());
    release(complete_utf8_length(std::string_view(held_).substr(0, held_.size() - pending)));
    return true;
}

bool TextStream::begins_at_token(size_t length) const {
    for (auto run = held_runs_.rbegin(); run != held_runs_.rend(); ++run) {
        if (length <= run->bytes) return run->shown || (length == run->bytes && !run->begun);
        length -= run->bytes;
    }
    return false; // This is not reached: what a stop string may begin with is held.
}

size_t TextStream::held_for(size_t shown) const {
    size_t held = 0;
    for (auto run = held_runs_.rbegin(); run != held_runs_.rend() && shown > 0; ++run) {
        if (!run->shown) {
            held += run->bytes;
            continue;
        }
        const size_t part = std::min(shown, run->bytes);
        held += part;
        shown -= part;
    }
    return held;
}

void TextStream::end_before(size_t bytes, const std::string & stop) {
    stop_ = stop;
    release(held_.size() - bytes);
    held_.clear();
    held_runs_.clear();
}

void TextStream::finish() {
    release(held_.size());
}

/// A character whose bytes come from several tokens belongs to the one that completes it.
void TextStream::start_run(std::optional<draft::Source> source) {
    if (ready_.empty()) {
        ready_.push_back({{}, source});
        return;
    }
    Segment & last = ready_.back();
    if (last.source == source) return;
    const size_t whole = complete_utf8_length(last.text);
    std::string begun = last.text.substr(whole);
    last.text.resize(whole);
    if (last.text.empty()) ready_.pop_back();
    if (ready_.empty() || ready_.back().source != source) ready_.push_back({{}, source});
    ready_.back().text += begun;
}

void TextStream::release(size_t bytes) {
    size_t offset = 0;
    size_t used = 0;
    for (Run & run : held_runs_) {
        const size_t part = std::min(run.bytes, bytes - offset);
        if (part > 0 && run.shown) {
            start_run(run.source);
            ready_.back().text.append(held_, offset, part);
        }
        offset += part;
        run.bytes -= part;
        run.begun = run.begun || part > 0;
        if (run.bytes > 0) break;
        ++used;
    }
    held_runs_.erase(held_runs_.begin(), held_runs_.begin() + used);
    held_.erase(0, offset);
}

std::vector<Segment> TextStream::take() {
    std::vector<Segment> taken;
    taken.swap(ready_);
    return taken;
}

} // namespace reprise
