#include "engine/placement.h"

#include <map>
#include <string_view>

#include "llama-ext.h" // llama.cpp's internal headers, of the pinned commit
#include "llama-model.h"

#include "engine/host_memory.h"

namespace reprise {

namespace {

constexpr const char * processor = "CPU";

bool is_processor(ggml_backend_dev_t device) {
    return !device || ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_CPU;
}

std::string name_of(ggml_backend_dev_t device) {
    return is_processor(device) ? processor : ggml_backend_dev_name(device);
}

/// The device of a buffer type. Memory of this machine that a device reads, too, is the processor's.
std::string name_of(ggml_backend_buffer_type_t type) {
    return ggml_backend_buft_is_host(type) ? processor : name_of(ggml_backend_buft_get_device(type));
}

DeviceShare & share_of(Placement & placement, const std::string & device) {
    for (DeviceShare & share : placement.shares)
        if (share.device == device) return share;
    return placement.shares.emplace_back(DeviceShare{device});
}

/// Whether the processor computes no more than what the first layer reads.
bool is_wholly_on_devices(const llama_model * model) {
    if (model->devices.empty()) return false;
    if (layers_on_processor(model) > 0 || is_processor(model->dev_output())) return false;
    // Experts may be kept back, or what else did not fit.
    for (const auto & [name, tensor] : model->tensors_by_name) {
        const std::string_view text = name;
        const bool is_input = !text.starts_with("blk.") && !text.starts_with("output");
        if (is_input || !tensor->buffer) continue;
        if (name_of(ggml_backend_buffer_get_type(tensor->buffer)) == processor) return false;
    }
    return true;
}

/// With all of the model's devices, in their order, and the layers of each.
Placement layers_of(const llama_model * model) {
    Placement placement;
    share_of(placement, processor);
    for (const auto & device : model->devices) share_of(placement, name_of(device.dev));
    // As llama.cpp counts them for n_gpu_layers.
    for (int layer = 0; layer < static_cast<int>(model->hparams.n_layer_all); ++layer)
        ++share_of(placement, name_of(model->dev_layer(layer))).layers;
    placement.logits = name_of(model->dev_output());
    ++share_of(placement, placement.logits).layers;
    placement.whole = is_wholly_on_devices(model);
    return placement;
}

void add_weights(Placement & placement, const llama_model * model) {
    for (const auto & [type, bytes] : model->memory_breakdown())
        if (!ggml_backend_buft_is_host(type)) share_of(placement, name_of(type)).weight_bytes += bytes;
    // A buffer in this machine's memory may be a map of the file, from the first of its weights to the last.
    // What lies between may be elsewhere, so that each weight is counted by itself.
    for (const auto & [name, tensor] : model->tensors_by_name) {
        if (!tensor->buffer) continue;
        const ggml_backend_buffer_type_t type = ggml_backend_buffer_get_type(tensor->buffer);
        if (!ggml_backend_buft_is_host(type)) continue;
        share_of(placement, name_of(type)).weight_bytes +=
            GGML_PAD(ggml_backend_buft_get_alloc_size(type, tensor), ggml_backend_buft_get_alignment(type));
    }
}

} // namespace

Placement placement_of(const llama_model * model) {
    if (model->hparams.vocab_only) return {};
    Placement placement = layers_of(model);
    add_weights(placement, model);
    return placement;
}

Placement placement_of(const llama_context * context) {
    Placement placement = placement_of(llama_get_model(context));
    for (const auto & [type, memory] : llama_get_memory_breakdown(context)) {
        DeviceShare & share = share_of(placement, name_of(type));
        share.cache_bytes += memory.context;
        share.compute_bytes += memory.compute;
    }
    return placement;
}

std::string cuda_card_of_logits(const llama_model * model) {
    const ggml_backend_dev_t device = model->hparams.vocab_only ? nullptr : model->dev_output();
    if (is_processor(device)) return {};
    const ggml_backend_reg_t backend = ggml_backend_dev_backend_reg(device);
    // Devices that share every tensor are one to llama.cpp, which no backend has.
    if (!backend || std::string_view(ggml_backend_reg_name(backend)) != "CUDA") return {};
    ggml_backend_dev_props props;
    ggml_backend_dev_get_props(device, &props);
    return props.device_id ? props.device_id : "";
}

namespace {

double cache_bytes_of_layer(const llama_model * model, const ContextOptions & options, int layer) {
    const llama_hparams & hparams = model->hparams;
    if (hparams.is_recr(layer) || (hparams.is_swa(layer) && !options.full_sliding_window)) return 0;
    const auto bytes = [](double numbers, ggml_type type) {
        return numbers * ggml_type_size(type) / ggml_blck_size(type);
    };
    return bytes(hparams.n_embd_k_gqa(layer), options.key_type) +
           (hparams.is_mla() ? 0 : bytes(hparams.n_embd_v_gqa(layer), options.value_type));
}

} // namespace

double cache_bytes_per_token(const llama_model * model, const ContextOptions & options) {
    double bytes = 0;
    for (int layer = 0; layer < llama_model_n_layer(model); ++layer)
        bytes += cache_bytes_of_layer(model, options, layer);
    return bytes;
}

void require_memory_for_context(const llama_model * model, const ContextOptions & options) {
    // What lies on a device is allocated at once, and llama.cpp says where that fails.
    double bytes = 0;
    for (int layer = 0; layer < llama_model_n_layer(model); ++layer)
        if (is_processor(model->dev_layer(layer))) bytes += cache_bytes_of_layer(model, options, layer);
    // The mask of attention has a number of two bytes for each row of a micro batch.
    if (bytes > 0) bytes += options.micro_batch_size * 2.0;
    require_memory_for_tokens(options.context_length, bytes);
}

int layers_on_processor(const llama_model * model) {
    int layers = 0;
    for (int layer = 0; layer < llama_model_n_layer(model); ++layer)
        layers += is_processor(model->dev_layer(layer)) ? 1 : 0;
    return layers;
}

} // namespace reprise
