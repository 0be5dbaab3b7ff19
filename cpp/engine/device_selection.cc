#include "engine/device_selection.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "llama-arch.h" // llama.cpp's internal header, of the pinned commit

#include "engine/devices.h"
#include "engine/error.h"
#include "engine/model_files.h"

namespace reprise {

namespace {

/// The tensors of experts in a layer, as llama.cpp's common.h names them (LLM_FFN_EXPS_REGEX).
constexpr const char * expert_tensors = "\\.ffn_(up|down|gate|gate_up)_(ch|)exps";

Error invalid(const std::string & expected, const std::string & name, const std::string & received,
              const std::string & hint) {
    return Error(ErrorCode::option_invalid,
                 "Expected " + expected + " for " + name + " but received " + received + ": " + hint);
}

std::string joined(const std::vector<std::string> & names) {
    std::string text;
    for (const std::string & name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string names_of(std::span<const ggml_backend_dev_t> devices) {
    std::vector<std::string> names;
    for (const ggml_backend_dev_t device : devices) names.emplace_back(ggml_backend_dev_name(device));
    return joined(names);
}

const char * name_of(SplitMode mode) {
    switch (mode) {
    case SplitMode::none:
        return "'none'";
    case SplitMode::layer:
        return "'layer'";
    case SplitMode::row:
        return "'row'";
    case SplitMode::tensor:
        return "'tensor'";
    }
    return "";
}

llama_split_mode llama_mode(SplitMode mode) {
    switch (mode) {
    case SplitMode::none:
        return LLAMA_SPLIT_MODE_NONE;
    case SplitMode::layer:
        return LLAMA_SPLIT_MODE_LAYER;
    case SplitMode::row:
        return LLAMA_SPLIT_MODE_ROW;
    case SplitMode::tensor:
        return LLAMA_SPLIT_MODE_TENSOR;
    }
    return LLAMA_SPLIT_MODE_LAYER;
}

/// A matrix whose rows each device gets a part of, and whose rows are a single block that cannot be parted;
/// empty where there is none. llama.cpp fails an assertion on it.
std::string undivided_matrix(const gguf_context * header) {
    const std::string architecture = architecture_of(header);
    const uint64_t width = whole_number(header, architecture + ".embedding_length").value_or(0);
    const uint64_t experts = whole_number(header, architecture + ".expert_count").value_or(0);
    constexpr std::array matrices = {".attn_output.weight", ".ssm_out.weight", ".ffn_down.weight",
                                     ".ffn_down_shexp.weight"};
    for (int64_t i = 0; i < gguf_get_n_tensors(header); ++i) {
        const std::string name = gguf_get_tensor_name(header, i);
        const bool of_experts = name.ends_with(".ffn_down_exps.weight");
        if (!of_experts &&
            std::ranges::none_of(matrices, [&](const char * end) { return name.ends_with(end); }))
            continue;
        const ggml_type type = gguf_get_tensor_type(header, i);
        const uint64_t rows = of_experts ? width * experts : width;
        if (ggml_is_quantized(type) && gguf_get_tensor_size(header, i) == rows * ggml_type_size(type))
            return name;
    }
    return {};
}

/// What a user can do where there is no device to choose.
std::string no_device_hint() {
    return "there is no device but the processor (this build has the backends " + joined(backend_names()) +
           "); leave the option out, or build for a GPU as docs/building.md says";
}

/// What a user can do who named a device that is not there.
std::string unknown_device_hint(const std::string & name, std::span<const ggml_backend_dev_t> known,
                                bool has_workers) {
    // Every worker's device is named after its address; llama.cpp's own programs call them RPC0, RPC1, and so
    // on.
    if (!has_workers && (name.find(':') != std::string::npos || name.starts_with("RPC")))
        return "a worker's device needs the worker's address in the option rpc, such as rpc: "
               "['127.0.0.1:50052'], and is named by that address";
    return known.empty() ? no_device_hint() : "there are " + names_of(known);
}

/// How many devices llama.cpp takes at most. Each is a backend for its scheduler, beside the processor and
/// what speeds that up; devices that share every tensor are one for it, which has a limit of its own.
size_t most_devices(std::optional<SplitMode> mode) {
    constexpr size_t scheduled_backends = 16; // GGML_SCHED_MAX_BACKENDS of ggml-backend.cpp
    if (mode == SplitMode::tensor)
        return std::min<size_t>(GGML_BACKEND_META_MAX_DEVICES, llama_max_devices());
    size_t others = 1;
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i)
        others += ggml_backend_dev_type(ggml_backend_dev_get(i)) == GGML_BACKEND_DEVICE_TYPE_ACCEL;
    return scheduled_backends - std::min(scheduled_backends, others);
}

std::string numbers(size_t count) {
    return std::to_string(count) + (count == 1 ? " number" : " numbers");
}

/// Every device that layers can be put on.
std::vector<ggml_backend_dev_t> known_devices(std::span<const ggml_backend_dev_t> workers) {
    std::vector<ggml_backend_dev_t> known(workers.begin(), workers.end());
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i) {
        const ggml_backend_dev_t device = ggml_backend_dev_get(i);
        if (takes_layers(device) && !is_remote(device)) known.push_back(device);
    }
    return known;
}

} // namespace

DeviceSelection::DeviceSelection(const DeviceOptions & options, std::span<const ggml_backend_dev_t> workers)
    : options_(options) {
    init_backends_once();
    choose(workers);
    if (const size_t most = most_devices(options_.split_mode); devices_.size() > most)
        throw invalid("at most " + std::to_string(most), "devices", std::to_string(devices_.size()),
                      "llama.cpp takes no more; name those that shall take layers, of " + names_of(devices_));
    devices_.push_back(nullptr);
    if (options_.gpu_layers && *options_.gpu_layers > 0 && !has_devices()) {
        const std::string received = std::to_string(*options_.gpu_layers);
        throw options_.devices ? invalid("0", "gpuLayers", received, "devices is an empty list")
                               : invalid("0, -1 or 'auto'", "gpuLayers", received, no_device_hint());
    }
    require_split();
}

void DeviceSelection::choose(std::span<const ggml_backend_dev_t> workers) {
    if (!options_.devices) {
        // Workers come first, since the first layers' results travel least then: llama.cpp does so too.
        devices_.assign(workers.begin(), workers.end());
        std::ranges::copy(default_devices(), std::back_inserter(devices_));
        if (options_.split_mode == SplitMode::none && !devices_.empty())
            devices_.erase(devices_.begin() + 1, devices_.end());
        return;
    }
    const std::vector<ggml_backend_dev_t> known = known_devices(workers);
    for (const std::string & name : *options_.devices) {
        const auto found = std::ranges::find_if(
            known, [&](ggml_backend_dev_t device) { return name == ggml_backend_dev_name(device); });
        if (found != known.end()) {
            devices_.push_back(*found);
            continue;
        }
        const std::string received = '"' + name + '"';
        if (name == "CPU")
            throw invalid("devices beside the processor", "devices", received,
                          "it computes what no device has; leave it out, or give an empty list for the "
                          "processor alone");
        const bool has_workers = !options_.rpc.empty();
        throw invalid(has_workers ? "names that devices({ rpc }) gives" : "names that devices() gives",
                      "devices", received, unknown_device_hint(name, known, has_workers));
    }
}

void DeviceSelection::require_split() const {
    const std::string names = names_of({devices_.data(), count()});
    const std::string too_few =
        "a model is split between two devices or more, and " +
        (has_devices() ? "there is " + names + " alone; leave the option out" : no_device_hint());
    if (options_.split_mode) {
        const SplitMode mode = *options_.split_mode;
        if (mode == SplitMode::none && count() > 1)
            throw invalid("one of the devices", "devices", names,
                          "with splitMode 'none' one device has the whole model");
        if (mode != SplitMode::none && count() < 2)
            throw invalid("'none'", "splitMode", name_of(mode), too_few);
        for (size_t i = 0; mode == SplitMode::row && i < count(); ++i)
            if (!ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(devices_[i]),
                                                   "ggml_backend_split_buffer_type"))
                throw invalid("'layer' or 'tensor'", "splitMode", "'row'",
                              std::string("the backend of ") + ggml_backend_dev_name(devices_[i]) +
                                  " cannot split rows");
    }
    if (options_.tensor_split.empty()) return;
    const std::string shares = numbers(options_.tensor_split.size());
    if (count() < 2) throw invalid("no shares", "tensorSplit", shares, too_few);
    if (options_.split_mode == SplitMode::none)
        throw invalid("no shares", "tensorSplit", shares,
                      "with splitMode 'none' one device has the whole model");
    if (options_.tensor_split.size() != count())
        throw invalid(numbers(count()), "tensorSplit", shares, "each device gets a share: " + names);
}

