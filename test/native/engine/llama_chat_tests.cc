// llama.cpp's own tests of its chat engine, with our renderer of templates. They are compiled as they are;
// what they need of the server is not there, and neither are the tests that ask for it.
#include <cassert>

#define main llama_chat_main
#include "tests/test-chat.cpp"
#undef main

#include "llama_chat_tests.h"

void common_log_flush(common_log *) {}
void common_log_set_verbosity_thold(int) {}

json server_chat_convert_responses_to_chatcmpl(const json &) {
    throw std::runtime_error("there is no server");
}

json oaicompat_chat_params_parse(json &, const server_chat_params &, std::vector<raw_buffer> &) {
    throw std::runtime_error("there is no server");
}

std::map<std::string, bool> common_chat_templates_get_caps(const common_chat_templates *) {
    return {};
}

void llama_chat_test(const std::string & name) {
    g_template_filter = name;
    test_template_output_peg_parsers(false);
}
