#include "engine/grammar_guide.h"

#include <algorithm>

#include "engine/error.h"

namespace reprise {

namespace {

/// Work of a pass, less than a millisecond (`Grammar::spend` has the unit).
constexpr uint64_t max_work = 100'000;
/// Forced text is looked for so far ahead: more than a pass drafts of it.
constexpr size_t max_bytes = 256;

void append_utf8(std::string & text, uint32_t code_point) {
    const auto byte = [&](uint32_t value) { text += static_cast<char>(value); };
    const auto rest = [&](int shift) { byte(0x80 | ((code_point >> shift) & 0x3F)); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xC0 | (code_point >> 6));
        rest(0);
    } else if (code_point < 0x10000) {
        byte(0xE0 | (code_point >> 12));
        rest(6);
        rest(0);
    } else {
        byte(0xF0 | (code_point >> 18));
        rest(12);
        rest(6);
        rest(0);
    }
}

} // namespace

void GrammarGuide::accept(Token token) {
    piece_.clear();
    vocabulary_.append_piece(token, true, piece_);
    habit_.read(piece_);
}

void GrammarGuide::begin() {
    points_.clear();
    runs_.clear();
    try {
        points_.push_back({grammar_.look_ahead(max_work), habit_.end(), unasked});
        knows_ = true;
    } catch (const Error &) {
        knows_ = false;
    }
}

draft::Guide::Place GrammarGuide::after(Place place, Token token) {
    if (place < 0) return place;
    if (!knows_) return unknown;
    try {
        const auto reading = grammar_.ahead(points_[place].reading, token);
        if (!reading) return unknown;
        if (reading->state == Grammar::dead) return refused;
        piece_.clear();
        vocabulary_.append_piece(token, true, piece_);
        Point next{*reading, points_[place].end, unasked};
        next.end.read(piece_);
        const Point & from = points_[place];
        if (from.run >= 0 && runs_[from.run][from.next].token == token &&
            from.next + 1 < runs_[from.run].size()) {
            next.run = from.run;
            next.next = from.next + 1;
        }
        points_.push_back(next);
        return static_cast<Place>(points_.size()) - 1;
    } catch (const Error &) {
        knows_ = false;
        return unknown;
    }
}

std::optional<draft::Guide::Forced> GrammarGuide::forced(Place place) {
    if (place < 0 || !knows_) return std::nullopt;
    Point & point = points_[place];
    if (point.run == unasked) {
        try {
            find_run(point);
        } catch (const Error &) {
            knows_ = false;
            return std::nullopt;
        }
    }
    if (point.run == none) return std::nullopt;
    return runs_[point.run][point.next];
}

void GrammarGuide::add_spaces(char next, Grammar::Reading & reading, TextEnd & end, std::string & text) {
    const std::string usual = habit_.before(next, end);
    // Some of it may be there.
    if (usual.compare(0, end.spaces().size(), end.spaces()) != 0) return;
    const std::string rest = usual.substr(end.spaces().size());
    Grammar::Reading spaced = reading;
    for (const char c : rest) {
        spaced = grammar_.ahead(spaced, static_cast<uint32_t>(static_cast<unsigned char>(c)));
        if (spaced.state == Grammar::dead) return;
    }
    const auto only = grammar_.only_code_point(spaced);
    if (!only || static_cast<char>(only->code_point) != next) return;
    reading = spaced;
    text += rest;
    end.read(rest);
}

GrammarGuide::Text GrammarGuide::forced_text(const Point & point) {
    Text text;
    Grammar::Reading reading = point.reading;
    TextEnd end = point.end;
    while (text.bytes.size() < max_bytes) {
        const auto only = grammar_.only_code_point(reading);
        if (!only) break;
        std::string next;
        append_utf8(next, only->code_point);
        if (only->space) {
            text.choices.push_back(text.bytes.size());
            add_spaces(next[0], reading, end, text.bytes);
        }
        reading = grammar_.ahead(reading, only->code_point);
        if (reading.state == Grammar::dead) break;
        text.bytes += next;
        end.read(next);
    }
    text.ends = reading.state != Grammar::dead && grammar_.must_end(reading);
    return text;
}

void GrammarGuide::find_run(Point & point) {
    point.run = none;
    const Text text = forced_text(point);
    Run run;
    if (text.bytes.empty()) {
        if (!text.ends || end_ < 0) return;
        run.push_back({end_, Kind::inner});
    }
    const Fragment whole{0, text.bytes.size(), -1, false};
    std::vector<Token> tokens;
    if (!text.bytes.empty()) vocabulary_.append_continued(text.bytes, std::span(&whole, 1), tokens);
    size_t at = 0;
    for (const Token token : tokens) {
        piece_.clear();
        vocabulary_.append_piece(token, false, piece_);
        if (piece_.empty() || text.bytes.compare(at, piece_.size(), piece_) != 0) break;
        const size_t end = at + piece_.size();
        const bool chosen = std::any_of(text.choices.begin(), text.choices.end(),
                                        [&](size_t choice) { return choice >= at && choice < end; });
        const bool is_open = end == text.bytes.size() && !text.ends;
        run.push_back({token, chosen ? Kind::likely : is_open ? Kind::last : Kind::inner});
        at = end;
    }
    if (run.empty()) return;
    point.run = static_cast<int>(runs_.size());
    point.next = 0;
    runs_.push_back(std::move(run));
}

} // namespace reprise
