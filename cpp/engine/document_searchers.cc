#include "engine/document_searchers.h"

#include "device/cuda_text.h"
#include "device/device_failure.h"
#include "engine/error.h"
#include "engine/placement.h"

namespace reprise {

std::shared_ptr<draft::Searchers> document_searchers(const ContextOptions & options, const Model & model) {
    auto searchers = std::make_shared<draft::Searchers>();
    searchers->matching = options.matching;
    if (options.matching == draft::Matching::index) return searchers;
    searchers->device = options.text_device;
    if (searchers->device) return searchers;
    try {
        searchers->device = device::cuda_text_device(cuda_card_of_logits(model.handle()));
    } catch (const device::DeviceFailure & failure) {
        if (options.matching == draft::Matching::device)
            throw Error(
                ErrorCode::option_invalid,
                std::string("Expected 'auto' or 'index' for matching but received 'device': no device "
                            "can hold and search texts, because ") +
                    failure.what());
    }
    return searchers;
}

} // namespace reprise
