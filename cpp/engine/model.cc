#include "engine/model.h"

#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "llama-arch.h" // llama.cpp's internal headers, of the pinned commit
#include "llama-ext.h"

#include "engine/assertions.h"
#include "engine/context_params.h"
#include "engine/device_selection.h"
#include "engine/devices.h"
#include "engine/error.h"
#include "engine/hash.h"
#include "engine/host_memory.h"
#include "engine/layer_fit.h"
#include "engine/llama_log.h"
#include "engine/model_files.h"
#include "engine/suitability.h"

namespace reprise {

namespace {

void require_weights(const ModelFiles & files) {
    if (files.tensors() == 0)
        throw Error(ErrorCode::model_vocab_only,
                    files.files.front().path + " holds a vocabulary but no weights; load it with vocabOnly: "
                                               "true to tokenize, or pass a whole model");
}

/// Refuses a map of characters that is shorter than it says. llama.cpp reads as much as its first bytes say.
void require_character_map(const std::string & path, const gguf_context * header) {
    const int64_t key = gguf_find_key(header, "tokenizer.ggml.precompiled_charsmap");
    if (key < 0) return;
    uint32_t trie = 0;
    const bool bytes = gguf_get_kv_type(header, key) == GGUF_TYPE_ARRAY &&
                       (gguf_get_arr_type(header, key) == GGUF_TYPE_UINT8 ||
                        gguf_get_arr_type(header, key) == GGUF_TYPE_INT8);
    const size_t size = bytes ? gguf_get_arr_n(header, key) : 0;
    if (size >= sizeof trie) std::memcpy(&trie, gguf_get_arr_data(header, key), sizeof trie);
    if (bytes && (size == 0 || (size > sizeof trie && trie <= size - sizeof trie))) return;
    throw Error(ErrorCode::model_invalid, path + " holds a damaged tokenizer.ggml.precompiled_charsmap; "
                                                 "download or convert it again");
}

/// Refuses zeros that llama.cpp would divide by, since it does not look at them. It refuses an architecture
/// that it does not know itself.
void require_divisors(const std::string & path, const gguf_context * header) {
    const std::string architecture = architecture_of(header);
    if (llm_arch_from_string(architecture) == LLM_ARCH_UNKNOWN) return;
    const bool attends = !architecture.starts_with("mamba") && architecture.find("rwkv") == std::string::npos;
    const bool grouped = architecture != "mamba"; // Its states are not in groups.
    const std::pair<const char *, bool> divisors[] = {{"attention.head_count", attends},
                                                      {"ssm.group_count", grouped},
                                                      {"ssm.time_step_rank", true},
                                                      {"full_attention_interval", true},
                                                      {"wkv.head_size", true}};
    for (const auto & [name, divides] : divisors) {
        const std::string key = architecture + "." + name;
        if (divides && whole_number(header, key) == 0)
            throw Error(ErrorCode::model_invalid,
                        path + " says 0 for " + key + "; download or convert it again");
    }
    if (attends && gguf_find_key(header, (architecture + ".attention.head_count").c_str()) < 0)
        throw Error(ErrorCode::model_invalid,
                    path + " does not say " + architecture + ".attention.head_count; convert it again");
}

bool mentions_memory(const std::string & reason) {
    for (const char * sign : {"failed to allocate", "unable to allocate", "out of memory", "bad_alloc"})
        if (reason.find(sign) != std::string::npos) return true;
    return false;
}

CacheKind kind_of(const llama_model * model) {
    if (llama_model_is_recurrent(model)) return CacheKind::recurrent;
    if (llama_model_is_hybrid(model)) return CacheKind::hybrid;
    return llama_model_n_swa(model) > 0 ? CacheKind::sliding_window : CacheKind::full;
}

/// Reads the headers and refuses what llama.cpp would not.
ModelFiles read_loadable(const std::string & path, const ModelOptions & options) {
    ModelFiles files = read_model_files(path);
    require_character_map(path, files.files.front().header.get());
    if (options.vocab_only) return files;
    require_weights(files);
    require_divisors(path, files.files.front().header.get());
    require_weight_types(files);
    return files;
}

Error not_loaded(const std::string & path, const DeviceSelection & selection, const LogCapture & log) {
    const std::string reason = log.reason();
    // What a model's tensors must be like for it is known to llama.cpp's assertions alone.
    if (selection.options().split_mode == SplitMode::tensor && reason.find("_ASSERT(") != std::string::npos)
        return Error(ErrorCode::option_invalid, "Expected 'layer' or 'none' for splitMode but received "
                                                "'tensor': llama.cpp cannot split the tensors of " +
                                                    path + " (" + reason + ")");
    const ErrorCode code = mentions_memory(reason) ? ErrorCode::out_of_memory : ErrorCode::model_invalid;
    return Error(code,
                 "llama.cpp could not load " + path + ": " + (reason.empty() ? "no reason given" : reason));
}

/// Says where layers go.
void choose_devices(const ModelFiles & files, DeviceSelection & selection, LayerFit & fit,
                    llama_model_params & params) {
    const auto & [path, header] = files.files.front();
    selection.look_at(header.get());
    selection.apply(params);
    const llm_arch architecture = llm_arch_from_string(architecture_of(header.get()));
    // A draft head makes no context without its target; it has few layers.
    if (!selection.is_fitted() || architecture == LLM_ARCH_EAGLE3 || architecture == LLM_ARCH_DFLASH) return;
    const CacheKind kind = llm_arch_is_recurrent(architecture) ? CacheKind::recurrent
                           : llm_arch_is_hybrid(architecture)  ? CacheKind::hybrid
                                                               : CacheKind::full;
    const DraftShape shape = has_states(kind) ? DraftShape::chain : DraftShape::tree;
    // A window would make batches smaller, and no buffer.
    const ContextParams context =
        context_params(selection.options().room_for, {kind, shape, 0, vocabulary_size_of(header.get())});
    require_memory_for_tokens(context.options.context_length, 0);
    const std::string reason = fit.apply(path, params, context.llama);
    if (reason.empty()) return;
    throw Error(
        ErrorCode::out_of_memory,
        "The layers of " + path + " do not fit into the devices as " +
            (selection.is_placed_by_hand() ? "tensorSplit and cpuMoe place them" : "splitMode splits them") +
            "; say how many with gpuLayers, or lower roomFor.contextLength (" + reason + ")");
}

/// Whether llama.cpp can take the last tokens back from the model's state.
bool state_rolls_back(llama_model * model) {
    LogCapture log;
    llama_context_params params = llama_context_default_params();
    // The smallest context says whether states have snapshots, and costs the least memory.
    params.n_ctx = 64;
    params.n_batch = params.n_ubatch = 16;
    params.n_seq_max = 1;
    params.n_rs_seq = 1;
    const std::unique_ptr<llama_context, decltype(&llama_free)> probe(llama_init_from_model(model, params),
                                                                      llama_free);
    return probe && llama_n_rs_seq(probe.get()) > 0;
}

/// Whether its state can step back far enough is known once a context exists (`Context::max_rollback`).
DraftShape draft_shape_of(llama_model * model) {
    if (!has_states(kind_of(model))) return DraftShape::tree;
    return state_rolls_back(model) ? DraftShape::chain : DraftShape::off;
}

struct ProgressCall {
    Model::Progress progress;
    bool stopped = false;
    float fraction = 0;
};

bool on_progress(float fraction, void * data) noexcept {
    auto & call = *static_cast<ProgressCall *>(data);
    call.fraction = fraction;
    try {
        if (call.progress && !call.progress(fraction)) call.stopped = true;
    } catch (...) {
        call.stopped = true;
    }
    return !call.stopped;
}

/// What `work` gives. Where it was stopped, it throws Error ABORTED, whatever that made fail.
template <typename Work> auto unless_stopped(const ProgressCall & call, const std::string & path, Work work) {
    const Error aborted(ErrorCode::aborted, "Loading " + path + " was aborted");
    try {
        auto result = work();
        if (call.stopped) throw aborted;
        return result;
    } catch (...) {
        if (call.stopped) throw aborted;
        throw;
    }
}

/// Where the model, and a session of it, would be.
Placement plan_of(const ModelFiles & files, const ModelOptions & options, ProgressCall & call) {
    const std::string & path = files.files.front().path;
    const Workers workers(options.devices.rpc);
    llama_model_params params = llama_model_default_params();
    params.load_mtp = options.mtp;
    params.progress_callback = on_progress;
    params.progress_callback_user_data = &call;
    DeviceSelection selection(options.devices, workers.devices());
    LayerFit fit;
    choose_devices(files, selection, fit, params);
    params.no_alloc = true;
    params.load_mode = LLAMA_LOAD_MODE_NONE;
    LogCapture log;
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
        llama_model_load_from_file(path.c_str(), params), llama_model_free);
    workers.require();
    if (!model) throw not_loaded(path, selection, log);
    require_heads_on_all(model.get());
    if (!generation_fault(model.get()).empty()) return placement_of(model.get());
    const ContextParams made =
        context_params(selection.options().room_for,
                       {kind_of(model.get()), draft_shape_of(model.get()), llama_model_n_swa(model.get()),
                        llama_vocab_n_tokens(llama_model_get_vocab(model.get()))});
    require_suitable(model.get(), made.options);
    require_memory_for_context(model.get(), made.options);
    const std::unique_ptr<llama_context, decltype(&llama_free)> context(
        llama_init_from_model(model.get(), made.llama), llama_free);
    workers.require();
    if (!context) throw context_not_made(log, made.options.context_length);
    return placement_of(context.get());
}

/// The vocabulary, unless it has a fault that would hang the tokenizer. Asked before anything becomes tokens.
const llama_vocab * usable(const llama_vocab * vocab) {
    const std::string fault = vocabulary_fault(vocab);
    if (!fault.empty()) throw Error(ErrorCode::model_invalid, "The model cannot be used: " + fault);
    return vocab;
}

} // namespace

