#include "jinja/rendering.h"

namespace reprise::jinja {

void Rendering::keep(const std::shared_ptr<Scope> & scope) {
    Budget::bytes(sizeof scope);
    kept_.push_back(scope);
}

Rendering::~Rendering() {
    for (const auto & scope : kept_) scope->names.clear();
}

} // namespace reprise::jinja
