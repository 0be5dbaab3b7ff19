#include "engine/draft_head.h"

#include <algorithm>
#include <string>

#include "llama-context.h" // llama.cpp's internal headers, of the pinned commit
#include "llama-ext.h"
#include "llama-model.h"

#include "engine/calibration.h"
#include "engine/error.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

/// llama.cpp's graphs of heads give the logits of all rows of a batch or of none, and llama_encode keeps room
/// for those of all its rows, a vocabulary of numbers each. A verify pass seldom accepts as many tokens.
constexpr int most_outputs = 32;
/// Paths of trees take so many cells beside texts.
constexpr int most_path = 256;

[[noreturn]] void refuse(const std::string & reason) {
    throw Error(ErrorCode::model_invalid, "The draft head (draft.model) " + reason);
}

[[noreturn]] void refuse_stranger(const std::string & reason) {
    refuse(reason + "; take the head that was trained for this model");
}

/// Blocks that are trained have 4 to 32 rows.
constexpr int most_block_rows = 256;

bool is_dspark(const llama_model & head) {
    return head.dspark_markov_w1 != nullptr;
}

/// The value of a key in the head's header, as text; empty where there is none.
std::string header_value(const llama_model & head, const char * key) {
    std::string value(32, '\0');
    const int length = llama_model_meta_val_str(&head, key, value.data(), value.size());
    value.resize(length > 0 ? std::min(static_cast<size_t>(length), value.size() - 1) : 0);
    return value;
}

/// As llama.cpp reads it (common/speculative.cpp).
BlockLayout layout_of(const llama_model & head) {
    constexpr int usual_rows = 16;
    constexpr uint32_t too_many_rows = most_block_rows + 1;
    const uint32_t rows = head.hparams.dflash_block_size;
    BlockLayout layout;
    layout.rows = rows > 0 ? static_cast<int>(std::min(rows, too_many_rows)) : usual_rows;
    layout.first_said = is_dspark(head) && header_value(head, "dflash.sample_from_anchor") != "false" ? 0 : 1;
    layout.mask = llama_vocab_mask(llama_model_get_vocab(&head));
    layout.sees_all = header_value(head, "dflash.attention.causal") != "true";
    return layout;
}

/// The table of a reduced vocabulary: the target's tokens that the head's stand for. llama.cpp writes to the
/// places that it names.
void require_known_tokens(const llama_model & head) {
    if (!head.d2t) return;
    const int64_t tokens = llama_vocab_n_tokens(llama_model_get_vocab(&head));
    if (head.d2t->type != GGML_TYPE_I64)
        refuse("has a table of tokens (d2t) that is not of integers of 64 bits; convert it again");
    std::vector<int64_t> table(head.d2t->ne[0]);
    ggml_backend_tensor_get(head.d2t, table.data(), 0, table.size() * sizeof table[0]);
    for (const int64_t token : table)
        if (token < 0 || token >= tokens)
            refuse("has a table of tokens (d2t) that names token " + std::to_string(token) + " of " +
                   std::to_string(tokens) + "; download or convert it again");
}

/// That what it reads is what the target has.
void require_readable(const Model & target, const llama_model & head) {
    const int layers = llama_model_n_layer(target.handle());
    if (head.target_layer_ids.empty()) refuse("reads none of the model's layers; convert it again");
    for (const int layer : head.target_layer_ids)
        if (layer < 0 || layer > layers)
            refuse_stranger("reads what enters layer " + std::to_string(layer) +
                            " of a model, and this one has " + std::to_string(layers));
    const auto reads = static_cast<int>(head.hparams.n_embd_inp_enc() / head.target_layer_ids.size());
    const int width = llama_model_n_embd(target.handle());
    if (reads != width || width != llama_model_n_embd_out(target.handle()))
        refuse_stranger("reads hidden states of " + std::to_string(reads) +
                        " numbers, and the model's have " + std::to_string(width));
    const llama_model & model = *target.handle();
    const ggml_tensor * const tokens = head.tok_embd ? head.tok_embd : model.tok_embd;
    const ggml_tensor * const output = head.output ? head.output : model.output;
    if (!tokens || !output)
        refuse(
            "needs embeddings of tokens and an output matrix, its own or the model's; convert it with them");
    if (tokens->ne[0] != head.hparams.n_embd || output->ne[0] != head.hparams.n_embd)
        refuse_stranger("is " + std::to_string(head.hparams.n_embd) +
                        " numbers wide, and the model's embeddings, which it uses, are not");
    require_known_tokens(head);
}

