#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/context_options.h"

namespace reprise {

/// How several devices share a model.
enum class SplitMode {
    none,   ///< One device has all of it.
    layer,  ///< Each has whole layers, with their cache.
    row,    ///< Each has rows of every matrix.
    tensor, ///< Each has a part of every tensor and of the cache, and all compute at once.
};

/// Which devices hold a model's layers, their cache and the logits.
struct DeviceOptions {
    static constexpr int all_layers = -1;

    /// So many of the last layers, the output among them; none given: as many as fit beside `room_for`.
    std::optional<int> gpu_layers;
    /// By name, in the order in which they take layers. None given: every graphics processor of this machine;
    /// an empty list: the processor alone.
    std::optional<std::vector<std::string>> devices;
    /// Workers whose devices this model may use, as host:port. Where no devices are named they come first.
    std::vector<std::string> rpc;
    std::optional<SplitMode> split_mode; ///< By layer where it is not given.
    /// The share of each device; empty for the free memory of each.
    std::vector<float> tensor_split;
    /// The experts of so many of the first layers stay with the processor; -1 for all.
    int cpu_moe = 0;
    /// The session whose cache and buffers shall fit beside the layers. A context length of 0 is the default
    /// of a session.
    ContextOptions room_for = {.context_length = 0};
};

} // namespace reprise
