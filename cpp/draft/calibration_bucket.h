#pragma once

#include <cstddef>
#include <cstdint>

#include "draft/draft_model.h"
#include "draft/guide.h"
#include "draft/recycling.h"
#include "draft/source.h"

namespace reprise::draft {

/// The texts that share what is learnt about their matches. Documents are apart from the conversation, since
/// how much of them an answer says again differs from user to user.
enum class DocumentGroup : uint8_t { conversation, prediction, reference, corpus, count };

/// How long a match is: 0, 1, 2, 3-6, 7-16 tokens and more.
enum class LengthBucket : uint8_t { none, one, two, from_3, from_7, from_17, count };

/// The draft tokens whose outcomes correct one another's probability (`Acceptance`): those of one document
/// group and one length of match, the candidates of `Recycling` with one share, or one kind of forced tokens.
/// Where a `DraftModel` was asked, tokens are together with those that it holds about as probable: those that
/// an occurrence goes on with, and, apart from them, those that it alone speaks for. Tokens that an
/// occurrence goes on with and the model does not are together by how probable it holds its best candidate.
/// Some buckets more are for how often that is right where no occurrence is: one for each confidence in the
/// token before it, and one where that is unknown.
enum class CalibrationBucket : uint8_t {};

inline constexpr size_t document_group_count = static_cast<size_t>(DocumentGroup::count);
inline constexpr size_t length_bucket_count = static_cast<size_t>(LengthBucket::count);
inline constexpr size_t share_bucket_count = static_cast<size_t>(ShareBucket::count);
inline constexpr size_t matched_bucket_count = document_group_count * length_bucket_count;
inline constexpr size_t forced_bucket_count = static_cast<size_t>(Guide::Kind::count);
inline constexpr size_t first_forced_bucket = matched_bucket_count + share_bucket_count;
inline constexpr size_t first_agreed_bucket = first_forced_bucket + forced_bucket_count;
inline constexpr size_t first_contradicted_bucket = first_agreed_bucket + confidence_bucket_count;
inline constexpr size_t first_proposed_bucket = first_contradicted_bucket + confidence_bucket_count;
inline constexpr size_t first_found_bucket = first_proposed_bucket + confidence_bucket_count;
inline constexpr size_t calibration_bucket_count = first_found_bucket + confidence_bucket_count + 1;

constexpr DocumentGroup document_group(Source source) {
    switch (source) {
    case Source::prediction:
        return DocumentGroup::prediction;
    case Source::reference:
        return DocumentGroup::reference;
    case Source::corpus:
        return DocumentGroup::corpus;
    case Source::prompt:
    case Source::output:
    case Source::grammar:
    case Source::recycled:
    case Source::draft_model:
    case Source::count:
        break;
    }
    return DocumentGroup::conversation;
}

constexpr LengthBucket length_bucket(int match_length) {
    if (match_length >= 17) return LengthBucket::from_17;
    if (match_length >= 7) return LengthBucket::from_7;
    if (match_length >= 3) return LengthBucket::from_3;
    return match_length <= 0 ? LengthBucket::none : match_length == 1 ? LengthBucket::one : LengthBucket::two;
}

/// The bucket of a token that the text goes on with: `match_length` is the longest match among the
/// occurrences that go on with it, `source` where that one stands.
constexpr CalibrationBucket calibration_bucket(int match_length, Source source) {
    const auto group = static_cast<size_t>(document_group(source));
    const auto length = static_cast<size_t>(length_bucket(match_length));
    return static_cast<CalibrationBucket>(group * length_bucket_count + length);
}

/// The bucket of a candidate of `Recycling`.
constexpr CalibrationBucket calibration_bucket(ShareBucket share) {
    return static_cast<CalibrationBucket>(matched_bucket_count + static_cast<size_t>(share));
}

/// The bucket of a token that a `Guide` forces.
constexpr CalibrationBucket calibration_bucket(Guide::Kind kind) {
    return static_cast<CalibrationBucket>(first_forced_bucket + static_cast<size_t>(kind));
}

/// The bucket of a token that an occurrence goes on with and a draft model holds so probable.
constexpr CalibrationBucket agreed_bucket(ConfidenceBucket confidence) {
    return static_cast<CalibrationBucket>(first_agreed_bucket + static_cast<size_t>(confidence));
}

/// The bucket of a token that an occurrence goes on with, but not a draft model, which holds another so
/// probable.
constexpr CalibrationBucket contradicted_bucket(ConfidenceBucket best) {
    return static_cast<CalibrationBucket>(first_contradicted_bucket + static_cast<size_t>(best));
}

/// The bucket of a draft model's best candidate, whatever it is, after a token whose probability is known.
constexpr CalibrationBucket found_bucket(ConfidenceBucket before) {
    return static_cast<CalibrationBucket>(first_found_bucket + static_cast<size_t>(before));
}
/// The same where it is not known.
inline constexpr auto found_bucket_of_unknown =
    static_cast<CalibrationBucket>(first_found_bucket + confidence_bucket_count);

/// The bucket of a token that a draft model alone speaks for.
constexpr CalibrationBucket proposed_bucket(ConfidenceBucket confidence) {
    return static_cast<CalibrationBucket>(first_proposed_bucket + static_cast<size_t>(confidence));
}

} // namespace reprise::draft
