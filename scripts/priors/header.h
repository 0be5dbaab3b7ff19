#pragma once

#include <string>

#include "draft/acceptance.h"

namespace reprise::priors {

/// The text of a header like cpp/draft/priors_data.h that holds the network, to five digits.
std::string header_of(const draft::Network & network);

} // namespace reprise::priors
