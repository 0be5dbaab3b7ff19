#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "draft/drafter.h"
#include "draft/source.h"
#include "draft/token.h"
#include "engine/error.h"
#include "engine/log_probabilities.h"
#include "engine/logits.h"
#include "engine/pass_parts.h"
#include "engine/sampler.h"
#include "engine/stopwatch.h"
#include "engine/text_stream.h"

namespace reprise {

enum class DraftMode { off, automatic, fixed };

struct GenerateOptions {
    std::optional<std::vector<Token>> tokens; ///< the whole context; none to go on from the history
    int max_tokens = 256;
    std::vector<std::string> stop;
    bool special = false; ///< whether control tokens appear in the text
    SamplerOptions sampler;
    /// So many of the most probable tokens are told beside each token of the text, with their probabilities.
    std::optional<int> logprobs;
    DraftMode draft_mode = DraftMode::automatic;
    int draft_size = 64; ///< the largest number of a tree's nodes
    std::optional<std::vector<Token>> prediction;
    /// For benchmarks alone: the model's choices, whatever its logits say (a recorded answer of a larger
    /// model). The generation ends with them. Everything else, choosing included, is done as ever.
    std::vector<Token> recorded;
    /// For benchmarks alone: whether the drafter gets the candidates that verified rows ranked highest.
    bool recycling = true;
    /// For benchmarks alone: whether a grammar has a say in what is drafted.
    bool grammar_drafts = true;
    /// For benchmarks alone: whose tokens a tree holds where there is a draft model.
    draft::Mix mix = draft::Mix::tree;
};

struct RowTiming {
    int64_t passes = 0;
    double milliseconds = 0;
};

/// Sums of one generation; NativeMetrics in lib/addon.ts tells what each means.
struct Metrics {
    int64_t prompt_tokens = 0;
    int64_t reused_tokens = 0;
    double prefill_ms = 0;
    double time_to_first_token_ms = 0;
    double total_ms = 0;
    int64_t output_tokens = 0;
    int64_t reasoning_tokens = 0;
    int64_t passes = 0;
    int64_t pass_tokens = 0;
    int64_t drafted = 0;
    int64_t accepted = 0;
    int64_t draft_model_passes = 0;
    double draft_model_ms = 0;
    PassParts decode_ms;
    std::array<int64_t, draft::source_count> accepted_by_source{};
    std::array<int64_t, draft::source_count> drafted_by_source{};
    std::map<int, RowTiming> passes_by_rows;
    double plain_ms_estimate = 0;
    int64_t near_ties = 0;
    LogitsRead logits_read;
};

enum class FinishReason { end, stop, length, context, aborted };

struct Chunk {
    std::vector<Segment> segments;
    std::vector<Token> tokens;
    std::vector<float> margins;
    std::vector<TokenLogprobs> logprobs; ///< of each token, where they were asked for
    Metrics metrics;
};

struct GenerationResult {
    FinishReason reason;
    std::string stop_string;
    Metrics metrics;
};

/// Called on the decode thread; exactly one of on_done and on_error comes, as the last call.
struct GenerationListener {
    std::function<void(Chunk &&)> on_chunk;
    std::function<void(int done, int total)> on_progress;
    std::function<void(GenerationResult &&)> on_done;
    std::function<void(const Error &)> on_error;
};

/// A generation under way: what was asked for, and what came of it so far.
class Generation {
public:
    /// Distances below `near_tie` count as near-ties. `should_stop` is asked while a grammar is matched.
    /// Throws Error GRAMMAR_INVALID.
    Generation(const Model & model, GenerateOptions options, GenerationListener listener,
               const std::vector<Token> & history, float near_tie, std::function<bool()> should_stop);

    const GenerateOptions & options() const { return options_; }
    Metrics & metrics() { return metrics_; }
    /// The model's token at `position`, from its logits and the highest of them. Sampler::choose says when
    /// there is none, and what it throws.
    std::optional<Choice> choose(const LogitRow & logits, const TopLogits & top, int64_t position);
    /// What choose() needs to know of a row.
    const DrawRule & draw_rule() const { return draw_rule_; }
    /// Whether the drafter is to learn from this generation's logits; a recorded answer's are another
    /// model's.
    bool recycling() const { return drafting() && options_.recycling && options_.recorded.empty(); }
    /// What has a say in the draft tree that begins to grow; a null pointer where nothing has.
    draft::Guide * begin_guide() { return options_.grammar_drafts ? sampler_.begin_guide() : nullptr; }
    bool drafting() const { return options_.draft_mode != DraftMode::off; }

    void report_progress(int done, int total);
    /// Takes a token that was chosen from the `logits`; `source` is its draft's, none where no draft held it.
    /// Returns why the generation ends with it, if it does. What it throws it throws before anything of the
    /// generation has changed, but for want of memory.
    std::optional<FinishReason> commit(const Choice & choice, const LogitRow & logits,
                                       std::optional<draft::Source> source);
    /// Hands over what is new, unless the last chunk went out too short a time ago.
    void flush(bool always);
    void finish(FinishReason reason);
    /// Hands over what was committed before, too.
    void fail(const Error & error) noexcept;

private:
    /// What the model thought of the token.
    TokenLogprobs logprobs_of(Token token, const LogitRow & logits) const;
    /// Adds the token's text, or as much of it as stop strings need.
    bool add_text(Token token, bool end, std::optional<draft::Source> source);

    const Model & model_;
    GenerateOptions options_;
    GenerationListener listener_;
    float near_tie_;
    Sampler sampler_;
    DrawRule draw_rule_;
    TextStream text_;
    Metrics metrics_;
    std::vector<Token> tokens_;
    std::vector<float> margins_;
    std::vector<TokenLogprobs> logprobs_;
    std::string piece_;
    Stopwatch watch_;
    double flushed_ms_ = -1e9; ///< when the last chunk went out
};

} // namespace reprise
