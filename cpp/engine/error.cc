#include "engine/error.h"

#include <iterator>

namespace reprise {

namespace {

struct Named {
    ErrorCode code;
    const char * name;
};

constexpr Named names[] = {
    {ErrorCode::model_not_found, "MODEL_NOT_FOUND"},
    {ErrorCode::model_invalid, "MODEL_INVALID"},
    {ErrorCode::model_vocab_only, "MODEL_VOCAB_ONLY"},
    {ErrorCode::out_of_memory, "OUT_OF_MEMORY"},
    {ErrorCode::context_overflow, "CONTEXT_OVERFLOW"},
    {ErrorCode::sequences_exhausted, "SEQUENCES_EXHAUSTED"},
    {ErrorCode::prompt_empty, "PROMPT_EMPTY"},
    {ErrorCode::text_invalid, "TEXT_INVALID"},
    {ErrorCode::image_invalid, "IMAGE_INVALID"},
    {ErrorCode::grammar_invalid, "GRAMMAR_INVALID"},
    {ErrorCode::schema_unsupported, "SCHEMA_UNSUPPORTED"},
    {ErrorCode::option_invalid, "OPTION_INVALID"},
    {ErrorCode::session_busy, "SESSION_BUSY"},
    {ErrorCode::disposed, "DISPOSED"},
    {ErrorCode::aborted, "ABORTED"},
    {ErrorCode::state_mismatch, "STATE_MISMATCH"},
    {ErrorCode::state_io, "STATE_IO"},
    {ErrorCode::decode_failed, "DECODE_FAILED"},
    {ErrorCode::template_invalid, "TEMPLATE_INVALID"},
    {ErrorCode::worker_unavailable, "WORKER_UNAVAILABLE"},
    {ErrorCode::native_failed, "NATIVE_FAILED"},
};

constexpr size_t code_count = static_cast<size_t>(ErrorCode::count);

constexpr bool stand_in_the_order_of_their_codes() {
    for (size_t i = 0; i < code_count; i++)
        if (static_cast<size_t>(names[i].code) != i) return false;
    return true;
}

static_assert(std::size(names) == code_count, "Each error code has one name");
static_assert(stand_in_the_order_of_their_codes(), "`name_of` finds a name at its code's place");

} // namespace

const char * name_of(ErrorCode code) {
    return names[static_cast<size_t>(code)].name;
}

std::array<const char *, code_count> error_code_names() {
    std::array<const char *, code_count> all;
    for (size_t i = 0; i < code_count; i++) all[i] = names[i].name;
    return all;
}

} // namespace reprise
