#pragma once

#include <string>

#include "llama.h"

#include "engine/context_options.h"
#include "engine/pooling.h"

namespace reprise {

/// Why the model does not continue a text token by token; empty where it does.
std::string generation_fault(const llama_model * model);

/// Why the model makes no embeddings of texts; empty where it does.
std::string embedding_fault(const llama_model * model);

/// How its file says that a text's numbers are made of its tokens'; none where it does not.
Pooling pooling_of(const llama_model * model);

/// Throws Error MODEL_INVALID where the model is not made to rank documents.
void require_ranking(const llama_model * model);

/// Whether it ranks several documents in a pass. Without a last layer llama.cpp takes the wrong numbers for
/// all but the first.
bool scores_many(const llama_model * model);

/// Whether it has an output layer, which gives logits.
bool gives_tokens(const llama_model * model);

/// Why a vocabulary would keep llama.cpp's tokenizer from ever coming to an end; empty where it does not.
std::string vocabulary_fault(const llama_vocab * vocab);

/// How many positions the model has a learnt embedding for; 0 where they are computed, and have no end.
int learnt_positions(const llama_model * model);

/// Refuses what llama.cpp would end in an assertion for: throws Error MODEL_INVALID for a model that cannot
/// generate, and OPTION_INVALID, with the option's name, for options that its shape does not allow.
void require_suitable(const llama_model * model, const ContextOptions & options);

/// Throws Error OPTION_INVALID where tensors are split and a device would have no head of a layer's
/// attention: llama.cpp then adds what lies in its memory by chance.
void require_heads_on_all(const llama_model * model);

/// Whether llama.cpp can move keys of that type to other positions. Where it cannot, it would read what is
/// not there, or fail an assertion.
bool keys_can_turn(const llama_model * model, ggml_type key_type);

/// Whether the graphs of the context give logits at all.
bool gives_logits(const llama_context * context);

} // namespace reprise
