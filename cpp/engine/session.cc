#include "engine/session.h"

#include "engine/state_file.h"
#include "engine/stopwatch.h"

namespace reprise {

Session::~Session() {
    abort();
    family_->post([family = family_.get(), member = member_] { family->remove(*member); },
                  [](const Error &) {});
}

void Session::abort() {
    member_->aborted_up_to = operations_;
}

int Session::begin(bool aborted) {
    ++operations_;
    if (aborted) abort();
    return operations_;
}

void Session::prefill(std::vector<Token> tokens, std::function<void(int, int)> on_progress,
                      std::function<void(Prefilled)> on_done, OnError on_error, bool aborted) {
    family_->post(
        [family = family_.get(), member = member_, operation = begin(aborted), tokens = std::move(tokens),
         on_progress = std::move(on_progress), on_done = std::move(on_done), on_error] {
            const Stopwatch watch;
            Prefill prefill{on_progress, {}, on_error};
            prefill.on_done = [member, on_done, watch](int reused) {
                on_done({member->sequence.length(), reused, watch.milliseconds()});
            };
            family->prefill(*member, operation, tokens, std::move(prefill));
        },
        on_error);
}

void Session::generate(GenerateOptions options, GenerationListener listener, bool aborted) {
    OnError on_error = listener.on_error;
    family_->post(
        [family = family_.get(), member = member_, operation = begin(aborted), options = std::move(options),
         listener = std::move(listener)] { family->generate(*member, operation, options, listener); },
        std::move(on_error));
}

void Session::history(std::function<void(std::vector<Token>)> on_done, OnError on_error) {
    family_->post([member = member_, on_done = std::move(on_done)] { on_done(member->sequence.history()); },
                  std::move(on_error));
}

void Session::rollback(int length, std::function<void()> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, length, on_done = std::move(on_done)] {
            family->require_idle(*member);
            if (length < 0 || length > member->sequence.length())
                throw Error(ErrorCode::option_invalid,
                            "Expected an integer in 0…" + std::to_string(member->sequence.length()) +
                                " (the history's length) for length but received " + std::to_string(length));
            family->members().truncate(*member, length);
            on_done();
        },
        std::move(on_error));
}

void Session::fork(std::function<void(Member *)> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, on_done = std::move(on_done)] {
            family->require_idle(*member);
            on_done(&family->members().fork(*member));
        },
        std::move(on_error));
}

void Session::add_reference(std::vector<Token> tokens, std::function<void()> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, tokens = std::move(tokens), on_done = std::move(on_done)] {
            member->drafter.add_document(tokens, draft::Source::reference,
                                         family->context().options().reference_tokens);
            on_done();
        },
        std::move(on_error));
}

void Session::clear_references(std::function<void()> on_done, OnError on_error) {
    family_->post(
        [member = member_, on_done = std::move(on_done)] {
            member->drafter.clear_documents(draft::Source::reference);
            on_done();
        },
        std::move(on_error));
}

void Session::save(std::string path, std::function<void()> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, path = std::move(path), on_done = std::move(on_done)] {
            family->require_idle(*member);
            save_state(family->context(), member->sequence, path);
            on_done();
        },
        std::move(on_error));
}

void Session::load(std::string path, std::function<void()> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, path = std::move(path), on_done = std::move(on_done)] {
            family->require_idle(*member);
            family->members().load(*member, path);
            on_done();
        },
        std::move(on_error));
}

void Session::cost_table(std::function<void(std::vector<std::pair<int, double>>)> on_done, OnError on_error) {
    family_->post(
        [family = family_.get(), member = member_, on_done = std::move(on_done)] {
            std::vector<std::pair<int, double>> table;
            for (const int rows : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64})
                table.emplace_back(rows,
                                   family->pass_cost().steady_milliseconds(rows, member->sequence.cached()));
            on_done(std::move(table));
        },
        std::move(on_error));
}

} // namespace reprise
