#include "engine/state_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "engine/atomic_write.h"
#include "engine/error.h"
#include "engine/file_header.h"
#include "engine/file_path.h"
#include "engine/image_description.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

struct Header {
    FileHeader file;
    int32_t key_type;
    int32_t value_type;
    int32_t full_sliding_window;
    int32_t image_bytes; ///< of what is kept of images, before the cells
    uint64_t model;
    uint64_t tokens;
    uint64_t cached;
    uint64_t cell_bytes;
    uint64_t checksum; ///< the checksum of the header, with 0 here, and of all that follows
};
static_assert(sizeof(Header) == 72, "The header has no gaps, whose bytes could have any value");

constexpr FileFormat format{{'r', 'e', 'p', 'r', 'i', 's', 'e', '\0'}, 3, "a session state", "save it again"};

Header header_for(const Context & context) {
    Header header{};
    header.file = header_of(format);
    header.key_type = context.options().key_type;
    header.value_type = context.options().value_type;
    header.full_sliding_window = context.options().full_sliding_window;
    header.model = context.fingerprint();
    return header;
}

} // namespace

void save_state(Context & context, const Sequence & sequence, const std::string & path,
                const std::function<void()> & require_wanted) {
    // Cells whose keys are not turned yet would be read as if they were.
    const int cached = context.cells_moved() ? 0 : sequence.cached();
    std::vector<uint8_t> cells;
    if (cached > 0) {
        LogCapture log;
        cells.resize(llama_state_seq_get_size(context.handle(), sequence.id()));
        cells.resize(llama_state_seq_get_data(context.handle(), cells.data(), cells.size(), sequence.id()));
        context.require_workers();
        if (cells.empty())
            throw Error(ErrorCode::decode_failed, "llama.cpp could not read the session's cache" +
                                                      (log.reason().empty() ? "" : ": " + log.reason()) +
                                                      "; create another session");
    }

    Header header = header_for(context);
    header.tokens = sequence.history().size();
    header.cached = cached;
    header.cell_bytes = cells.size();
    const std::vector<std::byte> images = describe_images(sequence.images());
    header.image_bytes = static_cast<int32_t>(images.size());
    const std::array<std::span<const std::byte>, 4> parts{std::as_bytes(std::span(&header, 1)),
                                                          std::as_bytes(std::span(sequence.history())),
                                                          images, std::as_bytes(std::span(cells))};
    header.checksum = checksum_of(header, std::span(parts).subspan(1));
    require_wanted();
    write_file_atomically(path, "the session's state", parts);
}

void load_state(Context & context, Sequence & sequence, const std::string & path,
                const std::function<void()> & require_wanted) {
    require_regular_file(path);
    const auto source = std::filesystem::u8path(path);
    std::ifstream file(source, std::ios::binary);
    if (!file)
        throw Error(ErrorCode::state_io, "Could not open " + path + "; pass the path that save() wrote");
    Header header{};
    file.read(reinterpret_cast<char *>(&header), sizeof header);
    const Header own = header_for(context);
    if (file.gcount() < static_cast<std::streamsize>(sizeof header.file)) header = {};
    check_header(header.file, format, path);
    if (!file) throw damaged(path, "it ends within its header", format);
    std::error_code unknown;
    const uint64_t size = std::filesystem::file_size(source, unknown);
    const uint64_t bytes_left = unknown ? 0 : size - sizeof header;
    const uint64_t token_bytes = header.tokens * sizeof(Token);
    if (header.tokens > bytes_left / sizeof(Token) || header.image_bytes < 0 ||
        static_cast<uint64_t>(header.image_bytes) > bytes_left - token_bytes ||
        header.cell_bytes != bytes_left - token_bytes - header.image_bytes)
        throw damaged(path, "its size is not what its header says", format);
    std::vector<Token> tokens(header.tokens);
    std::vector<std::byte> image_bytes(header.image_bytes);
    std::vector<uint8_t> cells(header.cell_bytes);
    file.read(reinterpret_cast<char *>(tokens.data()),
              static_cast<std::streamsize>(tokens.size() * sizeof(Token)));
    file.read(reinterpret_cast<char *>(image_bytes.data()), static_cast<std::streamsize>(image_bytes.size()));
    file.read(reinterpret_cast<char *>(cells.data()), static_cast<std::streamsize>(cells.size()));
    const std::array<std::span<const std::byte>, 3> rest{std::as_bytes(std::span(tokens)), image_bytes,
                                                         std::as_bytes(std::span(cells))};
    if (!file || checksum_of(header, rest) != header.checksum)
        throw damaged(path, "its checksum does not match", format);

    if (header.model != own.model)
        throw Error(ErrorCode::state_mismatch,
                    path + " was saved with another model; load the model it belongs to");
    if (header.key_type != own.key_type || header.value_type != own.value_type ||
        header.full_sliding_window != own.full_sliding_window)
        throw Error(ErrorCode::state_mismatch,
                    path + " was saved with another keyType, valueType or fullSlidingWindow; "
                           "create the session with the same");

    // A generation that filled the context has said one token that waits for room.
    if (header.tokens > static_cast<uint64_t>(context.options().context_length) + 1)
        throw Error(ErrorCode::context_overflow, path + " holds " + std::to_string(header.tokens) +
                                                     " tokens but contextLength is " +
                                                     std::to_string(context.options().context_length) +
                                                     "; create the session with a larger contextLength");

    const bool last_is_pending = header.tokens == 0 ? header.cached == 0 : header.cached < header.tokens;
    ImageEncoder * const encoder = context.model().images();
    if (!image_bytes.empty() && !encoder)
        throw Error(ErrorCode::state_mismatch,
                    path + " was saved with images; load the model with the projector that read them");
    ImageSpans images;
    // They keep the ids valid.
    std::optional<std::vector<std::shared_ptr<ImageChunk>>> chunks;
    if (encoder) {
        chunks = name_images(image_bytes, tokens, encoder->chunks());
        if (!chunks) throw damaged(path, "it holds images that are none", format);
        images = ImageSpans(tokens, encoder->chunks());
        images.require_computable(context.options().micro_batch_size);
    }
    const auto known = [&](Token token) {
        return (token >= 0 || (encoder && is_image_row(token))) && token < context.model().vocabulary_size();
    };
    if (!last_is_pending || !std::all_of(tokens.begin(), tokens.end(), known))
        throw damaged(path, "it holds what no session holds", format);

    context.require_workers();
    require_wanted();
    int cached = static_cast<int>(header.cached);
    sequence.clear_cache();
    LogCapture log;
    if (cached > 0 && llama_state_seq_set_data(context.handle(), cells.data(), cells.size(), sequence.id()) !=
                          cells.size()) {
        sequence.clear_cache();
        cached = 0; // The history is what counts: its cells are computed again when they are needed.
    }
    context.require_workers();
    sequence.restore(std::move(tokens), std::move(images), cached);
}

} // namespace reprise
