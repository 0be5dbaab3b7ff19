#include "engine/sample_and_match.h"

#include "engine/assertions.h"

namespace reprise {

Verified sample_and_match(Context & context, Member & member, const TreeRows & rows,
                          const draft::DraftTree & tree) {
    Generation & generation = *member.generation;
    Metrics & metrics = generation.metrics();
    for (const auto & node : tree.nodes) {
        ++metrics.drafted;
        ++metrics.drafted_by_source[static_cast<size_t>(node.source)];
    }

    Verified verified;
    verified.tokens.reserve(tree.nodes.size() + 1);
    const int length = member.sequence.length();
    Token last = member.sequence.history().back();
    // Draws the token after `verified.node`; gives the node that holds it, or -1.
    const auto draw = [&] {
        verified.ended_within = true;
        const LogitRow row{context.logits(), rows.row(verified.node)};
        const TopLogits top = row.best();
        const auto position = length + static_cast<int>(verified.tokens.size());
        const auto choice = with_assertions(ErrorCode::decode_failed, "Sampling",
                                            [&] { return generation.choose(row, top, position); });
        if (!choice) {
            verified.end = FinishReason::end;
            return -1;
        }
        if (generation.recycling()) member.recycle(last, top);
        const int child = tree.child(verified.node, choice->token);
        std::optional<draft::Source> source;
        if (child >= 0) source = tree.nodes[child].source;
        verified.end = with_assertions(ErrorCode::decode_failed, "Sampling",
                                       [&] { return generation.commit(*choice, row, source); });
        last = choice->token;
        verified.tokens.push_back(last);
        verified.ended_within = false;
        if (child >= 0) {
            ++metrics.accepted;
            ++metrics.accepted_by_source[static_cast<size_t>(*source)];
            verified.recycled += *source == draft::Source::recycled;
        }
        return verified.end ? -1 : child;
    };
    with_errors(
        &context,
        [&] {
            for (int child = draw(); child >= 0; child = draw()) verified.node = child;
        },
        [&](const Error & error) { verified.failure = error; });
    return verified;
}

void give_hidden_rows(Member & member, const TreeRows & rows, const draft::DraftTree & tree,
                      const Verified & verified) {
    if (!member.has_head()) return;
    std::vector<int> path; // from its end
    for (int node = verified.node; node >= 0; node = tree.nodes[node].parent) path.push_back(node);
    int index = member.sequence.cached();
    member.draft_sequence->take_hidden_row(index, rows.row(-1));
    for (auto node = path.rbegin(); node != path.rend(); ++node)
        member.draft_sequence->take_hidden_row(++index, rows.row(*node));
    member.draft_sequence->catch_up(member.sequence.history());
}

void keep_cells(Member & member, const TreeRows & rows, const draft::DraftTree & tree,
                const Verified & verified) {
    if (verified.ended_within) // the last token is in the cache, but its logits are still to be asked for
        member.sequence.discard_uncached();
    else
        rows.keep_path(member.sequence, tree, verified.node);
}

} // namespace reprise
