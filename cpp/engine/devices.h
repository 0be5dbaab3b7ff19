#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ggml-backend.h"

namespace reprise {

/// What computes, as a user sees it.
struct Device {
    std::string name;        ///< Unique in the process, such as `CUDA0`.
    std::string description; ///< Such as the name of the card.
    std::string type;        ///< `cpu`, `gpu`, `integrated`, `accelerator` or `remote`
    std::string backend;     ///< Such as `CUDA`.
    size_t total_bytes;      ///< 0 where the backend does not say.
    size_t free_bytes;
};

/// Sets llama.cpp up, once in the process, before anything else of it is called.
void init_backends_once();

/// The names of the backends that the build has.
std::vector<std::string> backend_names();
/// The devices that this machine has for them, then those of `workers`, as host:port. Asks each for its free
/// memory. Throws Error WORKER_UNAVAILABLE, or OPTION_INVALID as `Workers` does.
std::vector<Device> list_devices(const std::vector<std::string> & workers = {});
Device describe(ggml_backend_dev_t device);

/// Whether layers can be put on the device: not on the processor, nor on what speeds its work up.
bool takes_layers(ggml_backend_dev_t device);
/// Whether it is another machine's.
bool is_remote(ggml_backend_dev_t device);
/// Those of this machine that take layers unless a user says otherwise, by llama.cpp's rules: one device
/// that several backends see is taken once, and an integrated one only where there is no other.
std::vector<ggml_backend_dev_t> default_devices();

} // namespace reprise
