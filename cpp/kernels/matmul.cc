#include "kernels/matmul.h"

#include <algorithm>
#include <array>

#include "kernels/panels.h"
#include "kernels/parallel.h"
#include "kernels/rows.h"

namespace reprise::kernels {
namespace {

/// Rows that are multiplied by a panel before the next panel is read: their inputs stay in the cache
/// meanwhile.
constexpr int64_t rows_at_once = 48;

/// Bytes that a thread packs before it takes more: a huge page, so that no two threads wait for the same one.
constexpr int64_t packed_at_once = int64_t{2} << 20;

int64_t divide_up(int64_t value, int64_t by) {
    return (value + by - 1) / by;
}

/// The matrices of a GGML_OP_MUL_MAT or GGML_OP_MUL_MAT_ID.
struct Product {
    explicit Product(const ggml_tensor * op)
        : weights(op->src[0]), rows(op->src[1]), ids(op->src[2]), outputs(op),
          format(*panel_format(weights->type)), inputs(weights->ne[0]),
          blocks(divide_up(inputs, block_inputs)), panels(divide_up(weights->ne[1], panel_width)),
          panel_bytes(format.panel_bytes(inputs)) {}

    const ggml_tensor * weights; // [inputs, outputs, matrices]
    const ggml_tensor * rows;
    const ggml_tensor * ids;
    const ggml_tensor * outputs;
    const PanelFormat & format;
    int64_t inputs;
    int64_t blocks; // of 32 inputs; floats may end amid one
    int64_t panels; // of a matrix
    size_t panel_bytes;

