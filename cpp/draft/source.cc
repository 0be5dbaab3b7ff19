#include "draft/source.h"

#include <iterator>

namespace reprise::draft {

namespace {

struct Named {
    Source source;
    const char * name;
};

constexpr Named names[] = {
    {Source::prompt, "prompt"},       {Source::output, "output"},          {Source::prediction, "prediction"},
    {Source::reference, "reference"}, {Source::corpus, "corpus"},          {Source::grammar, "grammar"},
    {Source::recycled, "recycled"},   {Source::draft_model, "draftModel"},
};

constexpr bool stand_in_the_order_of_their_sources() {
    for (size_t i = 0; i < source_count; ++i)
        if (static_cast<size_t>(names[i].source) != i) return false;
    return true;
}

static_assert(std::size(names) == source_count, "Each source has one name");
static_assert(stand_in_the_order_of_their_sources(), "`name_of` finds a name at its source's place");

} // namespace

const char * name_of(Source source) {
    return names[static_cast<size_t>(source)].name;
}

std::optional<Source> source_of(std::string_view name) {
    for (const Named & named : names)
        if (named.name == name) return named.source;
    return std::nullopt;
}

std::array<const char *, source_count> source_names() {
    std::array<const char *, source_count> all;
    for (size_t i = 0; i < source_count; ++i) all[i] = names[i].name;
    return all;
}

} // namespace reprise::draft
