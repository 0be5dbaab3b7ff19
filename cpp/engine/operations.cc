#include "engine/operations.h"

#include "engine/state_file.h"

namespace reprise {

void rollback(Family & family, Member & member, int length) {
    family.require_idle(member);
    if (length < 0 || length > member.sequence.length())
        throw Error(ErrorCode::option_invalid,
                    "Expected an integer in 0…" + std::to_string(member.sequence.length()) +
                        " (the history's length) for length but received " + std::to_string(length));
    if (const auto * const image = length > 0 ? member.sequence.images().at(length - 1) : nullptr;
        image && length < image->end())
        throw Error(ErrorCode::option_invalid,
                    "Expected a length before or behind an image for length but received " +
                        std::to_string(length) + ", which is inside of the one at " +
                        std::to_string(image->begin) + "…" + std::to_string(image->end()));
    family.members().truncate(member, length);
}

Member * fork(Family & family, Member & member) {
    family.require_idle(member);
    return &family.members().fork(member);
}

void add_reference(Family & family, Member & member, std::span<const Token> tokens) {
    member.drafter.add_document(tokens, draft::Source::reference,
                                family.context().options().reference_tokens);
}

void save(Family & family, Member & member, const std::string & path) {
    family.require_idle(member);
    save_state(family.context(), member.sequence, path, [&] { family.require_wanted(); });
}

void load(Family & family, Member & member, const std::string & path) {
    family.require_idle(member);
    family.members().load(member, path, [&] { family.require_wanted(); });
}

SessionPlacement placement(Family & family, Member &) {
    const Context & context = family.context();
    DeviceFeatures features = context.device_features();
    features.device_matching = family.members().have_text_device();
    return {placement_of(static_cast<const llama_context *>(context.handle())), features};
}

std::vector<draft::PassTime> cost_table(const Family & family, const Member & member) {
    std::vector<draft::PassTime> table;
    for (const int rows : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64})
        table.push_back({rows, family.pass_cost().steady_milliseconds(rows, member.sequence.cached())});
    return table;
}

} // namespace reprise
