#include "addon/draft_objects.h"

#include <algorithm>

#include "addon/model_object.h"
#include "addon/properties.h"
#include "addon/values.h"
#include "draft/replay.h"
#include "engine/index_file.h"

namespace reprise {

namespace {
constexpr VocabularyId any_vocabulary{0, INT32_MAX};
} // namespace

Napi::Function DrafterObject::define(Napi::Env env) {
    return DefineClass(env, "Drafter",
                       {InstanceMethod<&DrafterObject::append>("append"),
                        InstanceMethod<&DrafterObject::truncate>("truncate"),
                        InstanceMethod<&DrafterObject::add_document>("addDocument"),
                        InstanceMethod<&DrafterObject::draft>("draft"),
                        InstanceMethod<&DrafterObject::step>("step")});
}

DrafterObject::DrafterObject(const Napi::CallbackInfo & info) : ObjectWrap(info) {
    if (!info[0].IsObject()) return;
    with_js_errors(info.Env(), [&] {
        const auto options = info[0].As<Napi::Object>();
        const auto & model = ModelObject::Unwrap(options.Get("model").As<Napi::Object>())->model();
        const auto & recorded = ModelObject::Unwrap(options.Get("vocabulary").As<Napi::Object>())->model();
        require_draft_model(*recorded, *model);
        draft_model_ = std::make_unique<ReplayedDraftModel>(
            model, recorded->vocabulary_size(), integer(options, "contextLength"), number(options, "share"));
        mix_ = mix_from(text(options, "mix"));
    });
}

void DrafterObject::append(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { drafter_.append(tokens_from(info[0]), source_from(info[1])); });
}

void DrafterObject::truncate(const Napi::CallbackInfo & info) {
    drafter_.truncate(std::min<size_t>(info[0].ToNumber().Uint32Value(), drafter_.length()));
}

void DrafterObject::add_document(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { drafter_.add_document(tokens_from(info[0]), source_from(info[1])); });
}

Napi::Value DrafterObject::draft(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&]() -> Napi::Value {
        const double micros = draft::draft_fixed(drafter_, info[0].ToNumber().Int32Value());
        Napi::Object object = Napi::Object::New(info.Env());
        object.Set("drafted", drafter_.tree().size());
        object.Set("micros", micros);
        return object;
    });
}

const draft::PassCost & DrafterObject::pass_cost_from(Napi::Value value) {
    if (!value.IsTypedArray()) {
        staircase_.clear();
        return cost_ = draft::PassCost::linear(value.ToNumber().DoubleValue());
    }
    const auto array = value.As<Napi::Float64Array>();
    const std::span given(array.Data(), array.ElementLength());
    if (given.empty() || given.size() > draft::PassCost::max_rows)
        throw Error(ErrorCode::option_invalid, "Expected 1…" + std::to_string(draft::PassCost::max_rows) +
                                                   " milliseconds for passCost but received " +
                                                   std::to_string(given.size()));
    if (std::equal(given.begin(), given.end(), staircase_.begin(), staircase_.end())) return cost_;
    std::vector<draft::PassTime> times;
    for (const double milliseconds : given) {
        if (!(milliseconds > 0))
            throw Error(ErrorCode::option_invalid, "Expected milliseconds above 0 for passCost");
        times.push_back({static_cast<int>(times.size()) + 1, milliseconds});
    }
    cost_ = draft::PassCost::staircase(times);
    staircase_.assign(given.begin(), given.end());
    return cost_;
}

Napi::Value DrafterObject::step(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&]() -> Napi::Value {
        const auto truth = info[0].As<Napi::Int32Array>();
        const size_t offset = info[1].ToNumber().Uint32Value();
        if (offset >= truth.ElementLength())
            throw Error(ErrorCode::option_invalid, "Expected an offset below " +
                                                       std::to_string(truth.ElementLength()) +
                                                       " but received " + std::to_string(offset));
        const draft::PassCost & cost = pass_cost_from(info[2]);
        if (draft_model_) draft_model_->use_cost(cost);
        const draft::ReplayStep step = draft::replay_step(
            drafter_, std::span(truth.Data(), truth.ElementLength()), offset, cost, draft_model_.get(), mix_);
        if (draft_model_) draft_model_->require_sound();
        Napi::Object object = Napi::Object::New(info.Env());
        object.Set("drafted", step.drafted);
        object.Set("accepted", step.accepted);
        object.Set("micros", step.micros);
        object.Set("asked", step.asked);
        object.Set("askingMs", step.asking_milliseconds);
        return object;
    });
}

Napi::Function SuffixIndexObject::define(Napi::Env env) {
    return DefineClass(env, "SuffixIndex",
                       {InstanceMethod<&SuffixIndexObject::append>("append"),
                        InstanceMethod<&SuffixIndexObject::truncate>("truncate"),
                        InstanceMethod<&SuffixIndexObject::evict>("evict"),
                        InstanceMethod<&SuffixIndexObject::save>("save"),
                        InstanceMethod<&SuffixIndexObject::open>("open"),
                        InstanceMethod<&SuffixIndexObject::longest_match>("longestMatch"),
                        InstanceMethod<&SuffixIndexObject::check_integrity>("checkIntegrity"),
                        InstanceAccessor<&SuffixIndexObject::length>("length"),
                        InstanceAccessor<&SuffixIndexObject::bytes>("bytes")});
}

void SuffixIndexObject::append(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { index_.append(tokens_from(info[0])); });
}

void SuffixIndexObject::truncate(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] {
        index_.truncate(std::min<size_t>(info[0].ToNumber().Uint32Value(), index_.length()));
    });
}

void SuffixIndexObject::evict(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { index_.evict(info[0].ToNumber().Uint32Value()); });
}

void SuffixIndexObject::save(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { save_index(index_, any_vocabulary, info[0].ToString()); });
}

void SuffixIndexObject::open(const Napi::CallbackInfo & info) {
    with_js_errors(info.Env(), [&] { index_ = open_index(any_vocabulary, info[0].ToString()); });
}

Napi::Value SuffixIndexObject::length(const Napi::CallbackInfo & info) {
    return Napi::Number::New(info.Env(), static_cast<double>(index_.length()));
}

Napi::Value SuffixIndexObject::longest_match(const Napi::CallbackInfo & info) {
    const auto match = index_.longest_match();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("length", match.length);
    object.Set("end", match.end);
    return object;
}

Napi::Value SuffixIndexObject::check_integrity(const Napi::CallbackInfo & info) {
    return Napi::String::New(info.Env(), index_.check_integrity());
}

Napi::Value SuffixIndexObject::bytes(const Napi::CallbackInfo & info) {
    return Napi::Number::New(info.Env(), static_cast<double>(index_.bytes()));
}

} // namespace reprise
