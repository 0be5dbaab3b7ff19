#include "engine/grammar_guide.h"

#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;
using draft::Guide;

namespace {

struct Guided {
    explicit Guided(const std::string & text)
        : grammar(*test_model(), text, "root", {}), guide(grammar, test_model()->vocabulary(), end) {}

    void accept(Token token) {
        grammar.accept(token);
        guide.accept(token);
    }
    void accept(const std::string & text) {
        for (const Token token : tokens(text)) accept(token);
    }
    static std::vector<Token> tokens(const std::string & text) {
        return test_model()->vocabulary().tokenize(text, false, false);
    }
    /// The text that the forced tokens from a place on come to.
    std::string forced_from(Guide::Place place) {
        std::string text;
        for (auto next = guide.forced(place); next; next = guide.forced(place)) {
            test_model()->vocabulary().append_piece(next->token, false, text);
            place = guide.after(place, next->token);
            REQUIRE(place >= 0);
        }
        return text;
    }

    const Token end = llama_vocab_eot(test_model()->vocab());
    Grammar grammar;
    GrammarGuide guide;
};

Token piece(const std::string & text) {
    const std::vector<Token> tokens = Guided::tokens(text);
    REQUIRE(tokens.size() == 1);
    return tokens[0];
}

} // namespace

TEST_CASE("a grammar's guide refuses what the grammar does not allow, along each branch") {
    Guided of(R"(root ::= "a" ("b" | "c") "d")");
    of.guide.begin();
    CHECK(of.guide.after(Guide::root, piece("b")) == Guide::refused);
    const Guide::Place a = of.guide.after(Guide::root, piece("a"));
    REQUIRE(a > Guide::root);
    const Guide::Place b = of.guide.after(a, piece("b"));
    const Guide::Place c = of.guide.after(a, piece("c"));
    CHECK(b > 0);
    CHECK(c > 0);
    CHECK(of.guide.after(a, piece("d")) == Guide::refused);
    CHECK(of.guide.after(b, piece("d")) > 0);
    CHECK(of.guide.after(c, piece("c")) == Guide::refused);
}

TEST_CASE("a grammar's guide forces the text that must come, token by token") {
    Guided of(R"(root ::= "const value = " [0-9]+ ";")");
    of.guide.begin();
    CHECK(of.forced_from(Guide::root) == "const value = ");
    of.accept("const");
    of.guide.begin();
    CHECK(of.forced_from(Guide::root) == " value = ");
    of.accept(" value = 1");
    of.guide.begin();
    CHECK(!of.guide.forced(Guide::root));
}

TEST_CASE("a grammar's guide says which token is the last that must come") {
    Guided of(R"(root ::= "const value = " [0-9]+)");
    of.guide.begin();
    Guide::Place place = Guide::root;
    std::vector<Guide::Kind> kinds;
    for (auto next = of.guide.forced(place); next; next = of.guide.forced(place)) {
        kinds.push_back(next->kind);
        place = of.guide.after(place, next->token);
    }
    REQUIRE(kinds.size() > 1);
    CHECK(kinds.back() == Guide::Kind::last);
    CHECK(kinds.front() == Guide::Kind::inner);
}

TEST_CASE("where white space may stand or not, a grammar's guide takes it to be as before") {
    const std::string space = R"(space ::= | " " | "\n"{1,2} [ \t]{0,20})";
    Guided of("root ::= (\"{\" space \"\\\"key\\\"\" space \":\" space [0-9] \"}\")+\n" + space);
    of.guide.begin();
    CHECK(of.forced_from(Guide::root) == R"({"key":)"); // Before a digit nobody knows what is to come.
    of.accept("{ \"key\" :1}");
    of.guide.begin();
    CHECK(!of.guide.forced(Guide::root)); // The text may end.
    of.accept("{");
    of.guide.begin();
    CHECK(of.forced_from(Guide::root) == R"( "key" :)");
    CHECK(of.guide.forced(Guide::root)->kind == Guide::Kind::likely);
}

TEST_CASE("a grammar's guide forces the end where nothing else can come") {
    Guided of(R"(root ::= "a" "b"?)");
    REQUIRE(of.end >= 0);
    of.accept(piece("a"));
    of.guide.begin();
    CHECK(!of.guide.forced(Guide::root)); // There may be a b.
    CHECK(of.guide.after(Guide::root, of.end) == Guide::unknown);
    of.accept(piece("b"));
    of.guide.begin();
    REQUIRE(of.guide.forced(Guide::root));
    CHECK(of.guide.forced(Guide::root)->token == of.end);
    CHECK(of.guide.after(Guide::root, piece("a")) == Guide::refused);
}

TEST_CASE("a grammar's guide knows nothing where the grammar takes too long") {
    std::string text = "root ::= r0\n";
    for (int i = 0; i < 40; ++i)
        text += "r" + std::to_string(i) + " ::= r" + std::to_string(i + 1) + " \"x\" | r" +
                std::to_string(i + 1) + " \"y\"\n";
    Guided of(text + "r40 ::= \"a\"");
    of.guide.begin();
    CHECK(of.guide.after(Guide::root, piece("a")) == Guide::unknown);
    CHECK(!of.guide.forced(Guide::root));
}
