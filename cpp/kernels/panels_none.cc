// Processors without tiles of their own here (ARM, x86 before AVX2) keep llama.cpp's kernels.
#include "kernels/panels.h"
#include "kernels/processor.h"

#if !defined(REPRISE_PANELS_AVX512) && !defined(REPRISE_PANELS_AVX2)

namespace reprise::kernels {

const PanelFormat * rounded_panel_format(ggml_type) {
    return nullptr;
}

} // namespace reprise::kernels

#endif
