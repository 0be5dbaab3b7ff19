#pragma once

#include <memory>

#include "llama.h"

namespace reprise {

struct FreeLlamaSampler {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};
/// One of llama.cpp's samplers, or a chain of them.
using LlamaSampler = std::unique_ptr<llama_sampler, FreeLlamaSampler>;

} // namespace reprise
