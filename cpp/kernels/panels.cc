#include "kernels/panels.h"

namespace reprise::kernels {

const PanelFormat * panel_format(ggml_type type) {
    switch (type) {
    case GGML_TYPE_F32:
    case GGML_TYPE_F16:
    case GGML_TYPE_BF16:
        return float_panel_format(type);
    default:
        return rounded_panel_format(type);
    }
}

} // namespace reprise::kernels
