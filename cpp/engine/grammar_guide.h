#pragma once

#include <optional>
#include <string>
#include <vector>

#include "draft/guide.h"
#include "engine/grammar.h"
#include "engine/space_habit.h"
#include "engine/vocabulary.h"

namespace reprise {

/// Says to the drafter what a grammar allows and forces. A text that can go on in one way alone is cut into
/// the tokens that the vocabulary has for it, which are most likely those that the model would say; the model
/// draws them all the same. Where white space may stand or not, it is taken to be as before (`SpaceHabit`).
///
/// Its work within a pass is bounded. Beyond that, and where the grammar is too ambiguous to follow, it does
/// not know: the tree grows as it would without it.
class GrammarGuide : public draft::Guide {
public:
    /// Grammar and vocabulary outlive it. `end` is the token that usually ends a text; -1 where there is
    /// none.
    GrammarGuide(Grammar & grammar, const Vocabulary & vocabulary, Token end)
        : grammar_(grammar), vocabulary_(vocabulary), end_(end) {}

    /// Takes a token that was committed, after the grammar took it.
    void accept(Token token);
    /// Starts a pass: the root is the text so far.
    void begin();

    Place after(Place place, Token token) override;
    std::optional<Forced> forced(Place place) override;

private:
    /// Tokens that must come.
    using Run = std::vector<Forced>;
    struct Point {
        Grammar::Reading reading;
        TextEnd end;     ///< of the text before it
        int run = none;  ///< the run that goes on here, `unasked` where it was not looked for
        size_t next = 0; ///< of its tokens
    };
    static constexpr int none = -1, unasked = -2;

    /// The text that must come at a point.
    struct Text {
        std::string bytes;
        std::vector<size_t> choices; ///< the bytes before which white space was chosen, or none
        bool ends = false;           ///< whether nothing can follow it
    };
    Text forced_text(const Point & point);
    /// Adds the white space that is usual before the character, where the grammar lets both stand.
    void add_spaces(char next, Grammar::Reading & reading, TextEnd & end, std::string & text);
    /// Looks for what must come at the point.
    void find_run(Point & point);

    Grammar & grammar_;
    const Vocabulary & vocabulary_;
    Token end_;
    SpaceHabit habit_;
    std::string piece_;
    bool knows_ = false; ///< whether the work of this pass is not used up
    std::vector<Point> points_;
    std::vector<Run> runs_;
};

} // namespace reprise