    int64_t matrices() const { return weights->ne[2]; }
    /// Rows of a GGML_OP_MUL_MAT that each matrix is multiplied by. They follow each other.
    int64_t rows_of_matrix() const { return ggml_nrows(rows) / matrices(); }
    const uint8_t * panel(int64_t matrix, int64_t index) const {
        return static_cast<const uint8_t *>(weights->data) +
               static_cast<size_t>(matrix * panels + index) * panel_bytes;
    }
    /// Bytes of a prepared group.
    size_t group_bytes(bool single) const {
        if (format.floats) return static_cast<size_t>(inputs * (single ? 1 : group_rows)) * sizeof(float);
        return static_cast<size_t>(blocks) *
               (single ? sizeof(RoundedBlock<1>) : sizeof(RoundedBlock<group_rows>));
    }
    /// Bytes of so many prepared rows. One that is alone lies in a group of its own.
    size_t prepared_bytes(int64_t row_count) const {
        return row_count == 1 ? group_bytes(true)
                              : static_cast<size_t>(divide_up(row_count, group_rows)) * group_bytes(false);
    }
    /// A group among prepared ones that belong to several rows.
    template <typename Byte> Byte * group(Byte * prepared, int64_t index) const {
        return prepared + static_cast<size_t>(index) * group_bytes(false);
    }
    /// Whether rows lie prepared in the operation's own input: a single row of floats is taken as it is.
    bool rows_are_prepared(int64_t row_count) const { return row_count == 1 && format.floats; }
};

/// Prepares blocks [first, first + count) of a group. `single`: of a row that is alone in its group.
void prepare_group(const Product & product, const float * const * rows, bool single, int64_t first,
                   int64_t count, uint8_t * group) {
    if (product.format.floats) {
        const int64_t input = first * block_inputs;
        interleave_rows(rows, input, std::min(count * block_inputs, product.inputs - input),
                        reinterpret_cast<float *>(group));
    } else if (single) {
        round_rows(product.format, rows, first, count, reinterpret_cast<RoundedBlock<1> *>(group));
    } else {
        round_rows(product.format, rows, first, count, reinterpret_cast<RoundedBlock<group_rows> *>(group));
    }
}

/// How many of `left` rows the next tile takes: as many as the tiles that are needed anyhow have on average,
/// in whole groups (16 rows: two tiles of 8, not one of 12 and one of 4). The last may end amid a group.
int64_t next_tile(const PanelFormat & format, int64_t left) {
    const int64_t most = format.max_rows();
    if (left <= most) return left;
    const int64_t whole = most / group_rows * group_rows;
    return divide_up(divide_up(left, divide_up(left, whole)), group_rows) * group_rows;
}

/// Multiplies prepared rows, tile by tile, by `count` panels of `width` outputs. `outputs[i]`: where the
/// outputs of row i go.
void multiply_tiles(const Product & product, const uint8_t * panels, int64_t count, int64_t width,
                    const uint8_t * prepared, int64_t row_count, float * const * outputs) {
    for (int64_t first = 0; first < row_count;) {
        const int64_t rows = next_tile(product.format, row_count - first);
        const Tile & tile = product.format.tiles[rows - 1];
        const uint8_t * const groups = product.group(prepared, first / group_rows);
        for (int64_t panel = 0; panel < count; panel += tile.panels) {
            // A tile may be made for more rows than there are; the others go nowhere.
            std::array<float, max_panels * panel_width> nowhere;
            std::array<float *, max_rows> to;
            for (int64_t i = 0; i < max_rows; ++i)
                to[static_cast<size_t>(i)] =
                    i < rows ? outputs[first + i] + panel * panel_width : nowhere.data();
            const int64_t left = width - panel * panel_width;
            tile.compute(panels + static_cast<size_t>(panel) * product.panel_bytes, product.inputs, groups,
                         to.data(), static_cast<int>(std::min<int64_t>(left, tile.panels * panel_width)));
        }
        first += rows;
    }
}

/// Multiplies prepared rows by panels [first, end) of a matrix. `outputs[i]`: where the outputs of row i go;
/// they are moved on to the outputs behind those.
void multiply_panels(const Product & product, int64_t matrix, int64_t first, int64_t end,
                     const uint8_t * prepared, bool single, int64_t row_count, float ** outputs) {
    const PanelFormat & format = product.format;
    const int64_t step = format.single.panels;
    for (int64_t panel = first; panel < end; panel += step) {
        const int64_t count = std::min(step, end - panel);
        const int64_t width =
            std::min((panel + count) * panel_width, product.weights->ne[1]) - panel * panel_width;
        if (single)
            format.single.compute(product.panel(matrix, panel), product.inputs, prepared, outputs,
                                  static_cast<int>(width));
        else
            multiply_tiles(product, product.panel(matrix, panel), count, width, prepared, row_count, outputs);
        for (int64_t i = 0; i < row_count; ++i) outputs[i] += count * panel_width;
    }
}

/// Threads take panels as they come to it, since another process may hold one of them up. This needs a
/// barrier and a counter: small products are split evenly instead.
bool takes_turns(const ggml_compute_params * params, const Product & product, int64_t row_count) {
    constexpr int64_t worth_it = 1 << 20; // bytes of weights times rows, for a thread
    const int64_t panels = product.matrices() * product.panels;
    return panels * static_cast<int64_t>(product.panel_bytes) * row_count > params->nth * worth_it;
}

/// Panels of a chunk: `parts` chunks for each thread, of whole steps.
int64_t panels_of_chunk(const Product & product, int threads, int parts) {
    const int64_t step = product.format.single.panels;
    const int64_t panels = std::max<int64_t>(1, product.panels / (threads * parts));
    return divide_up(panels, step) * step;
}

/// The range of `count` things that a thread takes.
struct Share {
    Share(const ggml_compute_params * params, int64_t count)
        : first(count * params->ith / params->nth), end(count * (params->ith + 1) / params->nth) {}
    int64_t first;
    int64_t end;
};

void * row_of(const ggml_tensor * tensor, int64_t index) {
    const int64_t i1 = index % tensor->ne[1], i2 = index / tensor->ne[1] % tensor->ne[2],
                  i3 = index / (tensor->ne[1] * tensor->ne[2]);
    return static_cast<char *>(tensor->data) + i1 * tensor->nb[1] + i2 * tensor->nb[2] + i3 * tensor->nb[3];
}

/// Prepares all rows of a GGML_OP_MUL_MAT; this thread's share of them. Each matrix's are in groups of their
/// own.
void prepare_rows(const ggml_compute_params * params, const Product & product) {
    const int64_t row_count = product.rows_of_matrix();
    const bool single = row_count == 1;
    auto * const prepared = static_cast<uint8_t *>(params->wdata);
    const int64_t group = single ? 1 : group_rows, groups = divide_up(row_count, group);
    const Share share(params, product.matrices() * groups * product.blocks);
    for (int64_t at = share.first; at < share.end;) {
        const int64_t index = at / product.blocks, block = at % product.blocks;
        const int64_t count = std::min(product.blocks - block, share.end - at);
        const int64_t matrix = index / groups, first = index % groups * group;
        const float * rows[group_rows] = {};
        for (int64_t i = 0; i < group && first + i < row_count; ++i)
            rows[i] = static_cast<const float *>(row_of(product.rows, matrix * row_count + first + i));
        prepare_group(product, rows, single, block, count,
                      prepared + static_cast<size_t>(index) * product.group_bytes(single));
        at += count;
    }
}

void multiply(const ggml_compute_params * params, const Product & product) {
    const int64_t row_count = product.rows_of_matrix();
    const bool single = row_count == 1;
    const bool are_prepared = product.rows_are_prepared(row_count);
    if (!are_prepared) prepare_rows(params, product);
    const size_t matrix_bytes = product.prepared_bytes(row_count);
    const auto prepared = [&](int64_t matrix) {
        return are_prepared
                   ? static_cast<const uint8_t *>(row_of(product.rows, matrix))
                   : static_cast<const uint8_t *>(params->wdata) + static_cast<size_t>(matrix) * matrix_bytes;
    };

    const bool in_turn = takes_turns(params, product, row_count);
    if (in_turn && params->ith == 0) ggml_threadpool_chunk_set(params->threadpool, params->nth);
    if (in_turn || !are_prepared) ggml_barrier(params->threadpool);

    const int64_t row_blocks = divide_up(row_count, rows_at_once);
    const int64_t chunk_panels =
        in_turn ? panels_of_chunk(product, params->nth, 8) : divide_up(product.panels, params->nth);
    const int64_t chunks = divide_up(product.panels, chunk_panels);
    const auto chunk_after = [&](int64_t chunk) {
        return in_turn ? ggml_threadpool_chunk_add(params->threadpool, 1) : chunk + params->nth;
    };
    float * outputs[rows_at_once];
    for (int64_t chunk = params->ith; chunk < product.matrices() * row_blocks * chunks;
         chunk = chunk_after(chunk)) {
        const int64_t matrix = chunk / chunks / row_blocks;
        const int64_t first_row = chunk / chunks % row_blocks * rows_at_once;
        const int64_t rows = std::min(rows_at_once, row_count - first_row);
        const int64_t first_panel = chunk % chunks * chunk_panels;
        for (int64_t i = 0; i < rows; ++i)
            outputs[i] = static_cast<float *>(row_of(product.outputs, matrix * row_count + first_row + i)) +
                         first_panel * panel_width;
        multiply_panels(product, matrix, first_panel, std::min(product.panels, first_panel + chunk_panels),
                        product.group(prepared(matrix), first_row / group_rows), single, rows, outputs);
    }
}

/// Rows of a mixture of experts by expert: each expert's rows lie together, in groups of their own.
struct ExpertRows {
    ExpertRows(const Product & product, uint8_t * memory)
        : experts(product.weights->ne[2]), first(reinterpret_cast<int32_t *>(memory)),
          rows(first + experts + 1) {}

