#pragma once

#include <string>
#include <vector>

namespace reprise {

/// The names (AVX2, DOTPROD) of the vector units that decide how fast this build computes.
struct VectorUnits {
    std::vector<std::string>
        unused; ///< The processor has them, the build does without: several times slower.
    std::vector<std::string> missing; ///< The build needs them, the processor lacks them: it would be killed.
};

VectorUnits vector_units();

} // namespace reprise
