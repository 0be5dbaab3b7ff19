#include "engine/embedding_texts.h"

#include <array>
#include <string_view>
#include <utility>

namespace reprise {

namespace {

/// A template's text, and for each byte whether it is content, which `Vocabulary::fragments` looks at.
struct Filled {
    std::string text;
    std::string content;

    void add(std::string_view part, bool is_content) {
        text += part;
        content.append(part.size(), static_cast<char>(is_content));
    }
};

Filled fill(std::string_view form, const std::string & query, const std::string & document) {
    const std::array<std::pair<std::string_view, const std::string *>, 2> places{
        {{"{query}", &query}, {"{document}", &document}}};
    Filled filled;
    while (!form.empty()) {
        size_t at = form.size();
        std::string_view name;
        const std::string * value = nullptr;
        for (const auto & [place, text] : places)
            if (const size_t found = form.find(place); found < at) {
                at = found;
                name = place;
                value = text;
            }
        filled.add(form.substr(0, at), false);
        if (!value) break;
        filled.add(*value, true);
        form.remove_prefix(at + name.size());
    }
    return filled;
}

} // namespace

std::vector<Token> text_to_embed(const Model & model, const std::string & text) {
    return model.vocabulary().tokenize(text, true, false);
}

std::vector<Token> pair_to_rank(const Model & model, const std::string & query,
                                const std::string & document) {
    const Vocabulary & vocabulary = model.vocabulary();
    const llama_vocab * const vocab = model.vocab();
    std::vector<Token> tokens;
    if (const char * const form = llama_model_chat_template(model.handle(), "rerank")) {
        const Filled filled = fill(form, query, document);
        vocabulary.append(filled.text, vocabulary.fragments(filled.text, filled.content), 0, tokens);
        return tokens;
    }
    const auto add = [&](const std::string & text) {
        const std::vector<Token> some = vocabulary.tokenize(text, false, false);
        tokens.insert(tokens.end(), some.begin(), some.end());
    };
    const bool ends = llama_vocab_get_add_eos(vocab);
    const Token eos = llama_vocab_eos(vocab) >= 0 ? llama_vocab_eos(vocab) : llama_vocab_sep(vocab);
    if (llama_vocab_get_add_bos(vocab)) tokens.push_back(llama_vocab_bos(vocab));
    add(query);
    if (ends) tokens.push_back(eos);
    if (llama_vocab_get_add_sep(vocab)) tokens.push_back(llama_vocab_sep(vocab));
    add(document);
    // llama.cpp's server leaves out the last separator of BERT's pairs, which its models were trained with.
    if (ends)
        tokens.push_back(eos);
    else if (llama_vocab_get_add_sep(vocab))
        tokens.push_back(llama_vocab_sep(vocab));
    return tokens;
}

} // namespace reprise
