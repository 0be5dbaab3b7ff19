#pragma once

#include <ctime>
#include <memory>
#include <vector>

#include "jinja/scope.h"

namespace reprise::jinja {

/// One rendering of a template that is under way: what its expressions and statements share.
class Rendering {
public:
    explicit Rendering(std::time_t now) : now(now) {}
    ~Rendering();
    Rendering(const Rendering &) = delete;
    Rendering & operator=(const Rendering &) = delete;

    /// Empties the scope when the rendering ends. It is called for each scope that a value may hold, since a
    /// name of the scope may stand for that value: without it the two would keep each other alive.
    void keep(const std::shared_ptr<Scope> & scope);

    const std::time_t now; ///< the time that `strftime_now` tells

private:
    std::vector<std::shared_ptr<Scope>> kept_;
};

/// Where an expression or a statement is evaluated: a rendering, and the scope of that part of the template.
struct Frame {
    Rendering & rendering;
    std::shared_ptr<Scope> scope;

    /// The same with a new scope inside this one.
    Frame inner() const { return {rendering, std::make_shared<Scope>(scope)}; }
};

} // namespace reprise::jinja
