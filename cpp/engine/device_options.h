#pragma once

namespace reprise {

/// Which devices hold a model's layers, their cache and the logits.
struct DeviceOptions {
    int gpu_layers = -1; ///< -1 for all
};

} // namespace reprise
