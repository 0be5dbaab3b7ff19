#include "engine/suitability.h"

#include <bitset>

#include "llama-context.h" // llama.cpp's internal headers, of the pinned commit
#include "llama-model.h"
#include "llama-vocab.h"

#include "engine/draft_head.h"
#include "engine/error.h"

namespace reprise {

namespace {

void require_whole_blocks(const char * option, ggml_type type, int layer, uint32_t head_size) {
    if (head_size % ggml_blck_size(type) == 0) return;
    throw Error(ErrorCode::option_invalid,
                std::string("Expected 'f32' or 'f16' for ") + option + " but received " +
                    ggml_type_name(type) + ": it stores blocks of " + std::to_string(ggml_blck_size(type)) +
                    " numbers, and the heads of layer " + std::to_string(layer) + " have " +
                    std::to_string(head_size));
}

} // namespace

std::string generation_fault(const llama_model * model) {
    if (const std::string fault = head_fault(model); !fault.empty()) return fault;
    if (!llama_model_has_decoder(model) || llama_model_has_encoder(model))
        return "it has an encoder, and Reprise decodes decoder-only models";
    if (llama_model_is_diffusion(model))
        return "it is a diffusion model, which fills in a whole text at once instead of one token after "
               "another";
    if (!model->hparams.causal_attn)
        return "its attention is not causal: it is an embedding model, which reads a text and does not go on "
               "with it";
    return {};
}

std::string embedding_fault(const llama_model * model) {
    if (llama_model_has_encoder(model) && llama_model_has_decoder(model))
        return "it has an encoder and a decoder, of which llama.cpp pools neither";
    return {};
}

Pooling pooling_of(const llama_model * model) {
    const Pooling pooling = model->hparams.pooling_type;
    return pooling == LLAMA_POOLING_TYPE_UNSPECIFIED ? LLAMA_POOLING_TYPE_NONE : pooling;
}

void require_ranking(const llama_model * model) {
    if (pooling_of(model) == LLAMA_POOLING_TYPE_RANK && (model->cls || model->cls_out)) return;
    throw Error(
        ErrorCode::model_invalid,
        pooling_of(model) == LLAMA_POOLING_TYPE_RANK
            ? "The model has no layer that ranks documents; convert it again"
            : "The model is not made to rank documents (its file does not say pooling_type 4); load a "
              "reranking model");
}

bool scores_many(const llama_model * model) {
    return model->cls_out;
}

bool gives_tokens(const llama_model * model) {
    return model->output;
}

std::string vocabulary_fault(const llama_vocab * vocab) {
    if (llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_NONE || llama_vocab_n_tokens(vocab) <= 0)
        return "it holds no vocabulary, so it has no text to complete; convert it with its tokenizer";
    if (llama_vocab_type(vocab) != LLAMA_VOCAB_TYPE_RWKV) return {};
    // This tokenizer takes the longest token that a text begins with, and begins anew where it finds none.
    std::bitset<256> first, alone;
    for (llama_token token = 0; token < llama_vocab_n_tokens(vocab); ++token) {
        const std::string & text = vocab->token_to_piece(token);
        if (text.empty()) continue;
        const auto byte = static_cast<unsigned char>(text[0]);
        first.set(byte);
        if (text.size() == 1) alone.set(byte);
    }
    if ((first & ~alone).none()) return {};
    return "its vocabulary has tokens that begin with a byte which is no token itself, which an RWKV "
           "tokenizer needs";
}

int learnt_positions(const llama_model * model) {
    return model->pos_embd ? static_cast<int>(model->pos_embd->ne[1]) : 0;
}

void require_suitable(const llama_model * model, const ContextOptions & options) {
    const std::string fault = options.target ? "" : generation_fault(model);
    if (!fault.empty()) throw Error(ErrorCode::model_invalid, "The model cannot generate: " + fault);
    const int positions = learnt_positions(model);
    if (positions > 0 && options.context_length > positions)
        throw Error(ErrorCode::option_invalid,
                    "Expected at most " + std::to_string(positions) + " for contextLength but received " +
                        std::to_string(options.context_length) + ": the model has learnt no more positions");
    const llama_hparams & hparams = model->hparams;
    if ((hparams.is_mla() || model->arch == LLM_ARCH_DEEPSEEK4) && options.key_type != options.value_type)
        throw Error(ErrorCode::option_invalid, std::string("Expected '") + ggml_type_name(options.key_type) +
                                                   "', as for keyType, for valueType but received " +
                                                   ggml_type_name(options.value_type) +
                                                   ": the model keeps keys and values as one");
    // llama.cpp computes Grok without flash attention, whatever is asked for.
    if (ggml_is_quantized(options.value_type) &&
        (options.flash_attention == LLAMA_FLASH_ATTN_TYPE_DISABLED || model->arch == LLM_ARCH_GROK))
        throw Error(ErrorCode::option_invalid,
                    std::string("Expected 'f32' or 'f16' for valueType without flash "
                                "attention but received ") +
                        ggml_type_name(options.value_type));
    if (model->split_mode() == LLAMA_SPLIT_MODE_TENSOR &&
        options.flash_attention == LLAMA_FLASH_ATTN_TYPE_DISABLED)
        throw Error(ErrorCode::option_invalid,
                    "Expected 'auto' or 'on' for flashAttention with splitMode 'tensor' but received 'off'");
    for (uint32_t layer = 0; layer < hparams.n_layer(); ++layer) {
        if (hparams.is_recr(layer)) continue;
        const int index = static_cast<int>(layer);
        if (hparams.n_rot(layer) > hparams.n_embd_head_k(layer)) // llama.cpp would turn it without end.
            throw Error(ErrorCode::model_invalid, "The model turns " + std::to_string(hparams.n_rot(layer)) +
                                                      " numbers of each head of layer " +
                                                      std::to_string(index) + " by position, which has " +
                                                      std::to_string(hparams.n_embd_head_k(layer)) +
                                                      "; convert it again");
        require_whole_blocks("keyType", options.key_type, index, hparams.n_embd_head_k(layer));
        require_whole_blocks("valueType", options.value_type, index, hparams.n_embd_head_v(layer));
    }
}

void require_heads_on_all(const llama_model * model) {
    if (model->split_mode() != LLAMA_SPLIT_MODE_TENSOR) return;
    auto devices = model->get_split_state_ud;
    for (const auto & [name, tensor] : model->tensors_by_name) {
        const ggml_backend_dev_t owner =
            tensor->buffer ? ggml_backend_buft_get_device(ggml_backend_buffer_get_type(tensor->buffer))
                           : nullptr;
        if (!owner || ggml_backend_dev_type(owner) != GGML_BACKEND_DEVICE_TYPE_META) continue;
        if (name.find(".attn_") == std::string::npos) continue; // Products without terms are 0.
        const ggml_backend_meta_split_state state = llama_meta_device_get_split_state(tensor, &devices);
        if (state.axis >= GGML_MAX_DIMS) continue;
        for (size_t device = 0; device < devices.n_devices; ++device) {
            int64_t part = 0;
            for (uint32_t segment = 0; segment < state.n_segments; ++segment)
                part += state.ne[segment * devices.n_devices + device];
            if (part > 0) continue;
            throw Error(ErrorCode::option_invalid,
                        "Expected heads of every layer for each device with splitMode 'tensor', but device " +
                            std::to_string(device + 1) + " of " + std::to_string(devices.n_devices) +
                            " would have none of " + name +
                            "; name fewer devices, or give it a larger share in tensorSplit");
        }
    }
}

bool keys_can_turn(const llama_model * model, ggml_type key_type) {
    if (!ggml_is_quantized(key_type)) return true;
    // llama.cpp spreads quantised keys over the whole head before it stores them, where 64 divides all heads.
    // It takes that back before it turns them, also where it was not done or concerns more than is turned.
    const llama_hparams & hparams = model->hparams;
    for (uint32_t layer = 0; layer < hparams.n_layer(); ++layer) {
        if (hparams.is_recr(layer)) continue;
        const uint32_t head_size = hparams.n_embd_head_k(layer);
        if (head_size % 64 != 0 || head_size != hparams.n_embd_head_k(0) || head_size != hparams.n_rot(layer))
            return false;
    }
    return true;
}

bool gives_logits(const llama_context * context) {
    const auto * graph = context->get_gf_res_reserve();
    return graph && graph->t_logits;
}

} // namespace reprise
