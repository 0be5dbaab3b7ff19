#include "addon/values.h"

#include <cstring>

#include "addon/chat_objects.h"
#include "addon/device_values.h"
#include "addon/properties.h"
#include "engine/placement.h"
#include "engine/suitability.h"

namespace reprise {

namespace {

draft::Matching matching_from(const std::string & name) {
    return name == "device"  ? draft::Matching::device
           : name == "index" ? draft::Matching::index
                             : draft::Matching::automatic;
}

ggml_type cache_type(const std::string & name) {
    if (name == "f32") return GGML_TYPE_F32;
    if (name == "f16") return GGML_TYPE_F16;
    if (name == "q8_0") return GGML_TYPE_Q8_0;
    if (name == "q4_0") return GGML_TYPE_Q4_0;
    throw Error(ErrorCode::option_invalid,
                "Expected f32, f16, q8_0 or q4_0 for a cache type but received " + name);
}

const char * cache_kind_name(CacheKind kind) {
    switch (kind) {
    case CacheKind::full:
        return "full";
    case CacheKind::sliding_window:
        return "sliding-window";
    case CacheKind::recurrent:
        return "recurrent";
    case CacheKind::hybrid:
        return "hybrid";
    }
    return "";
}

const char * shape_name(DraftShape shape) {
    switch (shape) {
    case DraftShape::tree:
        return "tree";
    case DraftShape::chain:
        return "chain";
    case DraftShape::off:
        return "off";
    }
    return "";
}

const char * reason_name(FinishReason reason) {
    switch (reason) {
    case FinishReason::end:
        return "end";
    case FinishReason::stop:
        return "stop";
    case FinishReason::length:
        return "length";
    case FinishReason::context:
        return "context";
    case FinishReason::aborted:
        return "aborted";
    }
    return "";
}

Napi::Object by_source_to(Napi::Env env, const std::array<int64_t, draft::source_count> & counts) {
    Napi::Object object = Napi::Object::New(env);
    for (size_t i = 0; i < counts.size(); ++i)
        object.Set(draft::name_of(static_cast<draft::Source>(i)), static_cast<double>(counts[i]));
    return object;
}

Napi::Value token_text(Napi::Env env, const Model & model, Token token) {
    return Napi::String::New(env, token < 0 ? "" : model.vocabulary().detokenize(std::span(&token, 1), true));
}

Napi::Array logprobs_to(Napi::Env env, const std::vector<TokenLogprobs> & logprobs) {
    const auto object_of = [&](Token token, const std::string & text, float logprob) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("token", token);
        object.Set("text", text);
        object.Set("logprob", static_cast<double>(logprob));
        return object;
    };
    auto all = Napi::Array::New(env, logprobs.size());
    for (uint32_t i = 0; i < logprobs.size(); ++i) {
        const TokenLogprobs & one = logprobs[i];
        auto top = Napi::Array::New(env, one.top.size());
        for (uint32_t rank = 0; rank < one.top.size(); ++rank)
            top.Set(rank, object_of(one.top[rank].token, one.top[rank].text, one.top[rank].logprob));
        Napi::Object object = object_of(one.token, one.text, one.logprob);
        object.Set("top", top);
        all.Set(i, object);
    }
    return all;
}

SamplerOptions sampler_options_from(const Napi::Object & object) {
    const auto real = [&](const char * name) { return static_cast<float>(number(object, name)); };
    SamplerOptions options;
    options.temperature = real("temperature");
    options.top_n_sigma = real("topNSigma");
    options.top_k = integer(object, "topK");
    options.typical_p = real("typicalP");
    options.top_p = real("topP");
    options.min_p = real("minP");
    options.xtc_probability = real("xtcProbability");
    options.xtc_threshold = real("xtcThreshold");
    options.mirostat = integer(object, "mirostat") == 2;
    options.mirostat_tau = real("mirostatTau");
    options.mirostat_eta = real("mirostatEta");
    options.repeat_penalty = real("repeatPenalty");
    options.frequency_penalty = real("frequencyPenalty");
    options.presence_penalty = real("presencePenalty");
    options.penalty_window = integer(object, "penaltyWindow");
    options.dry.multiplier = real("dryMultiplier");
    options.dry.base = real("dryBase");
    options.dry.allowed_length = integer(object, "dryAllowedLength");
    options.dry.penalty_last_n = integer(object, "dryPenaltyLastN");
    options.dry.sequence_breakers = texts(object, "drySequenceBreakers");
    const auto biases = object.Get("logitBias").As<Napi::Array>();
    for (uint32_t i = 0; i < biases.Length(); ++i) {
        const auto pair = biases.Get(i).As<Napi::Array>();
        options.logit_bias.emplace_back(pair.Get(0u).ToNumber().Int32Value(),
                                        pair.Get(1u).ToNumber().FloatValue());
    }
    options.seed = static_cast<uint64_t>(number(object, "seed"));
    options.grammar = text(object, "grammar");
    options.grammar_root = text(object, "grammarRoot");
    return options;
}

} // namespace

