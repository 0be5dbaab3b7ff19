#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llama.h"

#include "engine/context_options.h"

namespace reprise {

/// What of a model and its context lies on one device.
struct DeviceShare {
    std::string device; ///< Its name; `CPU` is the processor and the memory of this machine.
    int layers = 0;     ///< So many are computed there. The output is one, after the last.
    uint64_t weight_bytes = 0;
    uint64_t cache_bytes = 0;   ///< 0 without a context.
    uint64_t compute_bytes = 0; ///< Buffers of a pass; 0 without a context.
};

/// Where a model is, or would be.
struct Placement {
    std::vector<DeviceShare> shares; ///< The processor's first.
    std::string logits;              ///< The device that computes them.
    bool whole = false;              ///< Whether devices compute all but the lookup of the embeddings.
};

/// Which parts of a pass are spared or run on a device, where a context has them.
struct DeviceFeatures {
    bool graph_reuse = false;   ///< llama.cpp computes its last graph again where a pass has the same shape.
    bool device_logits = false; ///< The best tokens of a row are found where its logits are.
    bool cuda_kernels = false;  ///< Our own kernels choose tokens.
    bool device_matching = false; ///< A device may search references and the corpus.
};

/// Of a model alone; empty where its vocabulary alone was loaded.
Placement placement_of(const llama_model * model);
/// With the cache and the buffers of the context.
Placement placement_of(const llama_context * context);

/// The PCI address of the CUDA device that computes the logits; empty where it is no such device.
std::string cuda_card_of_logits(const llama_model * model);

/// So many layers the processor computes, the output not counted.
int layers_on_processor(const llama_model * model);

/// The bytes of keys and values that each token of a context takes, on all devices together. Layers that keep
/// the latest tokens alone are left out where they do so.
double cache_bytes_per_token(const llama_model * model, const ContextOptions & options);

/// Throws Error OUT_OF_MEMORY where the memory of this machine cannot hold the part of the context that is in
/// it.
void require_memory_for_context(const llama_model * model, const ContextOptions & options);

} // namespace reprise
