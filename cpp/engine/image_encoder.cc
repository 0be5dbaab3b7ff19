#include "engine/image_encoder.h"

#include "llama-ext.h" // llama.cpp's internal header, of the pinned commit

#include "engine/assertions.h"
#include "engine/error.h"
#include "engine/llama_log.h"
#include "engine/model_files.h"
#include "engine/stopwatch.h"
#include "hash/hash.h"
#include "mtmd.h"

namespace reprise {

namespace {

using ChunkList = std::unique_ptr<mtmd_input_chunks, decltype(&mtmd_input_chunks_free)>;

/// Refuses what llama.cpp would divide by, or take for a size, unseen.
void require_projector(const ModelFiles & files) {
    const auto & [path, header] = files.files.front();
    const auto refuse = [&path = path](const std::string & reason) {
        throw Error(ErrorCode::model_invalid, path + " is no projector of images: " + reason +
                                                  "; pass the mmproj file that belongs to the model");
    };
    if (architecture_of(header.get()) != "clip")
        refuse("its architecture is '" + architecture_of(header.get()) + "'");
    constexpr uint64_t largest = 1 << 20;
    for (const char * name : {"image_size", "patch_size", "embedding_length", "attention.head_count",
                              "block_count", "projection_dim", "feed_forward_length"}) {
        const std::string key = std::string("clip.vision.") + name;
        const auto value = whole_number(header.get(), key);
        if (value && (*value == 0 || *value > largest)) refuse(key + " is " + std::to_string(*value));
    }
    for (const char * name :
         {"projector.scale_factor", "spatial_merge_size", "attention.head_count_kv", "window_size"}) {
        const std::string key = std::string("clip.vision.") + name;
        if (const auto value = whole_number(header.get(), key); value && *value > largest)
            refuse(key + " is " + std::to_string(*value));
    }
    const auto whole = [&](const char * name) {
        return whole_number(header.get(), std::string("clip.vision.") + name).value_or(0);
    };
    if (whole("image_size") < whole("patch_size")) refuse("its patches are larger than its images");
    require_weight_types(files);
}

ImageChunk::Layout layout_of(const mtmd_context * context, const mtmd_input_chunk * chunk) {
    const mtmd_image_tokens * const tokens = mtmd_input_chunk_get_tokens_image(chunk);
    ImageChunk::Layout layout;
    layout.positions = mtmd_input_chunk_get_n_pos(chunk);
    layout.causal = !mtmd_decode_use_non_causal(context, chunk);
    layout.has_axes = mtmd_decode_use_mrope(context);
    const size_t rows = mtmd_input_chunk_get_n_tokens(chunk);
    for (size_t row = 0; row < rows; ++row) {
        const auto at = mtmd_image_tokens_get_decoder_pos(tokens, 0, row);
        // llama.cpp tells where a row is from the chunk's position; that must be a matter of adding.
        const auto later = mtmd_image_tokens_get_decoder_pos(tokens, 1, row);
        const bool adds = later.t == at.t + 1 &&
                          (!layout.has_axes || (later.x == at.x + 1 && later.y == at.y + 1 && at.z == 0));
        if (!adds)
            throw Error(
                ErrorCode::image_invalid,
                "The projector gives its rows positions that Reprise does not know; use another model");
        layout.rows.push_back(
            {static_cast<llama_pos>(at.t), static_cast<llama_pos>(at.y), static_cast<llama_pos>(at.x)});
    }
    return layout;
}

} // namespace

void ImageEncoder::Free::operator()(mtmd_context * context) const {
    mtmd_free(context);
}

ImageEncoder::ImageEncoder(const llama_model * model, const ImageOptions & options, const Progress & progress)
    : row_size_(llama_model_n_embd_inp(model)) {
    const ModelFiles files = read_model_files(options.projector);
    require_projector(files);
    identity_ = std::to_string(weights_fingerprint(files)) + "/" + std::to_string(options.min_rows) + "/" +
                std::to_string(options.max_rows) + "/";
    struct Call {
        const Progress & progress;
        bool stopped = false;
    } call{progress};
    mtmd_context_params params = mtmd_context_params_default();
    params.use_gpu = options.on_device;
    params.device =
        options.on_device && llama_model_n_devices(model) > 0 ? llama_model_get_device(model, 0) : nullptr;
    params.print_timings = false;
    params.n_threads = options.threads;
    params.warmup = false; // It reserves the buffers of the largest image, which may never come.
    params.image_min_tokens = options.min_rows > 0 ? options.min_rows : -1;
    params.image_max_tokens = options.max_rows > 0 ? options.max_rows : -1;
    params.progress_callback_user_data = &call;
    params.progress_callback = [](float share, void * data) {
        auto & of = *static_cast<Call *>(data);
        of.stopped = of.stopped || !of.progress(share);
        return !of.stopped;
    };
    LogCapture log;
    context_.reset(mtmd_init_from_file(options.projector.c_str(), model, params));
    if (call.stopped) throw Error(ErrorCode::aborted, "Loading " + options.projector + " was aborted");
    if (!context_)
        throw Error(ErrorCode::model_invalid, "llama.cpp could not load the projector " + options.projector +
                                                  ": " +
                                                  (log.reason().empty() ? "no reason given" : log.reason()));
    if (!mtmd_support_vision(context_.get()))
        throw Error(ErrorCode::model_invalid,
                    "The projector " + options.projector + " reads no images; pass one that does");
}

std::string ImageEncoder::id_of(std::span<const uint8_t> content, const std::string & rest) const {
    const std::string with_projector =
        identity_ + rest + "/" + hash_sha256_hex(content.data(), content.size());
    return hash_sha256_hex(with_projector.data(), with_projector.size());
}

std::shared_ptr<const Image> ImageEncoder::encode(const std::string & id,
                                                  const std::function<ImagePixels()> & pixels,
                                                  const std::function<bool()> & should_stop) {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(id); known != known_.end())
        if (auto image = known->second.image(id)) return image;
    if (!given_up_.empty()) throw Error(ErrorCode::image_invalid, given_up_);
    auto image = make(id, pixels(), should_stop);
    std::erase_if(known_, [](const auto & entry) { return !entry.second.image(entry.first); });
    known_[id] = {image->tokens, {image->chunks.begin(), image->chunks.end()}};
    return image;
}