std::shared_ptr<Model> Model::load(const std::string & path, const ModelOptions & options,
                                   Progress progress) {
    init_backends_once();
    return with_assertions(ErrorCode::model_invalid, "llama.cpp does not take what " + path + " holds", [&] {
        const ModelFiles files = read_loadable(path, options);
        auto loaded = load_from(files, options, std::move(progress));
        if (!options.vocab_only) loaded->fingerprint_ ^= weights_fingerprint(files);
        return loaded;
    });
}

Placement Model::plan(const std::string & path, const ModelOptions & options, Progress progress) {
    init_backends_once();
    return with_assertions(ErrorCode::model_invalid, "llama.cpp does not take what " + path + " holds", [&] {
        const ModelFiles files = read_loadable(path, options);
        ProgressCall call{std::move(progress)};
        const WaitForWorkers waiting([&] { return on_progress(0, &call); });
        return unless_stopped(call, path, [&] { return plan_of(files, options, call); });
    });
}

std::shared_ptr<Model> Model::load_from(const ModelFiles & files, const ModelOptions & options,
                                        Progress progress) {
    const std::string & path = files.files.front().path;
    ProgressCall call{std::move(progress)};
    const WaitForWorkers waiting([&] { return on_progress(call.fraction, &call); });
    return unless_stopped(call, path, [&] {
        auto workers = std::make_unique<Workers>(options.devices.rpc);
        llama_model_params params = llama_model_default_params();
        params.load_mtp = options.mtp; // Its layers are fitted to devices with the others.
        DeviceSelection selection(options.devices, workers->devices());
        params.progress_callback = on_progress;
        params.progress_callback_user_data = &call;
        LayerFit fit;
        if (!options.vocab_only) choose_devices(files, selection, fit, params);
        params.load_mode = options.mlock ? (options.mmap ? LLAMA_LOAD_MODE_MMAP_MLOCK : LLAMA_LOAD_MODE_MLOCK)
                           : options.mmap ? LLAMA_LOAD_MODE_MMAP
                                          : LLAMA_LOAD_MODE_NONE;
        params.check_tensors = options.check_tensors;
        params.vocab_only = options.vocab_only;

        LogCapture log;
        Handle handle(call.stopped ? nullptr : llama_model_load_from_file(path.c_str(), params));
        workers->require();
        if (!handle) throw not_loaded(path, selection, log);
        if (!options.vocab_only) require_heads_on_all(handle.get());
        const auto model =
            std::shared_ptr<Model>(new Model(std::move(handle), std::move(workers), options.vocab_only));
        model->workers().require();
        model->adapters_ = load_adapters(model->handle(), options.adapters);
        if (!options.images.projector.empty() && !options.vocab_only) {
            ImageOptions images = options.images;
            images.on_device = model->has_devices() && !is_remote(llama_model_get_device(model->handle(), 0));
            const auto progress_of = [&](float) { return on_progress(call.fraction, &call); };
            model->images_ = std::make_unique<ImageEncoder>(model->handle(), images, progress_of);
        }
        return model;
    });
}

