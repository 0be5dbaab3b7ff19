#pragma once

namespace reprise {

/// Bytes of memory that a large allocation can count on, the container's limit considered; 0: unknown.
/// Overcommitting systems grant any allocation and kill the process when it is used, so asking first is
/// the only way to fail with a message.
double available_host_memory();

} // namespace reprise