    static size_t bytes(int64_t experts, int64_t rows) {
        return static_cast<size_t>(experts + 1 + rows + (group_rows - 1) * std::min(experts, rows)) *
               sizeof(int32_t);
    }

    void sort(const Product & product) {
        const int64_t used = product.ids->ne[0], tokens = product.ids->ne[1];
        const auto expert_of = [&](int64_t row) {
            const auto * const at = static_cast<const char *>(product.ids->data) +
                                    row % used * product.ids->nb[0] + row / used * product.ids->nb[1];
            const int32_t expert = *reinterpret_cast<const int32_t *>(at);
            GGML_ASSERT(expert >= 0 && expert < experts);
            return expert;
        };
        std::fill(first, first + experts + 1, 0);
        for (int64_t row = 0; row < used * tokens; ++row) ++first[expert_of(row) + 1];
        for (int64_t expert = 0; expert < experts; ++expert)
            first[expert + 1] =
                first[expert] + static_cast<int32_t>(divide_up(first[expert + 1], group_rows)) * group_rows;
        std::fill(rows, rows + first[experts], -1);
        for (int64_t row = 0; row < used * tokens; ++row)
            rows[first[expert_of(row)]++] = static_cast<int32_t>(row);
        // Each has come to the end of its rows; the next one's begin with the group after them.
        for (int64_t expert = experts; expert > 0; --expert)
            first[expert] = static_cast<int32_t>(divide_up(first[expert - 1], group_rows)) * group_rows;
        first[0] = 0;
    }