Model::Model(Handle handle, std::unique_ptr<Workers> workers, bool vocab_only)
    : workers_(std::move(workers)), model_(std::move(handle)), vocab_(llama_model_get_vocab(model_.get())),
      vocab_only_(vocab_only), vocabulary_(usable(vocab_)), cache_kind_(kind_of(model_.get())) {
    llama_model * const model = model_.get();
    shape_ = vocab_only ? DraftShape::off : draft_shape_of(model);
    if (vocab_only)
        shape_reason_ = "only the vocabulary is loaded";
    else if (shape_ == DraftShape::chain)
        shape_reason_ = "a recurrent state follows one path, so drafts are chains";
    else if (shape_ == DraftShape::off)
        shape_reason_ = "llama.cpp cannot roll back this architecture's recurrent state, so a rejected draft "
                        "could not be undone";

    Fnv1a hash;
    for (const auto & [key, value] : metadata()) {
        if (key.starts_with("split.")) continue; // A model in several files is the same as in one.
        hash.add(key);
        hash.add(value);
    }
    hash.add(llama_model_size(model));
    hash.add(llama_model_n_params(model));
    // A sample of the vocabulary is enough beside the metadata. The step is a prime, so that it falls in with
    // no pattern.
    constexpr Token vocabulary_step = 97;
    for (Token token = 0; token < vocabulary_.size(); token += vocabulary_step)
        hash.add(std::string_view(llama_vocab_get_text(vocab_, token)));
    fingerprint_ = hash.value();
}

