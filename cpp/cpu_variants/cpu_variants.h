#pragma once

#include <string>

namespace reprise {

/// The variant of ggml's CPU backend that computes: the best that this processor runs and whose registers the
/// operating system keeps, or the one that the environment's REPRISE_CPU_VARIANT names. Empty in a build for
/// one processor. Throws std::runtime_error where the name is none of those that run here.
std::string cpu_variant();

} // namespace reprise
