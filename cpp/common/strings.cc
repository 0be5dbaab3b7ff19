// The functions of llama.cpp's common/common.h that its converter of JSON Schema and its chat engine call.
// common.cpp itself needs all of common/.
#include "common.h"

std::string string_join(const std::vector<std::string> & values, const std::string & separator) {
    std::string joined;
    for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) joined += separator;
        joined += values[i];
    }
    return joined;
}

std::vector<std::string> string_split(const std::string & text, const std::string & delimiter) {
    std::vector<std::string> parts;
    size_t start = 0;
    for (size_t end; (end = text.find(delimiter, start)) != std::string::npos; start = end + delimiter.size())
        parts.push_back(text.substr(start, end - start));
    parts.push_back(text.substr(start));
    return parts;
}

std::string string_repeat(const std::string & text, size_t times) {
    std::string repeated;
    repeated.reserve(text.size() * times);
    for (size_t i = 0; i < times; ++i) repeated += text;
    return repeated;
}

void string_replace_all(std::string & text, const std::string & search, const std::string & replacement) {
    if (search.empty()) return;
    for (size_t at = 0; (at = text.find(search, at)) != std::string::npos; at += replacement.size())
        text.replace(at, search.size(), replacement);
}

std::string string_strip(const std::string & text) {
    constexpr const char * space = " \t\n\v\f\r";
    const size_t begin = text.find_first_not_of(space);
    if (begin == std::string::npos) return "";
    return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

std::string common_token_to_piece(const llama_vocab *, llama_token, bool) {
    // The chat engine asks for a model's BOS and EOS; here it is given their texts and no model.
    return "";
}

std::vector<llama_token> common_tokenize(const llama_vocab *, const std::string &, bool, bool) {
    return {}; // for the delimiters of messages, which nothing here looks at
}
