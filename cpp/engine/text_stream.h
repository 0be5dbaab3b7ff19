#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "draft/source.h"
#include "engine/stop_matcher.h"

namespace reprise {

/// A piece of text whose tokens all come from one source.
struct Segment {
    std::string text;
    std::optional<draft::Source> source; ///< none where no draft held its tokens
};

/// Turns token bytes into text that can be shown: whole UTF-8 characters, nothing of a stop string.
class TextStream {
public:
    /// `hidden_stops` are those of `stops` that hold the text of a hidden token.
    explicit TextStream(std::vector<std::string> stops, std::vector<std::string> hidden_stops = {})
        : shown_(std::move(stops)), all_(std::move(hidden_stops)) {}

    /// Appends a token's bytes. Returns false once a stop string is complete: the text ends before it.
    bool push(std::string_view bytes, std::optional<draft::Source> source);
    /// Appends a token whose text is not shown, but which stop strings that hold all of it find. Returns as
    /// `push`.
    bool push_hidden(std::string_view bytes);
    /// Whether there are stop strings that hold the text of a hidden token.
    bool finds_hidden() const { return !all_.empty(); }
    /// Releases what was held back. It is called once, at the end.
    void finish();
    /// The stop string that ended the text; it is empty where none did.
    const std::string & stop() const { return stop_; }
    /// What has become fit to be shown since the last call. Neighbours of one source are one segment.
    std::vector<Segment> take();

private:
    /// What is held of one token.
    struct Run {
        std::optional<draft::Source> source;
        size_t bytes; ///< how many bytes are held
        bool shown;
        bool begun = false; ///< whether its first bytes were released
    };

    bool append(std::string_view bytes, Run run);
    /// Whether the last `length` bytes begin outside of hidden tokens, or with one.
    bool begins_at_token(size_t length) const;
    /// Ends the text before the last `bytes` of what is held.
    void end_before(size_t bytes, const std::string & stop);
    /// How many bytes at the end of `held_` hold `shown` bytes that are shown.
    size_t held_for(size_t shown) const;
    void release(size_t bytes);
    void start_run(std::optional<draft::Source> source);

    StopMatcher shown_; ///< reads what is shown
    StopMatcher all_;   ///< reads what is shown and what is hidden
    std::string held_;  ///< bytes that may yet become part of a stop string or of a character
    std::vector<Run> held_runs_;
    std::vector<Segment> ready_; ///< what `take` gives
    std::string stop_;
};

/// The length of `text` without a UTF-8 character at its end that more bytes could complete.
size_t complete_utf8_length(std::string_view text);

} // namespace reprise
