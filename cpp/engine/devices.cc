#include "engine/devices.h"

#include <cstring>
#include <mutex>

#include "llama.h"

#include "engine/assertions.h"
#include "engine/llama_log.h"
#include "engine/workers.h"

namespace reprise {

namespace {

const char * type_name(ggml_backend_dev_t device) {
    if (is_remote(device)) return "remote"; // Its type is the same whatever the other machine has.
    switch (ggml_backend_dev_type(device)) {
    case GGML_BACKEND_DEVICE_TYPE_GPU:
        return "gpu";
    case GGML_BACKEND_DEVICE_TYPE_IGPU:
        return "integrated";
    case GGML_BACKEND_DEVICE_TYPE_ACCEL:
        return "accelerator";
    default:
        return "cpu";
    }
}

bool is_same_card(ggml_backend_dev_t left, ggml_backend_dev_t right) {
    ggml_backend_dev_props left_props;
    ggml_backend_dev_props right_props;
    ggml_backend_dev_get_props(left, &left_props);
    ggml_backend_dev_get_props(right, &right_props);
    return left_props.device_id && right_props.device_id &&
           std::strcmp(left_props.device_id, right_props.device_id) == 0;
}

} // namespace

void init_backends_once() {
    static std::once_flag once;
    std::call_once(once, [] {
        LogCapture::install();
        make_assertions_throw();
        llama_backend_init();
    });
}

std::vector<std::string> backend_names() {
    init_backends_once();
    std::vector<std::string> names;
    for (size_t i = 0; i < ggml_backend_reg_count(); ++i)
        names.emplace_back(ggml_backend_reg_name(ggml_backend_reg_get(i)));
    return names;
}

std::vector<Device> list_devices(const std::vector<std::string> & workers) {
    init_backends_once();
    std::vector<Device> devices;
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i)
        devices.push_back(describe(ggml_backend_dev_get(i)));
    const Workers remote(workers);
    for (const ggml_backend_dev_t device : remote.devices()) devices.push_back(describe(device));
    if (const std::string lost = remote.loss(); !lost.empty())
        throw Error(ErrorCode::worker_unavailable, lost + "; start it again with \"reprise worker\"");
    return devices;
}

Device describe(ggml_backend_dev_t device) {
    size_t free = 0;
    size_t total = 0;
    ggml_backend_dev_memory(device, &free, &total);
    return {ggml_backend_dev_name(device),
            ggml_backend_dev_description(device),
            type_name(device),
            ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)),
            total,
            free};
}

bool takes_layers(ggml_backend_dev_t device) {
    const auto type = ggml_backend_dev_type(device);
    return type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU;
}

bool is_remote(ggml_backend_dev_t device) {
    const ggml_backend_reg_t backend = ggml_backend_dev_backend_reg(device);
    // Devices that share every tensor are one to llama.cpp, which no backend has.
    return backend && std::strcmp(ggml_backend_reg_name(backend), "RPC") == 0;
}

std::vector<ggml_backend_dev_t> default_devices() {
    init_backends_once();
    std::vector<ggml_backend_dev_t> cards;
    std::vector<ggml_backend_dev_t> integrated;
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i) {
        const ggml_backend_dev_t device = ggml_backend_dev_get(i);
        if (!takes_layers(device) || is_remote(device)) continue;
        if (ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_IGPU) {
            const auto backend = ggml_backend_dev_backend_reg(device);
            if (integrated.empty() || ggml_backend_dev_backend_reg(integrated.back()) == backend)
                integrated.push_back(device);
            continue;
        }
        bool is_taken = false;
        for (const ggml_backend_dev_t other : cards) is_taken = is_taken || is_same_card(device, other);
        if (!is_taken) cards.push_back(device);
    }
    return cards.empty() ? integrated : cards;
}

} // namespace reprise
