#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "draft/source.h"

namespace reprise {

/// Finds the first complete stop string in a byte stream, byte by byte (Knuth, Morris, Pratt 1977).
class StopMatcher {
public:
    explicit StopMatcher(std::vector<std::string> stops);

    /// Takes one byte; true when it completes a stop string.
    bool push(char byte);
    /// Whether there is anything to find.
    bool empty() const { return patterns_.empty(); }
    /// After a match: the stop string.
    const std::string & matched() const { return patterns_[matched_].text; }
    /// Bytes at the end of the stream that may yet become a stop string.
    size_t pending() const;

private:
    struct Pattern {
        std::string text;
        std::vector<size_t> fallback; ///< length of the longest border of each prefix
        size_t state = 0;             ///< bytes of `text` that the stream ends with
    };
    std::vector<Pattern> patterns_;
    size_t matched_ = 0;
};

/// Text of one origin.
struct TextRun {
    std::string text;
    std::optional<draft::Source> source; ///< none where no draft held its tokens
};

/// Turns token bytes into text that can be shown: whole UTF-8 characters, nothing of a stop string.
class TextStream {
public:
    /// `hidden_stops`: those of `stops` that hold the text of a hidden token.
    explicit TextStream(std::vector<std::string> stops, std::vector<std::string> hidden_stops = {})
        : shown_(std::move(stops)), all_(std::move(hidden_stops)) {}

    /// Appends a token's bytes. Returns false once a stop string is complete: the text ends before it.
    bool push(std::string_view bytes, std::optional<draft::Source> source);
    /// Appends a token whose text is not shown, but found by the stop strings that hold all of it.
    bool push_hidden(std::string_view bytes);
    /// Whether there are such.
    bool finds_hidden() const { return !all_.empty(); }
    /// Releases what was held back; call at the end.
    void finish();
    /// The stop string that ended the text, or empty.
    const std::string & stop() const { return stop_; }
    /// What can be shown since the last call, runs of one source joined.
    std::vector<TextRun> take();

private:
    struct Run {
        std::optional<draft::Source> source;
        size_t bytes;
        bool shown;
        bool begun = false; ///< its first bytes were released
    };

    bool append(std::string_view bytes, Run run);
    /// Whether the last `length` bytes begin outside of hidden tokens, or with one.
    bool begins_at_token(size_t length) const;
    /// The text ends before the last `bytes` of what is held.
    void end_before(size_t bytes, const std::string & stop);
    /// How much of the end of `held_` holds this many bytes that are shown.
    size_t held_for(size_t shown) const;
    void release(size_t bytes);
    void start_run(std::optional<draft::Source> source);

    StopMatcher shown_; ///< of what is shown
    StopMatcher all_;   ///< of everything
    std::string held_;
    std::vector<Run> held_runs_;
    std::vector<TextRun> ready_;
    std::string stop_;
};

/// Length of `text` without a UTF-8 character at its end that more bytes could complete.
size_t complete_utf8_length(std::string_view text);

} // namespace reprise
