#include "engine/infill.h"

#include "engine/error.h"

namespace reprise {

std::vector<Token> infill_prompt(const Model & model, const std::string & prefix,
                                 const std::string & suffix) {
    const llama_vocab * const vocab = model.vocab();
    const Token before = llama_vocab_fim_pre(vocab);
    const Token after = llama_vocab_fim_suf(vocab);
    const Token middle = llama_vocab_fim_mid(vocab);
    if (before < 0 || after < 0 || middle < 0)
        throw Error(
            ErrorCode::model_invalid,
            "The model does not fill in the middle: its vocabulary has no tokens for prefix, suffix and "
            "middle; load a model for code that was trained so");
    std::vector<Token> tokens;
    const auto add = [&](Token mark, const std::string & text) {
        tokens.push_back(mark);
        if (text.empty()) return;
        const Vocabulary & vocabulary = model.vocabulary();
        const std::string is_content(text.size(), '\1');
        vocabulary.append_continued(text, vocabulary.fragments(text, is_content), tokens);
    };
    if (model.first_token() >= 0) tokens.push_back(model.first_token());
    add(before, prefix);
    add(after, suffix);
    tokens.push_back(middle);
    return tokens;
}

} // namespace reprise
