#pragma once

#include <span>
#include <string>
#include <vector>

#include "gguf.h"
#include "llama.h"

#include "engine/device_options.h"

namespace reprise {

/// The devices that one model's options choose, and what llama.cpp is told of them. llama.cpp reads the lists
/// here while it loads, so this outlives the load.
class DeviceSelection {
public:
    /// `workers` are devices of other machines, which this model may use beside those of this machine. Throws
    /// Error OPTION_INVALID for options that name a device that is not there, that contradict each other, or
    /// that would have no effect.
    DeviceSelection(const DeviceOptions & options, std::span<const ggml_backend_dev_t> workers);
    DeviceSelection(const DeviceSelection &) = delete;
    DeviceSelection & operator=(const DeviceSelection &) = delete;

    /// Takes in what the model's header says. Throws Error OPTION_INVALID for options that the model does not
    /// allow.
    void look_at(const gguf_context * header);

    bool has_devices() const { return count() > 0; }
    /// Whether `fit_layers` is to say how many layers the devices get.
    bool is_fitted() const;
    /// Whether it has all or none of the choice: llama.cpp moves nothing that a user has placed.
    bool is_placed_by_hand() const { return !options_.tensor_split.empty() || options_.cpu_moe != 0; }
    const DeviceOptions & options() const { return options_; }

    /// Sets all but the number of layers where that is fitted.
    void apply(llama_model_params & params);

private:
    size_t count() const { return devices_.size() - 1; }
    void choose(std::span<const ggml_backend_dev_t> workers);
    void require_split() const;

    DeviceOptions options_;
    std::vector<ggml_backend_dev_t> devices_; ///< with a null pointer at its end
    std::vector<float> split_;
    std::vector<std::string> expert_patterns_;
    std::vector<llama_model_tensor_buft_override> overrides_;
};

} // namespace reprise
