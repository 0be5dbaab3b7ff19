#include "jinja/scope.h"

namespace reprise::jinja {

const Value * Scope::find(std::string_view name) const {
    for (const Scope * scope = this; scope; scope = scope->outer.get()) {
        Budget::step();
        for (const auto & [known, value] : scope->names)
            if (known == name) return &value;
    }
    return nullptr;
}

void Scope::set(std::string_view name, Value value) {
    for (auto & [known, old] : names) {
        if (known != name) continue;
        old = std::move(value);
        return;
    }
    Budget::bytes(sizeof names[0] + name.size());
    names.emplace_back(name, std::move(value));
}

} // namespace reprise::jinja