bool Model::has_devices() const {
    return llama_model_n_devices(handle()) > 0;
}

std::string Model::description() const {
    char text[256];
    llama_model_desc(model_.get(), text, sizeof text);
    std::string description = text;
    // llama.cpp names the sizes that it knows.
    const size_t unknown = description.find("?B");
    if (unknown == std::string::npos) return description;
    const auto weights = static_cast<double>(llama_model_n_params(model_.get()));
    const bool is_large = weights >= 1e9;
    char size[32];
    std::snprintf(size, sizeof size, is_large ? "%.1fB" : "%.1fM", weights / (is_large ? 1e9 : 1e6));
    return description.replace(unknown, 2, size);
}

std::map<std::string, std::string> Model::metadata() const {
    std::map<std::string, std::string> values;
    const int count = llama_model_meta_count(model_.get());
    const auto read = [](auto && call) {
        std::string text(256, '\0');
        int length = call(text.data(), text.size());
        if (length >= static_cast<int>(text.size())) {
            text.resize(length + 1);
            length = call(text.data(), text.size());
        }
        text.resize(length < 0 ? 0 : length);
        return text;
    };
    for (int i = 0; i < count; ++i) {
        const std::string key = read([&](char * buffer, size_t size) {
            return llama_model_meta_key_by_index(model_.get(), i, buffer, size);
        });
        values[key] = read([&](char * buffer, size_t size) {
            return llama_model_meta_val_str_by_index(model_.get(), i, buffer, size);
        });
    }
    return values;
}

std::vector<Token> Model::end_tokens() const {
    std::vector<Token> tokens;
    for (Token token = 0; token < vocabulary_.size(); ++token)
        if (llama_vocab_is_eog(vocab_, token)) tokens.push_back(token);
    return tokens;
}

VocabularyId Model::vocabulary_id() const {
    Fnv1a hash;
    for (Token token = 0; token < vocabulary_.size(); ++token)
        hash.add(std::string_view(llama_vocab_get_text(vocab_, token)));
    return {hash.value(), vocabulary_.size()};
}

} // namespace reprise
