#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llama.h"

#include "draft/token.h"
#include "engine/adapters.h"
#include "engine/cache_kind.h"
#include "engine/device_options.h"
#include "engine/dry_samplers.h"
#include "engine/image_encoder.h"
#include "engine/index_file.h"
#include "engine/placement.h"
#include "engine/vocabulary.h"
#include "engine/workers.h"

namespace reprise {

struct ModelFiles;

struct ModelOptions {
    DeviceOptions devices;
    bool mmap = true;
    bool mlock = false;
    bool check_tensors = false;
    bool vocab_only = false;
    bool mtp = false; ///< Its layers for multi-token prediction are loaded, too (`DraftKind::mtp`).
    std::vector<std::string> adapters; ///< their files
    ImageOptions images;
};

/// A loaded GGUF model: weights, vocabulary and facts. It never changes, and its sessions share it and keep
/// it alive.
class Model {
public:
    /// Gets the share that is done, 0…1. Where it returns false the load ends with code ABORTED.
    using Progress = std::function<bool(float)>;

    /// Blocks until the model is loaded. Throws Error: MODEL_NOT_FOUND, MODEL_INVALID, MODEL_VOCAB_ONLY,
    /// OUT_OF_MEMORY, ABORTED, STATE_IO, STATE_MISMATCH, WORKER_UNAVAILABLE and OPTION_INVALID.
    static std::shared_ptr<Model> load(const std::string & path, const ModelOptions &, Progress);

    /// Where a model and a session of it, `room_for` of the devices' options, would be. Loads no weights.
    /// Throws as `load` does, and Error OPTION_INVALID where the model does not allow the session.
    static Placement plan(const std::string & path, const ModelOptions &, Progress);

    llama_model * handle() const { return model_.get(); }
    const llama_vocab * vocab() const { return vocab_; }
    bool vocab_only() const { return vocab_only_; }
    /// The other machines that hold parts of it.
    const Workers & workers() const { return *workers_; }
    /// Whether it may use a device beside the processor, if only for the products of long prompts.
    bool has_devices() const;

    CacheKind cache_kind() const { return cache_kind_; }
    DraftShape draft_shape() const { return shape_; }
    const std::string & draft_reason() const { return shape_reason_; }

    int vocabulary_size() const { return vocabulary_.size(); }
    std::string description() const;
    std::map<std::string, std::string> metadata() const;
    std::vector<Token> end_tokens() const;
    /// Identifies weights and vocabulary well enough that a state of one model is never read into another.
    uint64_t fingerprint() const { return fingerprint_; }
    /// Identifies the vocabulary alone.
    VocabularyId vocabulary_id() const;

    /// The adapters that its contexts may apply, in the order of ModelOptions.
    const std::vector<Adapter> & adapters() const { return adapters_; }

    /// What reads images for it; a null pointer where it reads none.
    ImageEncoder * images() const { return images_.get(); }

    /// Samplers of its vocabulary.
    DrySamplers & dry_samplers() const { return dry_samplers_; }

    const Vocabulary & vocabulary() const { return vocabulary_; }
    /// The BOS token where a context begins with one, else -1.
    Token first_token() const { return llama_vocab_get_add_bos(vocab_) ? llama_vocab_bos(vocab_) : -1; }

private:
    struct Free {
        void operator()(llama_model * model) const { llama_model_free(model); }
    };

    using Handle = std::unique_ptr<llama_model, Free>;

    static std::shared_ptr<Model> load_from(const ModelFiles & files, const ModelOptions &, Progress);
    Model(Handle handle, std::unique_ptr<Workers> workers, bool vocab_only);

    std::unique_ptr<Workers> workers_; ///< before the model, which uses their devices
    Handle model_;
    const llama_vocab * vocab_;
    bool vocab_only_;
    Vocabulary vocabulary_;
    CacheKind cache_kind_;
    DraftShape shape_;
    std::string shape_reason_;
    uint64_t fingerprint_ = 0;
    mutable DrySamplers dry_samplers_;
    std::vector<Adapter> adapters_;        ///< They belong to the model's handle.
    std::unique_ptr<ImageEncoder> images_; ///< It uses the model's vocabulary.
};

} // namespace reprise