void require_eagle3(const llama_model & head) {
    if (head.hparams.n_layer() != 1)
        refuse("has " + std::to_string(head.hparams.n_layer()) + " layers in place of one; convert it again");
}

void require_dflash(const llama_model & head) {
    if (head.hparams.dsv4_hc_mult > 0 || head.dflash_selector_hidden)
        refuse(
            "is of a kind that Reprise does not know (DeepSeek-V4's DSpark, DFlash2); take a smaller model "
            "of the same family, or another head");
    const BlockLayout layout = layout_of(head);
    if (layout.rows <= layout.first_said || layout.rows > most_block_rows)
        refuse("says no blocks of 2 to " + std::to_string(most_block_rows) +
               " rows (dflash.block_size); convert it again");
    if (layout.mask < 0 || layout.mask >= llama_vocab_n_tokens(llama_model_get_vocab(&head)))
        refuse("names no token that masks others (tokenizer.ggml.mask_token_id); convert it again");
}

const float * require_states(const float * states) {
    if (!states) throw Error(ErrorCode::decode_failed, "llama.cpp gave no hidden states");
    return states;
}

void require_mtp(const Model & target) {
    const llama_model & model = *target.handle();
    if (llama_model_n_layer_nextn(&model) <= 0 || model.hparams.router_layer >= 0)
        throw Error(ErrorCode::option_invalid,
                    "Expected a model with layers for multi-token prediction for draft.mtp, but its file has "
                    "none (`info.mtpLayers` says how many); take a file that was converted with them, or "
                    "name a smaller model in draft.model");
}

} // namespace

DraftKind draft_kind(const Model & target, const Model & draft) {
    if (&target == &draft) return DraftKind::mtp;
    switch (draft.handle()->arch) {
    case LLM_ARCH_EAGLE3:
        return DraftKind::eagle3;
    case LLM_ARCH_DFLASH:
        return DraftKind::dflash;
    default:
        return DraftKind::model;
    }
}

std::string head_fault(const llama_model * model) {
    const auto fault_of = [](const std::string & kind) {
        return "it is a draft head (" + kind +
               "), which reads another model's hidden states; name it in draft.model where that model is "
               "loaded";
    };
    switch (model->arch) {
    case LLM_ARCH_EAGLE3:
        return fault_of("EAGLE-3");
    case LLM_ARCH_DFLASH:
        return fault_of(is_dspark(*model) ? "DSpark" : "DFlash");
    case LLM_ARCH_GEMMA4_ASSISTANT:
        return "it drafts for another model in a way that Reprise does not know; take a smaller model of the "
               "same family, or a head of another kind";
    default:
        return {};
    }
}

void require_draft_head(const Model & target, const Model & draft, DraftKind kind) {
    if (kind == DraftKind::mtp) return require_mtp(target);
    const llama_model & head = *draft.handle();
    require_readable(target, head);
    kind == DraftKind::eagle3 ? require_eagle3(head) : require_dflash(head);
}

void set_head_options(ContextOptions & options, const Context & target, DraftKind kind) {
    const llama_model * const head = target.options().draft_model->handle();
    options.target = target.handle();
    options.max_outputs = most_outputs;
    if (kind == DraftKind::mtp) {
        options.type = LLAMA_CONTEXT_TYPE_MTP;
        options.input_width = llama_model_n_embd_out(head);
    } else if (kind == DraftKind::eagle3) {
        options.input_width = llama_model_n_embd(head);
    } else {
        const int rows = layout_of(*head).rows;
        options.max_outputs = rows;
        // Rows that see each other are computed at once.
        options.micro_batch_size = std::max(options.micro_batch_size, rows);
        options.batch_size = options.micro_batch_size;
    }
    // Of a model that encodes, llama.cpp wants a row of each batch for each sequence.
    options.batch_size = std::max(options.batch_size, options.max_sequences);
    options.micro_batch_size = std::max(options.micro_batch_size, options.max_sequences);
    // What others of the family have computed of a path, and a block, takes cells, too.
    options.context_length = std::max(options.context_length, options.batch_size) + most_path;
}

DraftHead::DraftHead(Context & target, Context & head, DraftKind kind)
    : target_(target), head_(head), kind_(kind) {
    const llama_model * const model = target.model().handle();
    if (kind == DraftKind::mtp) {
        target_width_ = llama_model_n_embd_out(model);
    } else {
        output_of_last_layer_ = llama_model_n_layer(model);
        const std::vector<int32_t> & layers = head.model().handle()->target_layer_ids;
        layers_.assign(layers.begin(), layers.end());
        target_width_ = static_cast<int>(layers_.size()) * llama_model_n_embd(model);
    }
    if (kind == DraftKind::dflash) {
        block_ = layout_of(*head.model().handle());
        // Rows of the text do not see each other at all, so this can stay: changing it takes as long as a
        // pass.
        llama_set_causal_attn(head.handle(), !block_->sees_all);
    }
    begin_reading();
}

