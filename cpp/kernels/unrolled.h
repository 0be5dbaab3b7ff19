#pragma once

#include <type_traits>
#include <utility>

namespace reprise::kernels {

template <typename Function, int... Indexes>
inline void unrolled_over(Function && function, std::integer_sequence<int, Indexes...>) {
    (function(std::integral_constant<int, Indexes>{}), ...);
}

/// Calls function(0), …, function(Count - 1), with constants for arguments: a loop that no compiler leaves a
/// loop.
template <int Count, typename Function> inline void unrolled(Function && function) {
    unrolled_over(std::forward<Function>(function), std::make_integer_sequence<int, Count>{});
}

} // namespace reprise::kernels
