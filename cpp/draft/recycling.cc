#include "recycling.h"

#include <algorithm>

namespace reprise::draft {

void Recycling::remember(Token after, std::span<const Token> top) {
    Row row;
    row.fill(-1);
    std::copy_n(top.begin(), std::min<size_t>(top.size(), width), row.begin());
    rows_.at(after, row) = row;
}

} // namespace reprise::draft