std::vector<Token> tokens_from(const Napi::Value & value) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array)
        throw Error(ErrorCode::option_invalid, "Expected an Int32Array of tokens");
    const auto array = value.As<Napi::Int32Array>();
    return std::vector<Token>(array.Data(), array.Data() + array.ElementLength());
}

Napi::Value tokens_to(Napi::Env env, std::span<const Token> tokens) {
    auto array = Napi::Int32Array::New(env, tokens.size());
    if (!tokens.empty()) std::memcpy(array.Data(), tokens.data(), tokens.size_bytes());
    return array;
}

WorkerServer::Options worker_options_from(const Napi::Object & object) {
    return {text(object, "listen"), texts(object, "devices"), integer(object, "threads"),
            text(object, "cacheFolder")};
}

ModelOptions model_options_from(const Napi::Object & object) {
    ModelOptions options;
    options.devices = device_options_from(object);
    options.mmap = boolean(object, "mmap");
    options.mlock = boolean(object, "mlock");
    options.check_tensors = boolean(object, "checkTensors");
    options.vocab_only = boolean(object, "vocabOnly");
    options.mtp = boolean(object, "mtp");
    options.adapters = texts(object, "adapters");
    if (const Napi::Value images = object.Get("images"); images.IsObject()) {
        const auto given = images.As<Napi::Object>();
        options.images = {text(given, "projector"), integer(given, "threads"), integer(given, "minTokens"),
                          integer(given, "maxTokens")};
    }
    return options;
}

CorpusOptions corpus_options_from(const Napi::Object & object) {
    return {text(object, "corpus"), integer(object, "corpusTokens")};
}

ContextOptions context_options_from(const Napi::Object & object) {
    ContextOptions options;
    options.context_length = integer(object, "contextLength");
    options.batch_size = integer(object, "batchSize");
    options.micro_batch_size = integer(object, "microBatchSize");
    options.threads = integer(object, "threads");
    options.draft_threads = integer(object, "draftThreads");
    const std::string flash = text(object, "flashAttention");
    options.flash_attention = flash == "on"    ? LLAMA_FLASH_ATTN_TYPE_ENABLED
                              : flash == "off" ? LLAMA_FLASH_ATTN_TYPE_DISABLED
                                               : LLAMA_FLASH_ATTN_TYPE_AUTO;
    const std::string device_logits = text(object, "deviceLogits");
    options.device_logits = device_logits == "on"    ? DeviceLogits::on
                            : device_logits == "off" ? DeviceLogits::off
                                                     : DeviceLogits::automatic;
    options.key_type = cache_type(text(object, "keyType"));
    options.value_type = cache_type(text(object, "valueType"));
    options.full_sliding_window = boolean(object, "fullSlidingWindow");
    options.shift_on_overflow = text(object, "overflow") == "shift";
    options.reference_tokens = integer(object, "referenceTokens");
    options.max_sequences = integer(object, "maxSequences");
    options.matching = matching_from(text(object, "matching"));
    const auto adapters = object.Get("adapters").As<Napi::Array>();
    for (uint32_t i = 0; i < adapters.Length(); ++i) {
        const auto pair = adapters.Get(i).As<Napi::Array>();
        options.adapters.push_back(
            {pair.Get(0u).ToNumber().Int32Value(), pair.Get(1u).ToNumber().FloatValue()});
    }
    return options;
}

