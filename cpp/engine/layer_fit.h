#pragma once

#include <string>
#include <vector>

#include "llama.h"

namespace reprise {

/// Puts as many of a model's layers on its devices as fit into their free memory beside a context, by
/// llama.cpp's own fitting (common/fit.cpp): it measures models and contexts that are laid out but not
/// allocated. Of a layer with experts it may leave the experts, or a part of them, to the processor. It
/// leaves 1 GiB of each device free, as llama.cpp does, for what others need.
class LayerFit {
public:
    LayerFit();
    LayerFit(const LayerFit &) = delete;
    LayerFit & operator=(const LayerFit &) = delete;

    /// Why the layers do not fit; empty where they do, and where nothing can be said since llama.cpp does not
    /// take the model or the context, or the model's progress callback ends the loading: then they stay as
    /// they were. Sets the number of layers and what goes with it, in lists that llama.cpp reads here while
    /// it loads.
    std::string apply(const std::string & path, llama_model_params & model,
                      const llama_context_params & context);

private:
    std::vector<float> split_;
    std::vector<llama_model_tensor_buft_override> overrides_;
};

} // namespace reprise
