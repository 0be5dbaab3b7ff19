#include "engine/member.h"

#include <algorithm>

#include "engine/state_file.h"

namespace reprise {

Member::Member(const Member & parent)
    : sequence(parent.sequence, parent.sequence.length()), drafter(parent.drafter), parent(&parent),
      shared(parent.sequence.length()), scans(parent.scans) {}

int Member::replace(std::span<const Token> tokens) {
    const int common = sequence.replace(tokens);
    drafter.truncate(common);
    drafter.append(tokens.subspan(common), draft::Source::prompt);
    return common;
}

void Member::append(std::span<const Token> generated) {
    for (const Token token : generated) sequence.append(token);
    drafter.append(generated, draft::Source::output);
}

void Member::truncate(int length) {
    sequence.truncate(length);
    drafter.truncate(length);
}

void Member::recycle(Token after, const TopLogits & top) {
    drafter.recycle(after, top);
    recycled.push_back(after);
}

void Member::shift(int keep) {
    sequence.shift(keep, (sequence.length() - keep) / 2);
    drafter.truncate(keep);
    drafter.append(std::span(sequence.history()).subspan(keep), draft::Source::output);
}

void Member::load(Context & context, const std::string & path) {
    load_state(context, sequence, path);
    drafter.truncate(0);
    drafter.append(sequence.history(), draft::Source::prompt);
}

void add_groups(std::span<Member * const> members, size_t most, std::vector<std::vector<Member *>> & groups) {
    for (size_t first = 0; first < members.size(); first += most) {
        const auto group = members.subspan(first, std::min(most, members.size() - first));
        groups.emplace_back(group.begin(), group.end());
    }
}

} // namespace reprise