    int64_t experts;
    int32_t * first; // places of an expert's rows: first[expert] to first[expert + 1], whole groups
    int32_t * rows;  // the row at a place (token * used + slot); -1: none
};

void multiply_experts(const ggml_compute_params * params, const Product & product) {
    const int64_t used = product.ids->ne[0];
    ExpertRows places(product, static_cast<uint8_t *>(params->wdata));
    if (params->ith == 0) {
        places.sort(product);
        ggml_threadpool_chunk_set(params->threadpool, params->nth);
    }
    ggml_barrier(params->threadpool);

    auto * const prepared = static_cast<uint8_t *>(params->wdata) +
                            GGML_PAD(ExpertRows::bytes(places.experts, used * product.ids->ne[1]), 64);
    const Share share(params, places.first[places.experts] / group_rows);
    for (int64_t index = share.first; index < share.end; ++index) {
        const float * rows[group_rows] = {};
        for (int i = 0; i < group_rows; ++i) {
            const int64_t row = places.rows[index * group_rows + i];
            if (row < 0) continue;
            // Slots share a token's row where there is but one.
            rows[i] = reinterpret_cast<const float *>(static_cast<const char *>(product.rows->data) +
                                                      row % used % product.rows->ne[1] * product.rows->nb[1] +
                                                      row / used * product.rows->nb[2]);
        }
        prepare_group(product, rows, false, 0, product.blocks, product.group(prepared, index));
    }
    ggml_barrier(params->threadpool);

    const int64_t chunk_panels = panels_of_chunk(product, params->nth, 4);
    const int64_t chunks = divide_up(product.panels, chunk_panels);
    float * outputs[rows_at_once];
    for (int64_t chunk = params->ith; chunk < places.experts * chunks;
         chunk = ggml_threadpool_chunk_add(params->threadpool, 1)) {
        const int64_t expert = chunk / chunks;
        const int64_t first_panel = chunk % chunks * chunk_panels;
        const int64_t end_panel = std::min(product.panels, first_panel + chunk_panels);
        for (int64_t first = places.first[expert]; first < places.first[expert + 1]; first += rows_at_once) {
            const int64_t end = std::min<int64_t>(first + rows_at_once, places.first[expert + 1]);
            int64_t rows = 0;
            for (; first + rows < end && places.rows[first + rows] >= 0; ++rows) {
                const int64_t row = places.rows[first + rows];
                outputs[rows] = reinterpret_cast<float *>(static_cast<char *>(product.outputs->data) +
                                                          row % used * product.outputs->nb[1] +
                                                          row / used * product.outputs->nb[2]) +
                                first_panel * panel_width;
            }
            multiply_panels(product, expert, first_panel, end_panel,
                            product.group(prepared, first / group_rows), false, rows, outputs);
        }
    }
}

} // namespace

bool packs(const ggml_tensor * weights) {
    const PanelFormat * const format = panel_format(weights->type);
    return format && ggml_is_contiguous(weights) && weights->ne[0] % format->inputs == 0 &&
           weights->ne[3] == 1;
}

size_t packed_size(const ggml_tensor * weights) {
    return panel_format(weights->type)->panel_bytes(weights->ne[0]) *
           static_cast<size_t>(divide_up(weights->ne[1], panel_width) * weights->ne[2]);
}

bool are_whole_panels(const ggml_tensor * weights, size_t offset, size_t size) {
    const size_t whole = ggml_nbytes(weights);
    if (size == 0 || offset > whole || size > whole - offset) return false;
    if (offset == 0 && size == whole) return true;
    const size_t panel = weights->nb[1] * panel_width;
    // Where a matrix ends within a panel's rows, the next one does not begin at a multiple of them.
    const bool multiples = weights->ne[2] == 1 || weights->ne[1] % panel_width == 0;
    return multiples && offset % panel == 0 && (size % panel == 0 || offset + size == whole);
}

void pack(ggml_tensor * weights, const void * data, size_t offset, size_t size) {
    const PanelFormat & format = *panel_format(weights->type);
    const auto row_bytes = static_cast<int64_t>(weights->nb[1]);
    const int64_t outputs = weights->ne[1];
    const int64_t panels = divide_up(outputs, panel_width); // of a matrix
    const size_t panel_bytes = format.panel_bytes(weights->ne[0]);
    const int64_t first = static_cast<int64_t>(offset) / row_bytes;
    const int64_t end = first + static_cast<int64_t>(size) / row_bytes;
    // Rows of all matrices are counted through; a panel has rows of one matrix alone.
    const auto panel_of = [&](int64_t row) { return row / outputs * panels + row % outputs / panel_width; };
    const int64_t first_panel = panel_of(first);
    const int64_t count = panel_of(end - 1) + 1 - first_panel;
    const auto pack_one = [&](int64_t index) {
        const int64_t panel = first_panel + index;
        const int64_t output = panel % panels * panel_width;
        const int64_t row = panel / panels * outputs + output;
        const void * rows[panel_width] = {};
        for (int64_t i = 0; i < panel_width && output + i < outputs; ++i)
            rows[i] = static_cast<const char *>(data) + (row + i - first) * row_bytes;
        format.pack(rows, weights->ne[0],
                    static_cast<uint8_t *>(weights->data) + static_cast<size_t>(panel) * panel_bytes);
    };
    // A thread takes that much at a time: few turns, and neighbours in memory.
    const int64_t portion = std::max<int64_t>(1, packed_at_once / static_cast<int64_t>(panel_bytes));
    in_parallel(divide_up(count, portion), [&](int64_t part) {
        const int64_t last = std::min(count, (part + 1) * portion);
        for (int64_t index = part * portion; index < last; ++index) pack_one(index);
    });
}

bool takes_matmul(const ggml_tensor * op) {
    const ggml_tensor * const rows = op->src[1];
    if (op->type != GGML_TYPE_F32 || rows->type != GGML_TYPE_F32 || rows->nb[0] != sizeof(float))
        return false;
    // Several matrices take the rows in turn, so many each.
    const int64_t matrices = op->src[0]->ne[2];
    return op->op == GGML_OP_MUL_MAT_ID || matrices == 1 || (rows->ne[2] % matrices == 0 && rows->ne[3] == 1);
}

size_t matmul_work_size(const ggml_tensor * op) {
    const Product product(op);
    if (op->op == GGML_OP_MUL_MAT) {
        const int64_t rows = product.rows_of_matrix();
        if (product.rows_are_prepared(rows)) return 0;
        return static_cast<size_t>(product.matrices()) * product.prepared_bytes(rows);
    }
    const int64_t experts = product.weights->ne[2];
    const int64_t rows = product.ids->ne[0] * product.ids->ne[1];
    const int64_t groups = divide_up(rows + (group_rows - 1) * std::min(experts, rows), group_rows);
    return GGML_PAD(ExpertRows::bytes(experts, rows), 64) +
           static_cast<size_t>(groups) * product.group_bytes(false);
}

void compute_matmul(const ggml_compute_params * params, ggml_tensor * op) {
    const Product product(op);
    if (op->op == GGML_OP_MUL_MAT)
        multiply(params, product);
    else
        multiply_experts(params, product);
}

} // namespace reprise::kernels
