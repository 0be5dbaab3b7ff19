#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "llama.h"

#include "engine/image.h"
#include "engine/image_pixels.h"

struct mtmd_context;
struct mtmd_input_chunk;

namespace reprise {

/// How a model reads images.
struct ImageOptions {
    std::string projector; ///< the file (llama.cpp's mmproj); empty for a model that reads none
    int threads = 1;
    /// Bounds of the rows of an image, where the projector lets them be chosen; 0 for its own.
    int min_rows = 0;
    int max_rows = 0;
    bool on_device = false; ///< Whether it computes on the first graphics processor.
};

/// The projector of a model: turns images into rows that the model reads. The model must outlive it.
class ImageEncoder {
public:
    /// Gets the share that is done, 0…1. Where it returns false the load ends with code ABORTED.
    using Progress = std::function<bool(float)>;

    /// Throws Error MODEL_NOT_FOUND, MODEL_INVALID, ABORTED.
    ImageEncoder(const llama_model * model, const ImageOptions & options, const Progress & progress);

    /// What tells an image from others: its content, what else is to be known of it, and the projector.
    std::string id_of(std::span<const uint8_t> content, const std::string & rest) const;
    /// The rows of an image. Any thread may call it; one is encoded at a time. An image whose rows are still
    /// in use is not encoded again. `should_stop` is asked before each chunk is encoded. Throws Error
    /// IMAGE_INVALID, ABORTED.
    std::shared_ptr<const Image> encode(
        const std::string & id, const std::function<ImagePixels()> & pixels,
        const std::function<bool()> & should_stop = [] { return false; });

    const ImageChunks & chunks() const { return chunks_; }
    ImageChunks & chunks() { return chunks_; }

private:
    struct Free {
        void operator()(mtmd_context * context) const;
    };

    /// An image whose chunks may be in use.
    struct Known {
        std::vector<Token> tokens;
        std::vector<std::weak_ptr<ImageChunk>> chunks;

        /// A null pointer where a chunk is gone.
        std::shared_ptr<const Image> image(const std::string & id) const;
    };

    std::shared_ptr<const Image> make(const std::string & id, const ImagePixels & pixels,
                                      const std::function<bool()> & should_stop);
    std::shared_ptr<ImageChunk> chunk_of(const mtmd_input_chunk * chunk, const std::string & id, int index);
    /// Throws Error IMAGE_INVALID. After a failed assertion the projector is in an unknown state, and is used
    /// no more.
    [[noreturn]] void fail(const std::string & what, const std::string & reason, const std::string & advice);

    std::mutex mutex_;
    std::unique_ptr<mtmd_context, Free> context_;
    std::string identity_; ///< of the projector and how it is used
    size_t row_size_;      ///< numbers of a row's embedding
    std::string given_up_; ///< why it is used no more; empty while it is
    ImageChunks chunks_;
    std::map<std::string, Known> known_; ///< by the images' ids
};

} // namespace reprise
