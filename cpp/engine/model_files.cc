#include "engine/model_files.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include "ggml-cpu.h"
#include "llama.h"

#include "engine/error.h"
#include "engine/file_path.h"
#include "engine/hash.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

void require_model_file(const std::string & path) {
    const auto file = std::filesystem::u8path(path);
    if (const char * kind = irregular_kind(file))
        throw Error(ErrorCode::model_invalid, path + " is " + kind + "; pass the path of a GGUF file");
    std::error_code unknown;
    if (!std::filesystem::exists(file, unknown))
        throw Error(ErrorCode::model_not_found,
                    "There is no file " + path + "; pass the path of a GGUF model");
}

GgufHeader read_header(const std::string & path) {
    LogCapture log;
    GgufHeader header(gguf_init_from_file(path.c_str(), {/*.no_alloc = */ true, /*.ctx = */ nullptr}));
    if (header) return header;
    const std::string reason = log.reason();
    throw Error(ErrorCode::model_invalid, path + " is not a readable GGUF file" +
                                              (reason.empty() ? "" : " (" + reason + ")") +
                                              "; download or convert it again");
}

/// A number of the split; 0 where it is not there, or of another type, about which llama.cpp complains.
int split_number(const gguf_context * header, const char * key) {
    const int64_t id = gguf_find_key(header, key);
    return id >= 0 && gguf_get_kv_type(header, id) == GGUF_TYPE_UINT16 ? gguf_get_val_u16(header, id) : 0;
}

std::string part_path(const std::string & prefix, int index, int count) {
    std::string path(prefix.size() + 64, '\0');
    path.resize(llama_split_path(path.data(), path.size(), prefix.c_str(), index, count));
    return path;
}

/// What the paths of all parts begin with; empty where this one's is not named as llama.cpp names parts.
std::string split_prefix(const std::string & path, int index, int count) {
    std::string prefix(path.size() + 1, '\0');
    prefix.resize(std::max(0, llama_split_prefix(prefix.data(), prefix.size(), path.c_str(), index, count)));
    return prefix;
}

std::string of(int index, int count) {
    return "part " + std::to_string(index + 1) + " of " + std::to_string(count) + " of a split model";
}

void add_parts(ModelFiles & model) {
    const std::string first = model.files.front().path;
    const gguf_context * header = model.files.front().header.get();
    const int index = split_number(header, "split.no");
    const int count = split_number(header, "split.count");
    if (count < 2) return;
    const std::string prefix = split_prefix(first, index, count);
    if (index > 0)
        throw Error(ErrorCode::model_invalid,
                    first + " is " + of(index, count) + "; pass the first" +
                        (prefix.empty() || index >= count ? "" : ", " + part_path(prefix, 0, count)));
    if (prefix.empty())
        throw Error(ErrorCode::model_invalid,
                    first + " is " + of(index, count) +
                        ", but its name does not lead to the others; it has to end in " +
                        part_path("", index, count));
    for (int i = 1; i < count; ++i) {
        const std::string path = part_path(prefix, i, count);
        const auto file = std::filesystem::u8path(path);
        std::error_code unknown;
        if (!std::filesystem::exists(file, unknown))
            throw Error(ErrorCode::model_invalid,
                        "There is no file " + path + ", " + of(i, count) + "; put all parts into one folder");
        require_model_file(path);
        model.files.push_back({path, read_header(path)});
    }
}

/// A tensor up to this size is read whole, such as the norms and biases, which a fine-tuned model may differ
/// in alone. Of a larger one, blocks are read, evenly spread. A block is a page, the least that a disk gives.
constexpr size_t whole_bytes = 64 * 1024;
constexpr size_t block_bytes = 4096;
/// Each block of a file that is not in memory costs a seek, so a tensor of a large model gives one. The
/// tensors of a model up to this size, which a disk reads in a moment, give more.
constexpr size_t small_model_bytes = size_t{32} << 20;
constexpr int blocks_of_small = 16;

class Sampler {
public:
    explicit Sampler(int blocks) : blocks_(blocks) {}

