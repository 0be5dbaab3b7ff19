#include "engine/layer_fit.h"

#include <chrono>
#include <mutex>

#include "common/fit.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

/// What stays free on each device: llama.cpp's default.
constexpr size_t margin_bytes = size_t{1} << 30;

} // namespace

LayerFit::LayerFit()
    : split_(llama_max_devices()), overrides_(llama_max_tensor_buft_overrides(), {nullptr, nullptr}) {}

std::string LayerFit::apply(const std::string & path, llama_model_params & model,
                            const llama_context_params & context) {
    // It keeps names in tables of the process that it fills as it goes.
    static std::timed_mutex mutex;
    const auto is_wanted = [&] {
        return !model.progress_callback || model.progress_callback(0, model.progress_callback_user_data);
    };
    std::unique_lock lock(mutex, std::defer_lock);
    // Another load may hold it for long, or for ever where its worker hangs.
    while (!lock.try_lock_for(std::chrono::milliseconds(100)))
        if (!is_wanted()) return "";
    if (!is_wanted()) return "";
    LogCapture log;
    llama_model_params fitted = model;
    fitted.progress_callback = nullptr;
    llama_context_params measured = context;
    std::vector<size_t> margins(llama_max_devices(), margin_bytes);
    const auto status = common_fit_params(path.c_str(), &fitted, &measured, split_.data(), overrides_.data(),
                                          margins.data(), measured.n_ctx, nullptr, GGML_LOG_LEVEL_ERROR);
    if (status == COMMON_PARAMS_FIT_STATUS_FAILURE)
        return log.reason().empty() ? "no reason given" : log.reason();
    if (status == COMMON_PARAMS_FIT_STATUS_ERROR) return "";
    model.n_gpu_layers = fitted.n_gpu_layers;
    model.tensor_split = fitted.tensor_split;
    model.tensor_buft_overrides = fitted.tensor_buft_overrides;
    return "";
}

} // namespace reprise
