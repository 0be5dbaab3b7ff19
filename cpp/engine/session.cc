#include "engine/session.h"

#include "engine/stopwatch.h"

namespace reprise {

Session::~Session() {
    abort();
    post([](Family & family, Member & member) { family.remove(member); }, [] {}, [](const Error &) {});
}

void Session::abort() {
    member_->aborted_up_to = operations_;
}

int Session::begin(StartOptions start) {
    ++operations_;
    if (start.aborted) abort();
    return operations_;
}

std::vector<std::shared_ptr<ImageChunk>> Session::images_of(std::span<const Token> prompt) const {
    const ImageEncoder * const encoder = family_->model().images();
    std::vector<std::shared_ptr<ImageChunk>> images;
    for (size_t i = 0; encoder && i < prompt.size(); ++i) {
        if (!is_image_row(prompt[i])) continue;
        auto chunk = encoder->chunks().of(prompt[i]);
        if (!chunk) continue; // It is refused where the prompt is taken.
        i += chunk->rows() - 1;
        images.push_back(std::move(chunk));
    }
    return images;
}

void Session::prefill(std::vector<Token> tokens, std::function<void(int, int)> on_progress,
                      std::function<void(Prefilled)> on_done, OnError on_error, StartOptions start) {
    auto held = images_of(tokens);
    post(
        [operation = begin(start), held = std::move(held), tokens = std::move(tokens),
         on_progress = std::move(on_progress), on_done = std::move(on_done),
         on_error](Family & family, Member & member) {
            const Stopwatch watch;
            Prefill prefill{on_progress, {}, on_error};
            prefill.on_done = [&member, on_done, watch](int reused) {
                on_done({member.sequence.length(), reused, watch.milliseconds()});
            };
            family.prefill(member, operation, tokens, std::move(prefill));
        },
        [] {}, on_error);
}

void Session::generate(GenerateOptions options, GenerationListener listener, StartOptions start) {
    const OnError on_error = listener.on_error;
    std::vector<std::shared_ptr<ImageChunk>> held;
    if (options.tokens) held = images_of(*options.tokens);
    post([operation = begin(start), held = std::move(held), options = std::move(options),
          listener = std::move(listener)](
             Family & family, Member & member) { family.generate(member, operation, options, listener); },
         [] {}, on_error);
}

} // namespace reprise
