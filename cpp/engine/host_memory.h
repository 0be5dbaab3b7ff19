#pragma once

namespace reprise {

/// The bytes of memory that a large allocation can count on within the container's limit; 0 where they are
/// not known. Systems that overcommit grant any allocation and kill the process when it is used, so asking
/// first is the only way to fail with a message.
double available_host_memory();

/// Throws Error OUT_OF_MEMORY where the memory of this machine cannot hold a context of so many tokens, of
/// each of which it has so many bytes. llama.cpp's records of the cells are here wherever the cells
/// are.
void require_memory_for_tokens(int context_length, double bytes_per_token);

} // namespace reprise
