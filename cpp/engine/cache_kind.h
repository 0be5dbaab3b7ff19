#pragma once

namespace reprise {

/// What a model's cache can roll back decides which drafts a verify pass can take.
enum class CacheKind { full, sliding_window, recurrent, hybrid };
enum class DraftShape { tree, chain, off };

/// Whether layers of such a model keep a state that stands at one point of the text alone.
constexpr bool has_states(CacheKind kind) {
    return kind == CacheKind::recurrent || kind == CacheKind::hybrid;
}

} // namespace reprise
