#include "engine/grammar_rules.h"

#include <algorithm>
#include <map>

#include "llama-grammar.h" // llama.cpp's internal header, of the pinned commit

#include "engine/error.h"
#include "engine/grammar_fault.h"

namespace reprise {

namespace {

constexpr uint32_t last_code_point = 0x10FFFF;
/// The parser's reasons quote the rest of the grammar, of which this much shows the place.
constexpr size_t max_reason_bytes = 200;

using Kind = GrammarSymbol::Kind;

[[noreturn]] void refuse(std::string reason) {
    if (reason.size() > max_reason_bytes) {
        size_t size = max_reason_bytes;
        while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) --size;
        reason.resize(size);
        reason += "…";
    }
    throw Error(ErrorCode::grammar_invalid, "The grammar is not valid GBNF: " + reason);
}

/// Asks llama.cpp's parser rule by rule: to parse the whole, it prints its reason to the process's standard
/// error and returns nothing but failure.
llama_grammar_parser parse_rules(const llama_vocab * vocab, const std::string & text) {
    if (const std::string fault = grammar_fault(text); !fault.empty()) refuse(fault);
    llama_grammar_parser parser(vocab);
    const char * at = skip_grammar_space(text.c_str());
    if (!*at) refuse("it has no rule");
    try {
        while (*at) at = parser.parse_rule(at);
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception & error) {
        refuse(error.what());
    }
    return parser;
}

std::map<uint32_t, std::string> rule_names(const llama_grammar_parser & parser) {
    std::map<uint32_t, std::string> names;
    for (const auto & [name, id] : parser.symbol_ids) names.emplace(id, name);
    return names;
}

/// Sorts and joins the ranges from `first` on. Those of a negated class become all the others.
void normalise(std::vector<CodePointRange> & ranges, size_t first, bool negated) {
    std::vector<CodePointRange> sorted;
    for (size_t i = first; i < ranges.size(); ++i)
        if (ranges[i].low <= ranges[i].high) sorted.push_back(ranges[i]);
    ranges.resize(first);
    std::sort(sorted.begin(), sorted.end(), [](const auto & a, const auto & b) { return a.low < b.low; });
    uint64_t next = 0; // the first code point that no range holds yet
    for (const CodePointRange & range : sorted) {
        if (negated) {
            if (range.low > next) ranges.push_back({static_cast<uint32_t>(next), range.low - 1});
        } else if (ranges.size() > first && range.low <= next) {
            ranges.back().high = std::max(ranges.back().high, range.high);
        } else {
            ranges.push_back(range);
        }
        next = std::max<uint64_t>(next, uint64_t{range.high} + 1);
    }
    if (negated && next <= last_code_point) ranges.push_back({static_cast<uint32_t>(next), last_code_point});
}

bool continues_class(llama_gretype type) {
    return type == LLAMA_GRETYPE_CHAR_ALT || type == LLAMA_GRETYPE_CHAR_RNG_UPPER;
}

/// Appends the character class that begins at `rule[at]`. Returns where it ends.
size_t add_class(GrammarRules & rules, const llama_grammar_rule & rule, size_t at) {
    const size_t first = rules.ranges.size();
    const bool any = rule[at].type == LLAMA_GRETYPE_CHAR_ANY;
    const bool negated = rule[at].type == LLAMA_GRETYPE_CHAR_NOT;
    size_t end = at;
    do {
        if (rule[end].type == LLAMA_GRETYPE_CHAR_RNG_UPPER)
            rules.ranges.back().high = rule[end].value;
        else
            rules.ranges.push_back(any ? CodePointRange{0, last_code_point}
                                       : CodePointRange{rule[end].value, rule[end].value});
        ++end;
    } while (continues_class(rule[end].type));
    normalise(rules.ranges, first, negated);
    rules.symbols.push_back(
        {Kind::chars, static_cast<uint32_t>(first), static_cast<uint32_t>(rules.ranges.size() - first)});
    return end;
}

void add_rule(GrammarRules & rules, const llama_grammar_rule & rule, uint32_t token_count) {
    std::vector<int> & starts = rules.alternatives.emplace_back();
    starts.push_back(static_cast<int>(rules.symbols.size()));
    for (size_t at = 0; at < rule.size();) {
        const auto & [type, value] = rule[at];
        switch (type) {
        case LLAMA_GRETYPE_END:
        case LLAMA_GRETYPE_ALT:
            rules.symbols.push_back({Kind::end});
            if (type == LLAMA_GRETYPE_ALT) starts.push_back(static_cast<int>(rules.symbols.size()));
            ++at;
            break;
        case LLAMA_GRETYPE_RULE_REF:
            rules.symbols.push_back({Kind::rule, value});
            ++at;
            break;
        case LLAMA_GRETYPE_TOKEN:
        case LLAMA_GRETYPE_TOKEN_NOT:
            if (value >= token_count)
                refuse("it names token " + std::to_string(value) + ", but the model has tokens 0…" +
                       std::to_string(token_count - 1));
            rules.symbols.push_back({type == LLAMA_GRETYPE_TOKEN ? Kind::token : Kind::not_token, value});
            ++at;
            break;
        default:
            at = add_class(rules, rule, at);
        }
    }
}

/// For each rule, whether it may match nothing. For every alternative it counts the rules that are not known
/// to match nothing, so it is linear in the grammar's size.
std::vector<bool> nullable_rules(const GrammarRules & rules) {
    const size_t count = rules.alternatives.size();
    std::vector<bool> nullable(count);
    std::vector<uint32_t> ready; // nullable rules whose users were not told yet
    struct Alternative {
        uint32_t rule;
        int missing;
    };
    std::vector<Alternative> waiting;
    std::vector<std::vector<uint32_t>> used_by(count); // alternatives in `waiting`
    const auto learn = [&](uint32_t rule) {
        if (nullable[rule]) return;
        nullable[rule] = true;
        ready.push_back(rule);
    };
    for (uint32_t rule = 0; rule < count; ++rule) {
        for (const int start : rules.alternatives[rule]) {
            int at = start;
            while (rules.symbols[at].kind == Kind::rule) ++at;
            if (rules.symbols[at].kind != Kind::end) continue;
            if (at == start) {
                learn(rule);
                continue;
            }
            for (int i = start; i < at; ++i)
                used_by[rules.symbols[i].value].push_back(static_cast<uint32_t>(waiting.size()));
            waiting.push_back({rule, at - start});
        }
    }
    while (!ready.empty()) {
        const uint32_t rule = ready.back();
        ready.pop_back();
        for (const uint32_t user : used_by[rule])
            if (--waiting[user].missing == 0) learn(waiting[user].rule);
    }
    return nullable;
}

/// A rule that can begin with itself and then go on, whose stacks would grow without end; -1 where there is
/// none. One that is nothing but itself, as in ("a"?)*, does no harm. llama.cpp's own check recurses, takes
/// exponential time on grammars that branch, and misses rules that are empty only by way of others.
int left_recursive_rule(const GrammarRules & rules) {
    const std::vector<bool> nullable = nullable_rules(rules);
    const uint32_t count = static_cast<uint32_t>(rules.alternatives.size());
    struct Beginning {
        uint32_t rule;
        bool goes_on; ///< something follows it in the alternative
    };
    std::vector<std::vector<Beginning>> begins_with(count);
    for (uint32_t rule = 0; rule < count; ++rule)
        for (int at : rules.alternatives[rule])
            for (; rules.symbols[at].kind == Kind::rule; ++at) {
                begins_with[rule].push_back(
                    {rules.symbols[at].value, rules.symbols[at + 1].kind != Kind::end});
                if (!nullable[rules.symbols[at].value]) break;
            }

    // Strongly connected components (Tarjan 1972), without recursion.
    constexpr uint32_t none = UINT32_MAX;
    std::vector<uint32_t> order(count, none);
    std::vector<uint32_t> lowest(count);
    std::vector<uint32_t> component(count, none);
    std::vector<uint32_t> open;
    struct Visit {
        uint32_t rule;
        size_t next = 0; ///< of its beginnings
    };
    std::vector<Visit> path;
    uint32_t visited = 0;
    const auto enter = [&](uint32_t rule) {
        order[rule] = lowest[rule] = visited++;
        open.push_back(rule);
        path.push_back({rule});
    };
    for (uint32_t from = 0; from < count; ++from) {
        if (order[from] == none) enter(from);
        while (!path.empty()) {
            const uint32_t rule = path.back().rule;
            if (path.back().next < begins_with[rule].size()) {
                const uint32_t to = begins_with[rule][path.back().next++].rule;
                if (order[to] == none)
                    enter(to);
                else if (component[to] == none)
                    lowest[rule] = std::min(lowest[rule], order[to]);
                continue;
            }
            path.pop_back();
            if (!path.empty()) lowest[path.back().rule] = std::min(lowest[path.back().rule], lowest[rule]);
            if (lowest[rule] != order[rule]) continue;
            for (uint32_t member = none; member != rule;) {
                member = open.back();
                open.pop_back();
                component[member] = rule;
            }
        }
    }
    for (uint32_t rule = 0; rule < count; ++rule)
        for (const auto & [to, goes_on] : begins_with[rule])
            if (goes_on && component[to] == component[rule]) return static_cast<int>(rule);
    return -1;
}

} // namespace