    /// A hash of a tensor's sample. What cannot be read counts as nothing: llama.cpp refuses such a file.
    uint64_t sample(std::ifstream & file, uint64_t offset, size_t size) {
        Fnv1a hash;
        if (size <= whole_bytes) {
            add(hash, file, offset, size);
        } else {
            for (int i = 0; i < blocks_; ++i)
                add(hash, file, offset + (size - block_bytes) / (2 * blocks_) * (2 * i + 1), block_bytes);
        }
        return hash.value();
    }

private:
    void add(Fnv1a & hash, std::ifstream & file, uint64_t offset, size_t size) {
        words_.assign((size + sizeof(uint64_t) - 1) / sizeof(uint64_t), 0);
        file.clear();
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(reinterpret_cast<char *>(words_.data()), static_cast<std::streamsize>(size));
        if (file) hash.add_words(words_);
    }

    const int blocks_;
    std::vector<uint64_t> words_;
};

} // namespace

int64_t ModelFiles::tensors() const {
    int64_t count = 0;
    for (const File & file : files) count += gguf_get_n_tensors(file.header.get());
    return count;
}

ModelFiles read_model_files(const std::string & path) {
    require_model_file(path);
    ModelFiles model;
    model.files.push_back({path, read_header(path)});
    add_parts(model);
    return model;
}

std::string architecture_of(const gguf_context * header) {
    const int64_t id = gguf_find_key(header, "general.architecture");
    return id >= 0 && gguf_get_kv_type(header, id) == GGUF_TYPE_STRING ? gguf_get_val_str(header, id) : "";
}

int vocabulary_size_of(const gguf_context * header) {
    const int64_t tokens = gguf_find_key(header, "tokenizer.ggml.tokens");
    if (tokens >= 0 && gguf_get_kv_type(header, tokens) == GGUF_TYPE_ARRAY)
        return static_cast<int>(gguf_get_arr_n(header, tokens));
    return static_cast<int>(whole_number(header, architecture_of(header) + ".vocab_size").value_or(0));
}

std::optional<uint64_t> whole_number(const gguf_context * header, const std::string & key) {
    const int64_t id = gguf_find_key(header, key.c_str());
    if (id < 0) return std::nullopt;
    switch (gguf_get_kv_type(header, id)) {
    case GGUF_TYPE_UINT32:
        return gguf_get_val_u32(header, id);
    case GGUF_TYPE_INT32:
        return static_cast<uint64_t>(gguf_get_val_i32(header, id));
    case GGUF_TYPE_UINT64:
        return gguf_get_val_u64(header, id);
    default:
        return std::nullopt;
    }
}

void require_weight_types(const ModelFiles & files) {
    for (const auto & [path, header] : files.files)
        for (int64_t i = 0; i < gguf_get_n_tensors(header.get()); ++i) {
            const std::string name = gguf_get_tensor_name(header.get(), i);
            const ggml_type type = gguf_get_tensor_type(header.get(), i);
            // They hold whole numbers, which are looked up.
            const bool table = name.find("tid2eid") != std::string::npos || name == "d2t";
            if (table || ggml_get_type_traits_cpu(type)->vec_dot) continue;
            throw Error(ErrorCode::model_invalid,
                        path + " holds the weight " + name + " as " + ggml_type_name(type) +
                            ", which llama.cpp cannot compute with; convert it again");
        }
}

uint64_t weights_fingerprint(const ModelFiles & model) {
    size_t bytes = 0;
    for (const auto & [path, header] : model.files)
        for (int64_t i = 0; i < gguf_get_n_tensors(header.get()); ++i)
            bytes += gguf_get_tensor_size(header.get(), i);
    Sampler sampler(bytes <= small_model_bytes ? blocks_of_small : 1);

    struct Tensor {
        std::string_view name;
        ggml_type type;
        size_t size;
        uint64_t sample;
    };
    std::vector<Tensor> tensors;
    for (const auto & [path, header] : model.files) {
        const gguf_context * gguf = header.get();
        std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
        for (int64_t i = 0; i < gguf_get_n_tensors(gguf); ++i) {
            const size_t size = gguf_get_tensor_size(gguf, i);
            const uint64_t offset = gguf_get_data_offset(gguf) + gguf_get_tensor_offset(gguf, i);
            tensors.push_back({gguf_get_tensor_name(gguf, i), gguf_get_tensor_type(gguf, i), size,
                               sampler.sample(file, offset, size)});
        }
    }
    // Where the model is split in another way, they may be in another order.
    std::ranges::sort(tensors, {}, &Tensor::name);
    Fnv1a hash;
    for (const Tensor & tensor : tensors) {
        hash.add(tensor.name);
        hash.add(static_cast<int32_t>(tensor.type));
        hash.add(static_cast<uint64_t>(tensor.size));
        hash.add(tensor.sample);
    }
    return hash.value();
}

} // namespace reprise
