#include "engine/member.h"

#include "engine/state_file.h"

namespace reprise {

Member::Member(const Member & parent)
    : sequence(parent.sequence, parent.sequence.length()), drafter(parent.drafter),
      draft_sequence(parent.draft_sequence ? std::make_unique<DraftSequence>(*parent.draft_sequence)
                                           : nullptr),
      parent(&parent), shared(parent.sequence.length()), scans(parent.scans) {}

int Member::replace(std::span<const Token> tokens, ImageSpans images) {
    const int common = sequence.replace(tokens, std::move(images));
    forget_drafts_from(common);
    drafter.append(tokens.subspan(common), draft::Source::prompt);
    return common;
}

void Member::append(std::span<const Token> generated) {
    for (const Token token : generated) sequence.append(token);
    drafter.append(generated, draft::Source::output);
}

void Member::truncate(int length) {
    sequence.truncate(length);
    forget_drafts_from(length);
}

void Member::forget_drafts_from(int index) {
    drafter.truncate(index);
    if (draft_sequence) draft_sequence->forget_from(index);
}

void Member::recycle(Token after, const TopLogits & top) {
    drafter.recycle(after, top);
    recycled.push_back(after);
}

void Member::shift(int keep) {
    sequence.shift(keep, (sequence.length() - keep) / 2);
    forget_drafts_from(keep);
    drafter.append(std::span(sequence.history()).subspan(keep), draft::Source::output);
}

void Member::begin(int operation_number, Prefill started) {
    operation = operation_number;
    prefill = std::make_unique<Prefill>(std::move(started));
    prefill->total = to_compute();
    prefill->reused = sequence.cached();
}

void Member::begin(int operation_number, std::unique_ptr<Generation> started) {
    operation = operation_number;
    generation = std::move(started);
    drafter.clear_documents(draft::Source::prediction);
    const auto & prediction = generation->options().prediction;
    if (prediction) drafter.add_document(*prediction, draft::Source::prediction);
    generation->metrics().prompt_tokens = sequence.length();
    generation->metrics().reused_tokens = sequence.cached();
    prompt_total = sequence.pending();
    log_odds_bias_before = drafter.acceptance().log_odds_bias();
    recycled.clear();
    if (draft_sequence) draft_sequence->take_asked();
}

void Member::load(Context & context, const std::string & path, const std::function<void()> & require_wanted) {
    load_state(context, sequence, path, require_wanted);
    forget_drafts_from(0);
    drafter.append(sequence.history(), draft::Source::prompt);
}

} // namespace reprise
