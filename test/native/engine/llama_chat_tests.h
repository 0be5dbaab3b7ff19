#pragma once

#include <string>

/// llama.cpp's expectations of one template's replies. Throws where one is not met.
void llama_chat_test(const std::string & name);
