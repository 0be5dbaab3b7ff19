#include "engine/adapters.h"

#include "engine/error.h"
#include "engine/hash.h"
#include "engine/llama_log.h"
#include "engine/model_files.h"

namespace reprise {

namespace {

Adapter load_adapter(llama_model * model, const std::string & path) {
    const ModelFiles files = read_model_files(path);
    require_weight_types(files);
    LogCapture log;
    llama_adapter_lora * const handle = llama_adapter_lora_init(model, path.c_str());
    if (!handle)
        throw Error(ErrorCode::model_invalid, "llama.cpp could not load " + path +
                                                  " as an adapter of the model: " +
                                                  (log.reason().empty() ? "no reason given" : log.reason()));
    if (llama_adapter_get_alora_n_invocation_tokens(handle) > 0)
        throw Error(
            ErrorCode::model_invalid,
            path + " is an activated LoRA, which works from a certain token of the text on; Reprise applies "
                   "adapters to whole texts. Load a plain LoRA");
    return {handle, weights_fingerprint(files)};
}

} // namespace

std::vector<Adapter> load_adapters(llama_model * model, const std::vector<std::string> & paths) {
    std::vector<Adapter> adapters;
    for (const std::string & path : paths) adapters.push_back(load_adapter(model, path));
    return adapters;
}

void apply_adapters(llama_context * context, const std::vector<Adapter> & adapters,
                    const std::vector<AppliedAdapter> & applied) {
    std::vector<llama_adapter_lora *> handles;
    std::vector<float> scales;
    for (const auto & [index, scale] : applied) {
        handles.push_back(adapters.at(index).handle);
        scales.push_back(scale);
    }
    if (!handles.empty()) llama_set_adapters_lora(context, handles.data(), handles.size(), scales.data());
}

uint64_t fingerprint_with(uint64_t model, const std::vector<Adapter> & adapters,
                          const std::vector<AppliedAdapter> & applied) {
    // In the order in which they are named: that of the sums of their products.
    for (const auto & [index, scale] : applied) {
        if (scale == 0) continue;
        Fnv1a hash;
        hash.add(model);
        hash.add(adapters.at(index).fingerprint);
        hash.add(scale);
        model = hash.value();
    }
    return model;
}

} // namespace reprise
