#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gguf.h"

namespace reprise {

struct FreeGguf {
    void operator()(gguf_context * header) const { gguf_free(header); }
};
using GgufHeader = std::unique_ptr<gguf_context, FreeGguf>;

/// The file or files (a split model) that a model's weights are in.
struct ModelFiles {
    struct File {
        std::string path;
        GgufHeader header;
    };
    std::vector<File> files;

    int64_t tensors() const;
};

/// Reads the headers of the model at `path` (UTF-8), before llama.cpp allocates anything: tells a GGUF from
/// other bytes, and finds the other parts of a split model. Throws Error MODEL_NOT_FOUND and MODEL_INVALID.
ModelFiles read_model_files(const std::string & path);

/// The architecture that a header names; empty where it names none.
std::string architecture_of(const gguf_context * header);

/// A whole number of the header; nothing where it is not there or is no scalar.
std::optional<uint64_t> whole_number(const gguf_context * header, const std::string & key);

/// How many tokens the vocabulary of a header has; 0 where it does not say.
int vocabulary_size_of(const gguf_context * header);

/// Refuses weights that the CPU backend has no code for, by which it would multiply all the same. Throws
/// Error MODEL_INVALID.
void require_weight_types(const ModelFiles & files);

/// Identifies the weights by names, types, sizes and a sample of their data, in one read of 4 KiB for most
/// tensors of a large model. It is the same for one model in one file and in several. Tells accidents apart:
/// of a large tensor that differs in a few places alone it may see nothing.
uint64_t weights_fingerprint(const ModelFiles & model);

} // namespace reprise
