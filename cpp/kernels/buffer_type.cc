// What ggml's CPU backend asks about these kernels: where weights lie, and who computes an operation.

#include <cstdint>
#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "ggml-backend-impl.h"
#include "ggml-cpu.h"
#include "traits.h"

#include "kernels/attention.h"
#include "kernels/matmul.h"

// Named in scripts/patches/cpu-kernels-from-outside.patch.
ggml_backend_buffer_type_t ggml_backend_cpu_extra_sources_buffer_type();

namespace reprise::kernels {
namespace {

bool in_panels(const ggml_tensor * tensor) {
    return tensor && tensor->buffer && tensor->buffer->buft == ggml_backend_cpu_extra_sources_buffer_type();
}

class Attention : public ggml::cpu::tensor_traits {
public:
    bool work_size(int threads, const ggml_tensor * op, size_t & size) override {
        size = attention_work_size(threads, op);
        return true;
    }
    bool compute_forward(ggml_compute_params * params, ggml_tensor * op) override {
        compute_attention(params, op);
        return true;
    }
};

class Matmul : public ggml::cpu::tensor_traits {
public:
    bool work_size(int, const ggml_tensor * op, size_t & size) override {
        size = matmul_work_size(op);
        return true;
    }
    bool compute_forward(ggml_compute_params * params, ggml_tensor * op) override {
        compute_matmul(params, op);
        return true;
    }
};

class Kernels : public ggml::cpu::extra_buffer_type {
public:
    bool supports_op(ggml_backend_dev_t, const ggml_tensor * op) override {
        if (op->op != GGML_OP_MUL_MAT && op->op != GGML_OP_MUL_MAT_ID) return false;
        if (!in_panels(op->src[0]) || !packs(op->src[0]) || !takes_matmul(op)) return false;
        return !op->src[1]->buffer || ggml_backend_buft_is_host(op->src[1]->buffer->buft);
    }

    ggml::cpu::tensor_traits * get_tensor_traits(const ggml_tensor * op) override {
        const bool is_matmul = op->op == GGML_OP_MUL_MAT || op->op == GGML_OP_MUL_MAT_ID;
        if (is_matmul && in_panels(op->src[0])) return &matmul_;
        if (op->op == GGML_OP_FLASH_ATTN_EXT && takes_attention(op)) return &attention_;
        return nullptr;
    }

private:
    Attention attention_;
    Matmul matmul_;
};

void set_tensor(ggml_backend_buffer_t, ggml_tensor * tensor, const void * data, size_t offset, size_t size) {
    GGML_ASSERT(are_whole_panels(tensor, offset, size));
    pack(tensor, data, offset, size);
}

/// Named in scripts/patches/copied-tensors-leave-memory.patch.
const char * name(ggml_backend_buffer_type_t) {
    return "CPU_PANELS";
}

/// A pass streams through all weights: with small pages it would look up a page every 4 KB of them.
void ask_for_huge_pages([[maybe_unused]] void * memory, [[maybe_unused]] size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr uintptr_t huge = uintptr_t{2} << 20;
    const uintptr_t start = (reinterpret_cast<uintptr_t>(memory) + huge - 1) / huge * huge;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + size) / huge * huge;
    // Advice: where it is refused, nothing is lost.
    if (start < end) madvise(reinterpret_cast<void *>(start), end - start, MADV_HUGEPAGE);
#endif
}

ggml_backend_buffer_t allocate(ggml_backend_buffer_type_t type, size_t size) {
    ggml_backend_buffer_t const buffer = ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), size);
    if (!buffer) return nullptr;
    buffer->buft = type;
    ask_for_huge_pages(ggml_backend_buffer_get_base(buffer), size);
    buffer->iface.set_tensor = set_tensor;
    buffer->iface.get_tensor = nullptr;
    buffer->iface.cpy_tensor = nullptr;
    return buffer;
}

size_t alignment(ggml_backend_buffer_type_t) {
    return 64;
}

size_t allocated_size(ggml_backend_buffer_type_t, const ggml_tensor * tensor) {
    return packs(tensor) ? packed_size(tensor) : ggml_nbytes(tensor);
}

} // namespace
} // namespace reprise::kernels

ggml_backend_buffer_type_t ggml_backend_cpu_extra_sources_buffer_type() {
    using namespace reprise::kernels;
    static Kernels kernels;
    static ggml_backend_buffer_type type = {
        {name, allocate, alignment, nullptr, allocated_size, nullptr},
        ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0),
        static_cast<ggml::cpu::extra_buffer_type *>(&kernels),
    };
    return &type;
}