void DeviceSelection::look_at(const gguf_context * header) {
    const std::string architecture = architecture_of(header);
    if (options_.cpu_moe != 0 && whole_number(header, architecture + ".expert_count").value_or(0) == 0)
        throw invalid("false", "cpuMoe", options_.cpu_moe < 0 ? "true" : std::to_string(options_.cpu_moe),
                      "the model has no experts");
    const llm_arch arch = llm_arch_from_string(architecture);
    if (options_.split_mode == SplitMode::tensor && arch != LLM_ARCH_UNKNOWN &&
        !llm_arch_supports_sm_tensor(arch))
        throw invalid("'layer' or 'none'", "splitMode", "'tensor'",
                      "llama.cpp cannot split the tensors of " + architecture);
    const std::string matrix =
        options_.split_mode == SplitMode::tensor ? undivided_matrix(header) : std::string();
    if (!matrix.empty())
        throw invalid("'layer' or 'none'", "splitMode", "'tensor'",
                      "the rows of " + matrix + " are a single block of quantised numbers, and llama.cpp " +
                          "splits rows between blocks alone");
    // One pattern for all is matched faster than one for each layer.
    const uint64_t layers = whole_number(header, architecture + ".block_count").value_or(0);
    if (options_.cpu_moe > 0 && static_cast<uint64_t>(options_.cpu_moe) >= layers) options_.cpu_moe = -1;
    if (options_.room_for.context_length == 0) {
        constexpr uint64_t most = 4096; // what lib/session-options.ts gives a session
        const uint64_t trained = whole_number(header, architecture + ".context_length").value_or(0);
        options_.room_for.context_length = static_cast<int>(trained == 0 ? most : std::min(trained, most));
    }
}

