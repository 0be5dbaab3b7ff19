// Fits the acceptance priors (cpp/draft/priors_data.h) to recorded conversations: see README.md here.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>

#include "priors/conversations.h"
#include "priors/header.h"
#include "priors/training.h"

using namespace reprise::priors;

namespace {

bool write(const char * path, const std::string & text) {
    std::FILE * const file = std::fopen(path, "w");
    if (file == nullptr) return false;
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return std::fclose(file) == 0 && whole;
}

} // namespace

int main(int argc, char ** argv) {
    if (argc != 4 || (std::strcmp(argv[2], "train") != 0 && std::strcmp(argv[2], "all") != 0)) {
        std::fprintf(stderr, "usage: reprise-fit-priors TOKENS train|all HEADER\n");
        return 2;
    }
    std::vector<Conversation> train, test;
    if (!read_conversations(argv[1], train)) {
        std::fprintf(stderr, "reprise-fit-priors: cannot read %s\n", argv[1]);
        return 1;
    }
    // By question, so that answers of two models to one question are on the same side.
    const auto held_out = [](const Conversation & c) { return c.question % 2 == 1; };
    std::copy_if(train.begin(), train.end(), std::back_inserter(test), held_out);
    if (std::strcmp(argv[2], "train") == 0) std::erase_if(train, held_out);

    const Fit fit = fit_priors(train);
    std::printf("%zu samples, log loss %.5f; on the questions with odd numbers %.5f\n", fit.samples.size(),
                log_loss(*fit.network, fit.samples),
                log_loss(*fit.network, samples_where_passes_start(test, *fit.network)));
    if (write(argv[3], header_of(*fit.network))) return 0;
    std::fprintf(stderr, "reprise-fit-priors: cannot write %s\n", argv[3]);
    return 1;
}