GenerateOptions generate_options_from(const Napi::Object & object) {
    GenerateOptions options;
    if (object.Get("tokens").IsTypedArray()) options.tokens = tokens_from(object.Get("tokens"));
    options.max_tokens = integer(object, "maxTokens");
    options.stop = texts(object, "stop");
    options.special = boolean(object, "renderSpecial");

    options.sampler = sampler_options_from(object.Get("sampler").As<Napi::Object>());
    if (object.Get("reply").IsObject()) {
        const auto reply = object.Get("reply").As<Napi::Object>();
        const auto format = ReplyFormatObject::Unwrap(reply.Get("format").As<Napi::Object>())->format();
        options.sampler.reply = {format, &format->rules()};
        if (reply.Get("budget").IsNumber()) options.sampler.reasoning_budget = integer(reply, "budget");
        options.stop.insert(options.stop.end(), format->rules().stops.begin(), format->rules().stops.end());
    }
    if (object.Get("logprobs").IsNumber()) options.logprobs = integer(object, "logprobs");

    const auto draft = object.Get("draft").As<Napi::Object>();
    const std::string mode = text(draft, "mode");
    options.draft_mode = mode == "off"     ? DraftMode::off
                         : mode == "fixed" ? DraftMode::fixed
                                           : DraftMode::automatic;
    options.draft_size = integer(draft, "size");
    if (object.Get("prediction").IsTypedArray()) options.prediction = tokens_from(object.Get("prediction"));
    if (object.Get("recorded").IsTypedArray()) options.recorded = tokens_from(object.Get("recorded"));
    if (object.Has("grammarDrafts")) options.grammar_drafts = boolean(object, "grammarDrafts");
    if (object.Has("mix")) options.mix = mix_from(text(object, "mix"));
    if (object.Has("recycling")) options.recycling = boolean(object, "recycling");
    return options;
}

draft::Mix mix_from(const std::string & name) {
    if (name == "tree") return draft::Mix::tree;
    if (name == "alternatives") return draft::Mix::alternatives;
    if (name == "copies") return draft::Mix::copies_alone;
    if (name == "model") return draft::Mix::model_alone;
    throw Error(ErrorCode::option_invalid, "Unknown mix of drafts " + name);
}

draft::Source source_from(const Napi::Value & value) {
    const std::string name = value.ToString();
    if (const auto source = draft::source_of(name)) return *source;
    throw Error(ErrorCode::option_invalid, "Unknown draft source " + name);
}

Napi::Object model_info_to(Napi::Env env, const Model & model) {
    const llama_model * handle = model.handle();
    const auto metadata = model.metadata();
    const auto architecture = metadata.find("general.architecture");
    Napi::Object info = Napi::Object::New(env);
    info.Set("description", model.description());
    info.Set("readsImages", model.images() != nullptr);
    info.Set("architecture", architecture == metadata.end() ? std::string() : architecture->second);
    info.Set("parameters", static_cast<double>(llama_model_n_params(handle)));
    info.Set("sizeBytes", static_cast<double>(llama_model_size(handle)));
    info.Set("trainedContextLength", llama_model_n_ctx_train(handle));
    info.Set("embeddingLength", llama_model_n_embd(handle));
    info.Set("layers", llama_model_n_layer(handle));
    info.Set("mtpLayers", llama_model_n_layer_nextn(handle));
    info.Set("heads", model.vocab_only() ? 0 : llama_model_n_head(handle));
    info.Set("headsKv", model.vocab_only() ? 0 : llama_model_n_head_kv(handle));
    info.Set("vocabularySize", model.vocabulary_size());
    info.Set("cacheKind", cache_kind_name(model.cache_kind()));
    info.Set("slidingWindow", llama_model_n_swa(handle));
    info.Set("drafts", shape_name(model.draft_shape()));
    info.Set("draftsReason", model.draft_reason());
    info.Set("generationFault",
             model.vocab_only() ? "only the vocabulary is loaded" : generation_fault(handle));
    const char * chat_template = llama_model_chat_template(handle, nullptr);
    info.Set("chatTemplate", chat_template ? Napi::Value(Napi::String::New(env, chat_template)) : env.Null());
    info.Set("addBos", static_cast<bool>(llama_vocab_get_add_bos(model.vocab())));
    info.Set("bosToken", llama_vocab_bos(model.vocab()));
    info.Set("eosToken", llama_vocab_eos(model.vocab()));
    info.Set("eotToken", llama_vocab_eot(model.vocab()));
    info.Set("bosText", token_text(env, model, llama_vocab_bos(model.vocab())));
    info.Set("eosText", token_text(env, model, llama_vocab_eos(model.vocab())));
    info.Set("endTokens", tokens_to(env, model.end_tokens()));
    info.Set("vocabOnly", model.vocab_only());
    info.Set("placement", placement_to(env, placement_of(handle)));
    Napi::Object values = Napi::Object::New(env);
    for (const auto & [key, value] : metadata) values.Set(key, value);
    info.Set("metadata", values);
    return info;
}

