#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise::draft {

/// What a draft token was taken from.
enum class Source : uint8_t {
    prompt,      ///< A prompt of this conversation goes on with the token.
    output,      ///< An answer of this conversation goes on with it, or holds it often.
    prediction,  ///< The caller's guess of this answer goes on with it.
    reference,   ///< A text that the caller gave for quoting goes on with it.
    corpus,      ///< A conversation of a session that has ended goes on with it.
    grammar,     ///< The grammar that the text follows goes on with it alone (`Guide`).
    recycled,    ///< The model ranked the token high where it last saw the one before (`Recycling`).
    draft_model, ///< A smaller model goes on with it (`DraftModel`).
    count        ///< How many sources there are.
};

inline constexpr size_t source_count = static_cast<size_t>(Source::count);

/// The source's name in the API: lib/addon.ts has the same names.
const char * name_of(Source source);
/// The source of this name, or none.
std::optional<Source> source_of(std::string_view name);
/// All names, in the order of the sources.
std::array<const char *, source_count> source_names();

} // namespace reprise::draft
