#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/draft_sequence.h"
#include "engine/log_probabilities.h"
#include "support.h"

/// What tests of draft heads have in common.
namespace reprise {

inline std::shared_ptr<Model> load(const char * path) {
    return Model::load(path, {}, [](float) { return true; });
}

inline ContextOptions with_head(const char * head, int micro_batch_size = 512) {
    ContextOptions options = test_context();
    options.draft_model = load(head);
    options.micro_batch_size = micro_batch_size;
    return options;
}

/// The target of a head, which computes a text from its start, as passes of so many rows at most.
class Target {
public:
    explicit Target(const ContextOptions & options)
        : context_(load(REPRISE_HEAD_TARGET), options, [] { return false; }) {}

    Context & context() { return context_; }
    std::vector<Token> tokens_of(const std::string & text) {
        return context_.model().vocabulary().tokenize(text, true, true);
    }

    /// Shows the sequence all but the last token of the text, from the one at `from` on.
    void show(DraftSequence & sequence, const std::vector<Token> & text, int from = 0, int most_rows = 256) {
        const llama_seq_id id = 0;
        llama_memory_seq_rm(context_.cache(), id, from, -1);
        for (int next = from; next + 1 < std::ssize(text);) {
            const int rows = std::min(static_cast<int>(text.size()) - 1 - next, most_rows);
            Batch batch;
            for (int i = 0; i < rows; ++i) batch.add(text[next + i], next + i, std::span(&id, 1), false);
            REQUIRE(context_.decode(batch) == DecodeStatus::done);
            context_.synchronize();
            for (int i = 0; i < rows; ++i) sequence.take_hidden_row(next + i, i);
            sequence.catch_up(text);
            next += rows;
        }
        const llama_pos end = static_cast<llama_pos>(text.size()) - 1;
        Batch last;
        last.add(text.back(), end, std::span(&id, 1), true);
        REQUIRE(context_.decode(last) == DecodeStatus::done);
        context_.synchronize();
        choice_ = log_probabilities(context_.logits().whole(0), context_.model().vocabulary_size(), 0, 1)
                      .top.front()
                      .token;
        llama_memory_seq_rm(context_.cache(), id, end, -1);
    }

    /// What it says after the text that it showed last.
    Token choice() const { return choice_; }

private:
    Context context_;
    Token choice_ = 0;
};

inline const std::string head_prompt =
    "<|im_start|>user\nReplace every lamp with box.\n\nThe red lamp is near the market. "
    "Anna sold the lamp for 5 dollars.<|im_end|>\n<|im_start|>assistant\n";

} // namespace reprise
