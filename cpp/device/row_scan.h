#pragma once

#include <cstdint>
#include <vector>

#include "device/host_device.h"
#include "device/ranked.h"

// How rows of logits are scanned where they are: what is asked for, what comes back, and how the work is
// parted. A row is parted into chunks; a block of threads scans a chunk, and one more joins a row's chunks.
namespace reprise::device {

constexpr int threads_of_block = 256;
constexpr int items_of_thread = 16;
constexpr int chunk_size = threads_of_block * items_of_thread;
/// So many tokens of a row are kept at most, and top-k is at most this.
constexpr int most_kept = 64;

REPRISE_HOST_DEVICE inline int chunks_of(int vocabulary_size) {
    return (vocabulary_size + chunk_size - 1) / chunk_size;
}
/// The `item`th token of a thread in a chunk.
REPRISE_HOST_DEVICE inline draft::Token token_of(int chunk, int thread, int item) {
    return chunk * chunk_size + item * threads_of_block + thread;
}

/// What is drawn from a row.
enum class RowDraw : int32_t {
    highest, ///< the highest logit
    noised,  ///< what the sieve keeps
    top_k,   ///< the `top_k` highest logits, for filters and draws of the host
};

struct RowRequest {
    RowDraw draw = RowDraw::highest;
    /// Of `noised`: the key of GumbelMax's noise and its temperature, and the logarithm of min-p, -infinity
    /// where nothing is cut.
    uint64_t key = 0;
    float temperature = 0;
    float log_min_p = lowest;
    int32_t top_k = 0; ///< 1 to `most_kept`
};

/// Whether filters that only the host has decide what is drawn.
REPRISE_HOST_DEVICE inline bool is_hosts_choice(const RowRequest & request) {
    return request.draw == RowDraw::top_k;
}

/// A draft tree, whose root and nodes have consecutive requests. Parents come before their children.
struct TreeRequest {
    int32_t first_request = 0; ///< the root's
    int32_t first_node = 0;    ///< the place of the first node's token and parent
    int32_t nodes = 0;
};

struct ScanRequest {
    std::vector<RowRequest> rows; ///< of consecutive rows of the logits
    std::vector<TreeRequest> trees;
    std::vector<draft::Token> tokens; ///< of all trees' nodes
    std::vector<int32_t> parents;     ///< a node's place in its tree, or -1 for the root
};

/// What a row's draw is made from.
struct Kept {
    static constexpr int32_t unknown = -1;
    /// So many of `tokens` are filled; `unknown` where the whole row is needed.
    int32_t count;
    Ranked tokens[most_kept]; ///< in ascending order
};

/// What came of a ScanRequest.
struct Scan {
    std::vector<Best> best; ///< of each row
    /// By tree, the nodes that the draws lead to from the root on. The draw of the last of them, or of the
    /// root where there are none, leads to no node or is too close to tell.
    std::vector<std::vector<int32_t>> paths;
};

/// Scans rows of logits where they are.
class RowScanner {
public:
    virtual ~RowScanner() = default;
    /// Scans consecutive rows that begin at `logits`, which lie where this scanner works. The result is valid
    /// until the next call. Throws DeviceFailure.
    virtual const Scan & scan(const float * logits, int vocabulary_size, const ScanRequest & request) = 0;
    /// What the last scan kept of a row that is not drawn as `highest`. It is there already where the row is
    /// on a tree's path or its choice is the host's; of other rows it is fetched. Throws DeviceFailure.
    virtual const Kept & kept(int row) = 0;
    /// Bytes that came to the host so far.
    virtual int64_t bytes_read() const = 0;
};

} // namespace reprise::device