void ImageEncoder::fail(const std::string & what, const std::string & reason, const std::string & advice) {
    const std::string said = what + ": " + (reason.empty() ? "llama.cpp gives no reason" : reason);
    // mtmd catches what was thrown, and logs it.
    if (reason.find("_ASSERT(") == std::string::npos)
        throw Error(ErrorCode::image_invalid, said + "; " + advice);
    given_up_ = said + "; the projector was given up: load the model again";
    static_cast<void>(context_.release());
    throw Error(ErrorCode::image_invalid, given_up_);
}

std::shared_ptr<const Image> ImageEncoder::Known::image(const std::string & id) const {
    auto image = std::make_shared<Image>();
    for (const auto & one : chunks) {
        auto chunk = one.lock();
        if (!chunk || !chunk->embeddings()) return nullptr;
        image->chunks.push_back(std::move(chunk));
    }
    image->id = id;
    image->tokens = tokens;
    return image;
}

std::shared_ptr<const Image> ImageEncoder::make(const std::string & id, const ImagePixels & pixels,
                                                const std::function<bool()> & should_stop) {
    const Stopwatch watch;
    LogCapture log;
    const std::unique_ptr<mtmd_bitmap, decltype(&mtmd_bitmap_free)> bitmap(
        mtmd_bitmap_init(pixels.width, pixels.height, pixels.rgb.data()), mtmd_bitmap_free);
    const ChunkList chunks(mtmd_input_chunks_init(), mtmd_input_chunks_free);
    const mtmd_input_part part{nullptr, bitmap.get()};
    const mtmd_input_part * const parts[] = {&part};
    if (mtmd_tokenize_from_parts(context_.get(), chunks.get(), parts, 1, false) != 0)
        fail("The projector cannot take the image", log.reason(), "scale it to other sizes");
    auto image = std::make_shared<Image>();
    image->id = id;
    for (size_t i = 0; i < mtmd_input_chunks_size(chunks.get()); ++i) {
        const mtmd_input_chunk * const chunk = mtmd_input_chunks_get(chunks.get(), i);
        if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
            size_t count = 0;
            const llama_token * const tokens = mtmd_input_chunk_get_tokens_text(chunk, &count);
            image->tokens.insert(image->tokens.end(), tokens, tokens + count);
            continue;
        }
        if (should_stop()) throw Error(ErrorCode::aborted, "Reading the image was aborted");
        auto known = chunk_of(chunk, id, static_cast<int>(image->chunks.size()));
        for (int row = 0; row < known->rows(); ++row) image->tokens.push_back(known->id_of(row));
        image->chunks.push_back(std::move(known));
    }
    image->encode_ms = watch.milliseconds();
    return image;
}

std::shared_ptr<ImageChunk> ImageEncoder::chunk_of(const mtmd_input_chunk * chunk, const std::string & id,
                                                   int index) {
    auto known = chunks_.obtain({id, index}, layout_of(context_.get(), chunk));
    if (known->embeddings()) return known;
    LogCapture log;
    if (mtmd_encode_chunk(context_.get(), chunk) != 0)
        fail("The projector cannot encode the image", log.reason(),
             "lower images.maxTokens, or load the model with the projector that belongs to it");
    const float * const embeddings = mtmd_get_output_embd(context_.get());
    known->set_embeddings({embeddings, embeddings + row_size_ * known->rows()});
    return known;
}

} // namespace reprise
