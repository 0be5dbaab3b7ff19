#pragma once

namespace reprise {

/// The bytes of memory that a large allocation can count on within the container's limit; 0 where they are
/// not known. Systems that overcommit grant any allocation and kill the process when it is used, so asking
/// first is the only way to fail with a message.
double available_host_memory();

} // namespace reprise