void DraftHead::begin_reading() {
    const auto is_last = [&](int layer) { return layer == output_of_last_layer_; };
    const bool reads_last = kind_ == DraftKind::mtp || std::ranges::any_of(layers_, is_last);
    if (reads_last) llama_set_embeddings_nextn(target_.handle(), true, /*masked=*/false);
    for (const int layer : layers_)
        if (!is_last(layer)) llama_set_embeddings_layer_inp(target_.handle(), layer, true);
    // Of its own rows, those whose logits are computed.
    if (!block_) llama_set_embeddings_nextn(head_.handle(), true, /*masked=*/true);
    // Whether the target's architecture gives them shows in a pass.
    try {
        draft::PassCost unused;
        Calibration().begin(target_, unused);
        if (reads_last && !target_.handle()->get_gf_res_reserve()->get_h_nextn())
            throw Error(ErrorCode::model_invalid,
                        "llama.cpp does not know what leaves the last layer of its architecture");
    } catch (const Error & error) {
        throw Error(error.code(), std::string("The model gives no hidden states to a draft head: ") +
                                      error.what() + "; name a smaller model in draft.model");
    }
}

void DraftHead::add_block(Batch & batch, Token last, llama_pos position, llama_seq_id sequence) const {
    for (int row = 0; row < block_->rows; ++row)
        batch.add(row == 0 ? last : block_->mask, position + row, std::span(&sequence, 1), /*output=*/true);
}

void DraftHead::add_read(Batch & batch, std::span<const float> read, llama_pos position,
                         llama_seq_id sequence) const {
    const auto rows = static_cast<int>(read.size() / static_cast<size_t>(target_width_));
    const auto rope = llama_model_rope_type(head_.model().handle());
    const bool has_axes = rope == LLAMA_ROPE_TYPE_MROPE || rope == LLAMA_ROPE_TYPE_IMROPE;
    std::ranges::copy(read, batch.add_states(rows, target_width_, position, sequence, has_axes).begin());
}

void DraftHead::read_target(int row, std::span<float> to) const {
    if (kind_ == DraftKind::mtp) {
        const float * const from = llama_get_embeddings_nextn_ith(target_.handle(), row);
        std::copy_n(require_states(from), target_width_, to.begin());
        return;
    }
    const auto width = static_cast<ptrdiff_t>(target_width_ / std::ssize(layers_));
    auto next = to.begin();
    for (const int layer : layers_) {
        const float * const rows = layer == output_of_last_layer_
                                       ? llama_get_embeddings_nextn(target_.handle())
                                       : llama_get_embeddings_layer_inp(target_.handle(), layer);
        next = std::copy_n(require_states(rows) + row * width, width, next);
    }
}

bool DraftHead::make_inputs(std::span<const float> read, std::span<float> inputs) const {
    if (kind_ == DraftKind::mtp) {
        std::ranges::copy(read, inputs.begin());
        return true;
    }
    const auto rows = static_cast<int>(read.size() / static_cast<size_t>(target_width_));
    for (int done = 0; done < rows;) {
        const int count = std::min(rows - done, head_.max_outputs());
        llama_batch batch{};
        batch.n_tokens = count;
        // llama.cpp reads it.
        batch.embd = const_cast<float *>(read.data()) + static_cast<ptrdiff_t>(done) * target_width_;
        LogCapture log;
        const int status = llama_encode(head_.handle(), batch);
        if (status == 2) return false;
        if (status != 0)
            throw Error(ErrorCode::decode_failed,
                        "llama_encode returned " + std::to_string(status) + ": " + log.reason());
        const float * const made = require_states(llama_get_embeddings_nextn(head_.handle()));
        std::copy_n(made, static_cast<ptrdiff_t>(count) * input_width(),
                    inputs.begin() + static_cast<ptrdiff_t>(done) * input_width());
        done += count;
    }
    return true;
}

std::span<const float> DraftHead::own_state(int row) const {
    const float * const state = llama_get_embeddings_nextn_ith(head_.handle(), row);
    return {require_states(state), static_cast<size_t>(input_width())};
}

} // namespace reprise