GrammarRules parse_grammar(const llama_vocab * vocab, const std::string & text, const std::string & root) {
    const llama_grammar_parser parser = parse_rules(vocab, text);
    const auto root_rule = parser.symbol_ids.find(root);
    if (root_rule == parser.symbol_ids.end()) refuse("it needs a rule named " + root);
    for (const auto & [name, id] : parser.symbol_ids)
        if (id >= parser.rules.size() || parser.rules[id].empty()) refuse("rule " + name + " is not defined");

    GrammarRules rules;
    rules.root = root_rule->second;
    for (const llama_grammar_rule & rule : parser.rules)
        add_rule(rules, rule, static_cast<uint32_t>(llama_vocab_n_tokens(vocab)));
    rules.boundaries.push_back(0);
    for (const auto & [low, high] : rules.ranges) {
        rules.boundaries.push_back(low);
        rules.boundaries.push_back(high + 1);
    }
    std::sort(rules.boundaries.begin(), rules.boundaries.end());
    rules.boundaries.erase(std::unique(rules.boundaries.begin(), rules.boundaries.end()),
                           rules.boundaries.end());
    if (const int rule = left_recursive_rule(rules); rule >= 0)
        refuse("rule " + rule_names(parser)[static_cast<uint32_t>(rule)] +
               " can begin with itself (left recursion); write the repetition at its end");
    return rules;
}

} // namespace reprise