Napi::Object parts_to(Napi::Env env, const PassParts & parts) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("drafting", parts.drafting);
    object.Set("compute", parts.compute);
    object.Set("sampling", parts.sampling);
    object.Set("bookkeeping", parts.bookkeeping);
    return object;
}

Napi::Object metrics_to(Napi::Env env, const Metrics & metrics) {
    Napi::Object object = Napi::Object::New(env);
    const auto set = [&](const char * name, auto value) { object.Set(name, static_cast<double>(value)); };
    set("promptTokens", metrics.prompt_tokens);
    set("reusedTokens", metrics.reused_tokens);
    set("prefillMs", metrics.prefill_ms);
    set("timeToFirstTokenMs", metrics.time_to_first_token_ms);
    set("totalMs", metrics.total_ms);
    set("outputTokens", metrics.output_tokens);
    set("passes", metrics.passes);
    set("passTokens", metrics.pass_tokens);
    set("drafted", metrics.drafted);
    set("accepted", metrics.accepted);
    set("decodeMs", metrics.decode_ms.total());
    object.Set("decodeMsByPart", parts_to(env, metrics.decode_ms));
    object.Set("acceptedBySource", by_source_to(env, metrics.accepted_by_source));
    object.Set("draftedBySource", by_source_to(env, metrics.drafted_by_source));
    auto by_rows = Napi::Array::New(env, metrics.passes_by_rows.size());
    uint32_t index = 0;
    for (const auto & [rows, timing] : metrics.passes_by_rows) {
        Napi::Object row = Napi::Object::New(env);
        row.Set("rows", rows);
        row.Set("passes", static_cast<double>(timing.passes));
        row.Set("meanMs", timing.milliseconds / static_cast<double>(timing.passes));
        by_rows.Set(index++, row);
    }
    object.Set("passesByRows", by_rows);
    set("draftModelPasses", metrics.draft_model_passes);
    set("draftModelMs", metrics.draft_model_ms);
    set("plainMsEstimate", metrics.plain_ms_estimate);
    set("reasoningTokens", metrics.reasoning_tokens);
    set("nearTies", metrics.near_ties);
    set("logitBytesRead", metrics.logits_read.bytes);
    set("logitRowsFetched", metrics.logits_read.whole_rows);
    return object;
}

Napi::Object chunk_to(Napi::Env env, const Chunk & chunk) {
    auto segments = Napi::Array::New(env, chunk.segments.size());
    for (uint32_t i = 0; i < chunk.segments.size(); ++i) {
        Napi::Object segment = Napi::Object::New(env);
        segment.Set("text", chunk.segments[i].text);
        const auto source = chunk.segments[i].source;
        segment.Set("source", source ? draft::name_of(*source) : "model");
        segments.Set(i, segment);
    }
    auto margins = Napi::Float32Array::New(env, chunk.margins.size());
    if (!chunk.margins.empty())
        std::memcpy(margins.Data(), chunk.margins.data(), chunk.margins.size() * sizeof(float));
    Napi::Object object = Napi::Object::New(env);
    object.Set("segments", segments);
    object.Set("tokens", tokens_to(env, chunk.tokens));
    object.Set("margins", margins);
    object.Set("logprobs", logprobs_to(env, chunk.logprobs));
    object.Set("metrics", metrics_to(env, chunk.metrics));
    return object;
}

Napi::Object result_to(Napi::Env env, const GenerationResult & result) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("finishReason", reason_name(result.reason));
    object.Set("stopString", result.stop_string);
    object.Set("metrics", metrics_to(env, result.metrics));
    return object;
}

} // namespace reprise
