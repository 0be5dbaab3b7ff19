#include "kernels/matmul.h"

#include <algorithm>
#include <array>

#include "kernels/panels.h"
#include "kernels/rows.h"

namespace reprise::kernels {
namespace {

/// Rows that are multiplied by a panel before the next panel is read: their inputs stay in the cache
/// meanwhile.
constexpr int64_t rows_at_once = 48;

int64_t divide_up(int64_t value, int64_t by) {
    return (value + by - 1) / by;
}

/// The matrices of a GGML_OP_MUL_MAT or GGML_OP_MUL_MAT_ID.
struct Product {
    explicit Product(const ggml_tensor * op)
        : weights(op->src[0]), rows(op->src[1]), ids(op->src[2]), outputs(op),
          format(*panel_format(weights->type)), inputs(weights->ne[0]), blocks(inputs / block_inputs),
          panels(divide_up(weights->ne[1], panel_width)), panel_bytes(format.panel_bytes(inputs)) {}

    const ggml_tensor * weights; // [inputs, outputs], or [inputs, outputs, experts]
    const ggml_tensor * rows;
    const ggml_tensor * ids;
    const ggml_tensor * outputs;
    const PanelFormat & format;
    int64_t inputs;
    int64_t blocks;
    int64_t panels; // of the weights, or of an expert
    size_t panel_bytes;