bool DeviceSelection::is_fitted() const {
    // llama.cpp fits no model whose tensors are split: it puts all layers on the devices then.
    return has_devices() && !options_.gpu_layers && options_.split_mode != SplitMode::tensor;
}

void DeviceSelection::apply(llama_model_params & params) {
    params.devices = devices_.data();
    params.n_gpu_layers = options_.gpu_layers.value_or(DeviceOptions::all_layers);
    if (options_.split_mode) params.split_mode = llama_mode(*options_.split_mode);
    if (!options_.tensor_split.empty()) {
        split_ = options_.tensor_split;
        split_.resize(std::max(llama_max_devices(), split_.size()));
        params.tensor_split = split_.data();
    }
    if (options_.cpu_moe == 0) return;
    expert_patterns_.clear();
    if (options_.cpu_moe < 0) expert_patterns_.emplace_back(expert_tensors);
    for (int layer = 0; layer < options_.cpu_moe; ++layer)
        expert_patterns_.push_back("blk\\." + std::to_string(layer) + expert_tensors);
    overrides_.clear();
    for (const std::string & pattern : expert_patterns_)
        overrides_.push_back({pattern.c_str(), ggml_backend_cpu_buffer_type()});
    overrides_.push_back({nullptr, nullptr});
    params.tensor_buft_overrides = overrides_.data();
}

} // namespace reprise
