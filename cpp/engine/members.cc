#include "engine/members.h"

#include <algorithm>
#include <exception>

namespace reprise {

namespace {

// StreamingLLM (Xiao et al., 2309.17453): the first tokens take attention that nothing else needs, and
// a text without them falls apart.
constexpr int sink_tokens = 4;

} // namespace

Members::~Members() {
    try {
        for (const auto & member : members_) remember(*member);
    } catch (const std::exception &) {
        // They have to end all the same.
    }
}

Member & Members::add() {
    members_.push_back(std::make_unique<Member>(context_, drafts_));
    members_.back()->drafter.let_search(searchers_);
    learnt_.seed(members_.back()->drafter);
    return *members_.back();
}

Member & Members::fork(const Member & parent) {
    if (context_.free_sequences() == 0)
        for (const auto & member : members_) member->sequence.return_leaves();
    members_.push_back(std::make_unique<Member>(parent));
    return *members_.back();
}

void Members::remove(Member & member) {
    remember(member);
    std::erase_if(members_, [&](const auto & one) { return one.get() == &member; });
}

std::vector<Member *> Members::busy() const {
    std::vector<Member *> members;
    for (const auto & member : members_)
        if (member->is_busy()) members.push_back(member.get());
    return members;
}

const Member * Members::deepest() const {
    const Member * deepest = nullptr;
    for (const auto & member : members_)
        if (member->sequence.cached() > (deepest ? deepest->sequence.cached() : 0)) deepest = member.get();
    return deepest;
}

void Members::replace(Member & member, std::span<const Token> tokens) {
    if (tokens.empty()) throw Error(ErrorCode::prompt_empty, "The prompt has no tokens; pass some text");
    const ImageEncoder * const encoder = context_.model().images();
    for (const Token token : tokens)
        if ((token < 0 && !(encoder && is_image_row(token))) || token >= context_.model().vocabulary_size())
            throw Error(ErrorCode::option_invalid,
                        "Expected token ids in 0…" + std::to_string(context_.model().vocabulary_size() - 1) +
                            " for prompt but received " + std::to_string(token));
    if (static_cast<int>(tokens.size()) > context_.options().context_length)
        throw Error(ErrorCode::context_overflow,
                    "The prompt has " + std::to_string(tokens.size()) + " tokens but contextLength is " +
                        std::to_string(context_.options().context_length) +
                        "; shorten the prompt or create the session with a larger contextLength");
    ImageSpans images = encoder ? ImageSpans(tokens, encoder->chunks()) : ImageSpans();
    images.require_computable(context_.options().micro_batch_size);
    const auto & history = member.sequence.history();
    const auto [differs, unused] =
        std::mismatch(history.begin(), history.end(), tokens.begin(), tokens.end());
    images.require_embeddings(static_cast<int>(differs - history.begin()));
    // Another conversation.
    if (2 * (differs - history.begin()) < std::ssize(history)) remember(member);
    unshare(member, member.replace(tokens, std::move(images)));
}

void Members::truncate(Member & member, int length) {
    member.truncate(length);
    unshare(member, length);
}

void Members::load(Member & member, const std::string & path, const std::function<void()> & require_wanted) {
    remember(member);
    member.load(context_, path, require_wanted);
    member.shared = 0;
}

/// Forgets half of the member's history, the oldest but for the first tokens.
void Members::shift(Member & member) {
    const int keep = member.sequence.images().outside(sink_tokens);
    if (context_.can_move_cells())
        for (const auto & other : members_)
            if (other.get() != &member) other->sequence.give_way(member.sequence, keep);
    member.shift(keep);
    unshare(member, keep);
}

/// A cell that two sequences share is never given away, though the window hides it from both.
bool Members::unshare_cells() {
    bool returned = false;
    for (const auto & member : members_) {
        returned = returned || member->sequence.borrowed_leaves() > 0;
        member->sequence.return_leaves();
    }
    if (returned) return true;
    for (const bool idle : {true, false})
        for (const auto & one : members_)
            for (const auto & other : members_)
                if (one != other && idle == !one->is_busy() && one->sequence.shares_cells(other->sequence)) {
                    one->sequence.clear_cache();
                    return true;
                }
    return false;
}

bool Members::free_cells(std::span<Member * const> working) {
    if (context_.prunes_window() && unshare_cells()) return true;
    if (!context_.options().shift_on_overflow) return false;
    bool freed = false;
    Member * longest = nullptr;
    for (const auto & member : members_) {
        Sequence & sequence = member->sequence;
        const bool works = std::find(working.begin(), working.end(), member.get()) != working.end();
        if (!member->is_busy() && !works && sequence.cached() > 0) {
            sequence.clear_cache();
            freed = true;
        }
        const bool shifts =
            member->generation && sequence.pending() == 1 && sequence.length() > 4 * sink_tokens;
        if (shifts && (!longest || sequence.length() > longest->sequence.length())) longest = member.get();
    }
    if (freed || !longest) return freed;
    shift(*longest);
    return true;
}

void Members::forget_cells() {
    llama_memory_clear(context_.cache(), true);
    for (const auto & member : members_) member->sequence.clear_cache();
}

void Members::unshare(Member & member, int length) {
    member.shared = std::min(member.shared, length);
    for (const auto & other : members_)
        if (other->parent == &member) other->shared = std::min(other->shared, length);
}

void Members::remember(Member & member) {
    // From here on only what the member shares itself can be lost to its forks.
    for (const auto & other : members_)
        if (other->parent == &member) other->parent = member.parent;
    Corpus * const corpus = learnt_.corpus();
    const std::span<const Token> history = member.sequence.history();
    // What a fork shares its parent adds.
    if (corpus == nullptr || history.size() <= static_cast<size_t>(member.shared)) return;
    const size_t known = std::max(0, member.shared - draft::SuffixIndex::key_length);
    // The corpus outlives the ids of images' rows; an image parts its text.
    std::vector<Token> text;
    for (const Token token : history.subspan(known))
        if (!is_image_row(token))
            text.push_back(token);
        else if (!text.empty() && text.back() != draft::separator)
            text.push_back(draft::separator);
    // An index that the family held on to would have to be copied before it can grow.
    draft::TextOnDevice on_device;
    for (const auto & one : members_) {
        const auto document = one->drafter.documents(draft::Source::corpus);
        if (document && !on_device.text) on_device = document->leave_on_device();
        one->drafter.clear_documents(draft::Source::corpus);
    }
    try {
        corpus->add(text);
    } catch (const std::exception &) {
        // A session has to end all the same; the corpus goes on without its conversation.
    }
    // One document for all, so that one search finds what each of them looks for.
    const auto document =
        std::make_shared<draft::Document>(corpus->grown_index(), searchers_, std::move(on_device));
    for (const auto & one : members_) one->drafter.share_documents(document, draft::Source::corpus);
}

} // namespace reprise