    const uint8_t * panel(int64_t expert, int64_t index) const {
        return static_cast<const uint8_t *>(weights->data) +
               static_cast<size_t>(expert * panels + index) * panel_bytes;
    }
    size_t group_bytes(bool single) const {
        return static_cast<size_t>(blocks) *
               (single ? sizeof(RoundedBlock<1>) : sizeof(RoundedBlock<group_rows>));
    }
};

/// How many of `left` rows the next tile takes: as many as the tiles that are needed anyhow have on average,
/// in whole groups (16 rows: two tiles of 8, not one of 12 and one of 4).
int64_t next_tile(const PanelFormat & format, int64_t left) {
    const int64_t most = format.tiles[11] ? 12 : 8;
    if (left <= most) return left;
    const int64_t tiles = divide_up(left, most);
    return divide_up(divide_up(left, tiles), group_rows) * group_rows;
}

/// Multiplies prepared rows by a panel. `outputs[i]`: where the panel's outputs of row i go.
void multiply_panel(const Product & product, const uint8_t * panel, int width, const uint8_t * prepared,
                    int64_t row_count, float * const * outputs) {
    for (int64_t first = 0; first < row_count;) {
        const int64_t count = next_tile(product.format, row_count - first);
        // A tile may be made for more rows than there are; the others go nowhere.
        std::array<float, panel_width> nowhere;
        std::array<float *, 12> to;
        for (int64_t i = 0; i < 12; ++i)
            to[static_cast<size_t>(i)] = i < count ? outputs[first + i] : nowhere.data();
        product.format.tiles[count - 1](panel, product.inputs,
                                        prepared + static_cast<size_t>(first / group_rows) *
                                                       product.group_bytes(false),
                                        to.data(), width);
        first += count;
    }
}

int panel_outputs(const Product & product, int64_t panel) {
    return static_cast<int>(std::min<int64_t>(panel_width, product.weights->ne[1] - panel * panel_width));
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

void multiply(const ggml_compute_params * params, const Product & product) {
    const int64_t row_count = ggml_nrows(product.rows);
    const bool single = row_count == 1;
    auto * const prepared = static_cast<uint8_t *>(params->wdata);
    const int64_t group = single ? 1 : group_rows;
    const int64_t groups = divide_up(row_count, group);
    const Share share(params, groups * product.blocks);
    for (int64_t at = share.first; at < share.end;) {
        const int64_t index = at / product.blocks, block = at % product.blocks;
        const int64_t count = std::min(product.blocks - block, share.end - at);
        const float * rows[group_rows] = {};
        for (int64_t i = 0; i < group && index * group + i < row_count; ++i)
            rows[i] = static_cast<const float *>(row_of(product.rows, index * group + i));
        uint8_t * const to = prepared + static_cast<size_t>(index) * product.group_bytes(single);
        if (single)
            round_rows(product.format, rows, block, count, reinterpret_cast<RoundedBlock<1> *>(to));
        else
            round_rows(product.format, rows, block, count, reinterpret_cast<RoundedBlock<group_rows> *>(to));
        at += count;
    }
    const int64_t row_blocks = divide_up(row_count, rows_at_once);
    const int64_t panels_at_once = std::max<int64_t>(1, product.panels / (params->nth * 8));
    const int64_t chunks = divide_up(product.panels, panels_at_once);
    if (params->ith == 0) ggml_threadpool_chunk_set(params->threadpool, params->nth);
    ggml_barrier(params->threadpool);

    float * outputs[rows_at_once];
    for (int64_t chunk = params->ith; chunk < row_blocks * chunks;
         chunk = ggml_threadpool_chunk_add(params->threadpool, 1)) {
        const int64_t first_row = chunk / chunks * rows_at_once;
        const int64_t count = std::min(rows_at_once, row_count - first_row);
        const int64_t first_panel = chunk % chunks * panels_at_once;
        const int64_t end_panel = std::min(product.panels, first_panel + panels_at_once);
        for (int64_t panel = first_panel; panel < end_panel; ++panel) {
            for (int64_t i = 0; i < count; ++i)
                outputs[i] =
                    static_cast<float *>(row_of(product.outputs, first_row + i)) + panel * panel_width;
            const int width = panel_outputs(product, panel);
            if (single) {
                product.format.single(product.panel(0, panel), product.inputs, prepared, outputs, width);
            } else {
                multiply_panel(product, product.panel(0, panel), width,
                               prepared +
                                   static_cast<size_t>(first_row / group_rows) * product.group_bytes(false),
                               count, outputs);
            }
        }
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
        for (int64_t row = 0; row < used * tokens; ++row) {
            int32_t * at = rows + first[expert_of(row)];
            while (*at >= 0) ++at;
            *at = static_cast<int32_t>(row);
        }
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
        round_rows(product.format, rows, 0, product.blocks,
                   reinterpret_cast<RoundedBlock<group_rows> *>(prepared + static_cast<size_t>(index) *
                                                                               product.group_bytes(false)));
    }
    ggml_barrier(params->threadpool);

    const int64_t panels_at_once = std::max<int64_t>(1, product.panels / (params->nth * 4));
    const int64_t chunks = divide_up(product.panels, panels_at_once);
    float * outputs[rows_at_once];
    for (int64_t chunk = params->ith; chunk < places.experts * chunks;
         chunk = ggml_threadpool_chunk_add(params->threadpool, 1)) {
        const int64_t expert = chunk / chunks;
        const int64_t first_panel = chunk % chunks * panels_at_once;
        const int64_t end_panel = std::min(product.panels, first_panel + panels_at_once);
        for (int64_t first = places.first[expert]; first < places.first[expert + 1]; first += rows_at_once) {
            const int64_t end = std::min<int64_t>(first + rows_at_once, places.first[expert + 1]);
            for (int64_t panel = first_panel; panel < end_panel; ++panel) {
                int64_t count = 0;
                for (; first + count < end && places.rows[first + count] >= 0; ++count) {
                    const int64_t row = places.rows[first + count];
                    outputs[count] = reinterpret_cast<float *>(static_cast<char *>(product.outputs->data) +
                                                               row % used * product.outputs->nb[1] +
                                                               row / used * product.outputs->nb[2]) +
                                     panel * panel_width;
                }
                multiply_panel(product, product.panel(expert, panel), panel_outputs(product, panel),
                               prepared +
                                   static_cast<size_t>(first / group_rows) * product.group_bytes(false),
                               count, outputs);
            }
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

void pack(ggml_tensor * weights, const void * data) {
    const PanelFormat & format = *panel_format(weights->type);
    auto * panel = static_cast<uint8_t *>(weights->data);
    for (int64_t expert = 0; expert < weights->ne[2]; ++expert)
        for (int64_t output = 0; output < weights->ne[1]; output += panel_width) {
            const void * rows[panel_width] = {};
            for (int64_t i = 0; i < panel_width && output + i < weights->ne[1]; ++i)
                rows[i] =
                    static_cast<const char *>(data) + (output + i) * weights->nb[1] + expert * weights->nb[2];
            format.pack(rows, weights->ne[0], panel);
            panel += format.panel_bytes(weights->ne[0]);
        }
}

bool takes_matmul(const ggml_tensor * op) {
    const ggml_tensor * const rows = op->src[1];
    if (op->type != GGML_TYPE_F32 || rows->type != GGML_TYPE_F32 || rows->nb[0] != sizeof(float))
        return false;
    return op->op == GGML_OP_MUL_MAT_ID || op->src[0]->ne[2] == 1;
}

size_t matmul_work_size(int, const ggml_tensor * op) {
    const Product product(op);
    if (op->op == GGML_OP_MUL_MAT) {
        const int64_t rows = ggml_nrows(product.rows);
        return rows == 1 ? product.group_bytes(true)
                         : static_cast<size_t>(divide_up(rows, group_rows)) * product.group_bytes(false);
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
