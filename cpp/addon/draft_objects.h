#pragma once

#include <memory>
#include <vector>

#include <napi.h>

#include "addon/replayed_draft_model.h"
#include "draft/drafter.h"
#include "draft/pass_cost.h"
#include "draft/suffix_index.h"

namespace reprise {

/// NativeDrafter of lib/addon.ts.
class DrafterObject : public Napi::ObjectWrap<DrafterObject> {
public:
    static Napi::Function define(Napi::Env env);
    explicit DrafterObject(const Napi::CallbackInfo & info);

private:
    void append(const Napi::CallbackInfo & info);
    void truncate(const Napi::CallbackInfo & info);
    void add_document(const Napi::CallbackInfo & info);
    Napi::Value draft(const Napi::CallbackInfo & info);
    Napi::Value step(const Napi::CallbackInfo & info);

    /// From a number or a staircase, as NativeDrafter.step takes them.
    const draft::PassCost & pass_cost_from(Napi::Value value);

    draft::Drafter drafter_;
    std::unique_ptr<ReplayedDraftModel> draft_model_;
    draft::Mix mix_ = draft::Mix::tree;
    std::vector<double> staircase_; ///< what `cost_` was made of
    draft::PassCost cost_;
};

/// NativeSuffixIndex of lib/addon.ts.
class SuffixIndexObject : public Napi::ObjectWrap<SuffixIndexObject> {
public:
    static Napi::Function define(Napi::Env env);
    explicit SuffixIndexObject(const Napi::CallbackInfo & info) : ObjectWrap(info) {}

private:
    void append(const Napi::CallbackInfo & info);
    void truncate(const Napi::CallbackInfo & info);
    void evict(const Napi::CallbackInfo & info);
    void save(const Napi::CallbackInfo & info);
    void open(const Napi::CallbackInfo & info);
    Napi::Value length(const Napi::CallbackInfo & info);
    Napi::Value longest_match(const Napi::CallbackInfo & info);
    Napi::Value check_integrity(const Napi::CallbackInfo & info);
    Napi::Value bytes(const Napi::CallbackInfo & info);

    draft::SuffixIndex index_;
};

} // namespace reprise
