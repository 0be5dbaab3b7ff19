#pragma once

#include <stdexcept>
#include <string>

namespace reprise::device {

/// A call of the device's runtime failed. Whoever asked the device can do the same on the host.
class DeviceFailure : public std::runtime_error {
public:
    DeviceFailure(const std::string & message, bool is_out_of_memory)
        : std::runtime_error(message), is_out_of_memory_(is_out_of_memory) {}
    bool is_out_of_memory() const { return is_out_of_memory_; }

private:
    bool is_out_of_memory_;
};

} // namespace reprise::device
