#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llama.h"

namespace reprise {

/// An adapter of a model (LoRA: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021), which
/// its contexts may apply. It lives as long as the model.
struct Adapter {
    llama_adapter_lora * handle;
    uint64_t fingerprint; ///< of its weights
};

/// One of the model's adapters, by its place among them, and how strongly a context applies it.
struct AppliedAdapter {
    int index;
    float scale;
};

/// Loads adapters into a model that has no context yet. Throws Error MODEL_NOT_FOUND and MODEL_INVALID.
std::vector<Adapter> load_adapters(llama_model * model, const std::vector<std::string> & paths);

/// Applies them in a context, whose state is not yet in use.
void apply_adapters(llama_context * context, const std::vector<Adapter> & adapters,
                    const std::vector<AppliedAdapter> & applied);

/// Identifies weights with these adapters; the model's own value where none is applied.
uint64_t fingerprint_with(uint64_t model, const std::vector<Adapter> & adapters,
                          const std::vector<AppliedAdapter> & applied);

} // namespace reprise
