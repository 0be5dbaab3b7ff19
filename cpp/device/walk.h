#pragma once

#include <cstdint>

#include "device/host_device.h"
#include "draft/token.h"

// The walk down a draft tree: from the root, the child that holds the token which its parent's row gives.
namespace reprise::device {

/// Of a row whose draw is too close to tell, or the host's: the walk ends there.
constexpr draft::Token no_choice = -2;

/// Whether this node is the one that the walk goes to from `at` (-1: the root), whose row gives `choice`.
/// Siblings hold distinct tokens, so there is one at most.
REPRISE_HOST_DEVICE inline bool is_next(int32_t parent, draft::Token token, int32_t at, draft::Token choice) {
    return parent == at && token == choice;
}

} // namespace reprise::device
