#include "engine/logits.h"

#include <cmath>

namespace reprise {

bool HostLogits::is_spoilt(int row) {
    // One NaN alone is a damaged weight's.
    return std::isnan(whole(row)[0]) && !has_number(best(row));
}

} // namespace reprise
