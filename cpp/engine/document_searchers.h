#pragma once

#include <memory>

#include "draft/document.h"
#include "engine/context_options.h"
#include "engine/model.h"

namespace reprise {

/// Who searches the documents of a family's sessions: a device is the one that computes the model's logits,
/// if that can. Throws Error OPTION_INVALID where that is to be a
/// device and none can.
std::shared_ptr<draft::Searchers> document_searchers(const ContextOptions & options, const Model & model);

} // namespace reprise
