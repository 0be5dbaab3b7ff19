#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/grammar_rules.h"
#include "engine/model.h"

namespace reprise {

/// Says which tokens may come next for the text to follow a GBNF grammar. All readings of the text so far are
/// followed at once: a *state* is the set of their stacks, and what a kind of code point makes of a state is
/// kept, so that the vocabulary is matched against an automaton that grows as it is used. llama.cpp's own
/// matcher takes a token's readings one after another: hours, uninterrupted, where a grammar is as ambiguous
/// as a row of optional parts.
///
/// It sees committed tokens alone: the sampler asks it at each row of a draft tree (`sample_and_match.h`).
///
/// A control token is matched by its text. An end token fits where the text is complete, and where the
/// grammar names it (`<[id]>`).
class Grammar {
public:
    /// Throws Error GRAMMAR_INVALID. `should_stop` is asked now and then while the others work.
    Grammar(const Model & model, const std::string & text, const std::string & root,
            std::function<bool()> should_stop);

    // These throw Error GRAMMAR_INVALID where the grammar is too ambiguous to follow, ABORTED where
    // `should_stop` said so; the text so far stays as it is.

    bool allows(Token token);
    /// Gives what does not fit the logit -infinity.
    void ban_others(llama_token_data_array & candidates);
    /// Whether the text may end here.
    bool complete();
    /// Takes a token. Throws Error GRAMMAR_INVALID where it does not fit.
    void accept(Token token);

    /// Takes a text that is there already. Gives whether it fits; where it does not, nothing has changed.
    bool accept_text(std::string_view text);

    /// A UTF-8 character that a token left unfinished.
    struct Partial {
        uint32_t value = 0;          ///< the bits that are known
        int remaining = 0;           ///< how many bytes are missing
        uint32_t min_code_point = 0; ///< smaller ones have a shorter form, which alone is valid
    };
    /// A text that the grammar has read. It is valid until a token is accepted or others are banned.
    struct Reading {
        int state;
        Partial partial;
    };
    static constexpr int dead = -1; ///< the state of a reading that does not fit

    // What may come is looked at ahead of the text between `look_ahead` and the next call of another kind.
    // These throw what the others throw, where the work of all of them is more than `look_ahead` allowed.

    /// The reading of the text so far.
    Reading look_ahead(uint64_t most_work);
    /// The reading after a token, its state `dead` where it does not fit. Nothing where a token of the
    /// grammar, and not its text, is matched, and after the end.
    std::optional<Reading> ahead(const Reading & from, Token token);
    Reading ahead(const Reading & from, uint32_t code_point);
    /// The code point that alone can come next, but for white space before it; none where there are others,
    /// or the text may end.
    struct Only {
        uint32_t code_point;
        bool space; ///< whether white space may stand before it
    };
    std::optional<Only> only_code_point(const Reading & from) const;
    /// Whether the text can do nothing but end.
    bool must_end(const Reading & from) const;

private:
    /// A stack: the symbol on its top, which is the next to be matched, and the stack below it. Node 0 is the
    /// empty one.
    struct Node {
        int symbol;
        int below;
        uint32_t met = 0; ///< the last state whose making met it
    };
    struct State {
        std::vector<int> tops; ///< the nodes whose symbol is a terminal, sorted
        bool complete = false; ///< whether one reading has nothing left to match
        // These are the same tops, by how they are matched.
        std::vector<std::pair<uint32_t, int>> single; ///< tops that one code point fits, sorted by it
        std::vector<int> classes;                     ///< tops that a class of code points fits
        std::vector<int> tokens;                      ///< tops that a token fits
        std::unordered_map<uint32_t, int> next;       ///< the states that follow, by the kind of code point
    };
    /// Makes the first state where there is none. The constructor does not, because nothing could interrupt
    /// it.
    void begin_work();
    /// Counts work. Throws Error GRAMMAR_INVALID where it is too much, and ABORTED.
    void spend(uint64_t units);
    /// The node of that symbol and stack.
    int node(int symbol, int below);
    /// The stack that is left once the symbol on its top was matched.
    int after(int top);
    // A state is made by following stacks between `begin_state` and `finish_state`.
    void begin_state();
    void follow(int stack);
    void add_top(int top);
    int finish_state();
    /// The kind of a code point. Those of one kind are alike to every class of the grammar.
    uint32_t kind_of(uint32_t code_point) const;
    int next_state(int state, uint32_t code_point);
    /// The reading after a token's text, its state `dead` where it does not fit.
    Reading read(Reading from, std::string_view text);
    bool may_complete(int state, const Partial & partial) const;
    Reading read_token(Token token);
    bool token_fits(int top, Token token) const;
    bool may_end() const { return text_.partial.remaining == 0 && states_[text_.state].complete; }
    bool names(Token token) const;
    /// Whether the class holds a code point of `low`…`high`.
    bool class_meets(int top, uint32_t low, uint32_t high) const;
    /// Forgets all states and nodes but those of the text so far, where there are many.
    void compact();

    const Model & model_;
    GrammarRules rules_;
    std::array<uint32_t, 0x80> ascii_kinds_;
    std::function<bool()> should_stop_;
    std::vector<Node> nodes_;
    std::unordered_map<uint64_t, int> node_ids_;
    std::vector<State> states_;
    std::unordered_multimap<uint64_t, int> state_ids_; ///< the states by their hash
    Reading text_{dead, {}}; ///< the reading of the text so far; `dead` before the first use
    std::string piece_;

    // These belong to the state that is being made.
    std::vector<int> tops_;
    bool complete_ = false;
    std::vector<int> to_follow_;
    uint32_t making_ = 0; ///< its number

    uint64_t most_work_;    ///< more than this is refused
    uint64_t work_ = 0;     ///< what the present call has taken
    uint64_t asked_at_ = 0; ///< `work_` when `should_stop` was asked last
    size_t kept_ = 0;       ///< how many tops and transitions all states have
    size_t max_kept_;       ///< beyond so many, and nodes, `compact` forgets
};

} // namespace reprise
