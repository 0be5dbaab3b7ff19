#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../support.h"
#include "device/device_failure.h"
#include "engine/context.h"
#include "row_scan_twin.h"

using namespace reprise;
using device::DeviceFailure;

namespace {

std::atomic<int> scans = 0;    ///< of all twins
std::atomic<int> fails_at = 0; ///< so many scans are done before the device fails; 0: it never does

/// A twin that reads the logits of the CPU backend, which are in host memory.
class CountedTwin final : public device::RowScanner {
public:
    const device::Scan & scan(const float * logits, int vocabulary_size,
                              const device::ScanRequest & request) override {
        if (++scans == fails_at) throw DeviceFailure("The device is gone", false);
        return twin_.scan(logits, vocabulary_size, request);
    }
    const device::Kept & kept(int row) override { return twin_.kept(row); }
    int64_t bytes_read() const override { return twin_.bytes_read(); }

private:
    RowScanTwin twin_;
};

ContextOptions scanned() {
    ContextOptions options = test_context();
    options.device_logits = DeviceLogits::on;
    options.make_row_scanner = [](const float *) -> std::unique_ptr<device::RowScanner> {
        return std::make_unique<CountedTwin>();
    };
    return options;
}

ContextOptions with_head() {
    ContextOptions options = scanned();
    options.make_row_scanner = nullptr;
    return options;
}

ContextOptions on_host() {
    ContextOptions options = test_context();
    options.device_logits = DeviceLogits::off;
    return options;
}

GenerateOptions drafted(const SamplerOptions & sampler) {
    GenerateOptions options =
        prompt_options("the cat sat on the mat. the dog sat on the mat. the cat sat on", DraftMode::fixed);
    options.sampler = sampler;
    options.max_tokens = 120;
    return options;
}

void check_equal(const Said & one, const Said & other) {
    CHECK(one.error == "");
    CHECK(one.text == other.text);
    CHECK(one.tokens == other.tokens);
    CHECK(one.margins == other.margins);
}

/// A context whose operations are counted: ggml asks after each of them whether to go on.
class CountedContext {
public:
    explicit CountedContext(const ContextOptions & options)
        : context_(test_model().model, options, [this] {
              ++operations_;
              return false;
          }) {}

    /// Computes the same rows each time. Returns how many operations that takes.
    int operations_of_pass() {
        llama_memory_seq_rm(context_.cache(), 0, -1, -1);
        Batch batch;
        const llama_seq_id id = 0;
        for (int i = 0; i < rows; ++i) batch.add(100 + i, i, std::span(&id, 1), true);
        operations_ = 0;
        REQUIRE(context_.decode(batch) == DecodeStatus::done);
        context_.synchronize();
        return operations_;
    }
    /// The best of each row of the last pass.
    std::vector<TopLogits> best() {
        std::vector<TopLogits> best;
        for (int row = 0; row < rows; ++row) best.push_back(context_.logits().best(row));
        return best;
    }
    int64_t whole_rows() { return context_.logits().fetched().whole_rows; }

    static constexpr int rows = 5;

private:
    int operations_ = 0;
    Context context_;
};

void check_best(CountedContext & one, CountedContext & other) {
    const auto a = one.best(), b = other.best();
    for (size_t row = 0; row < a.size(); ++row)
        for (size_t rank = 0; rank < a[row].size(); ++rank) {
            CHECK(a[row][rank].token == b[row][rank].token);
            CHECK(a[row][rank].logit == b[row][rank].logit);
        }
}

SamplerOptions at_temperature(float temperature, uint64_t seed) {
    SamplerOptions options;
    options.temperature = temperature;
    options.seed = seed;
    return options;
}

} // namespace

TEST_CASE("row scan: a session whose rows are scanned says what one with logits in host memory says") {
    struct Case {
        const char * name;
        SamplerOptions sampler;
        bool needs_rows; ///< Whether whole rows have to be read.
    };
    std::vector<Case> cases = {{"greedy", {}, false}};
    for (const float temperature : {0.02f, 0.3f, 0.8f, 1.5f, 20.f})
        for (uint64_t seed = 1; seed < 4; ++seed)
            cases.push_back({"temperature", at_temperature(temperature, seed), false});
    SamplerOptions sampler = at_temperature(0.8f, 7);
    sampler.min_p = 0.05f;
    cases.push_back({"min-p", sampler, false});
    sampler.min_p = 1;
    cases.push_back({"min-p of 1", sampler, false});
    sampler.min_p = 0;
    sampler.top_k = 40;
    cases.push_back({"top-k", sampler, false});
    sampler.top_p = 0.9f;
    cases.push_back({"top-k and top-p", sampler, false});
    sampler.min_p = 0.1f;
    cases.push_back({"top-k, top-p and min-p", sampler, false});
    sampler.top_k = 1;
    cases.push_back({"top-k of 1", sampler, false});
    sampler.top_k = 65;
    cases.push_back({"more than is kept", sampler, true});
    sampler.top_k = 0;
    cases.push_back({"top-p alone", sampler, true});
    sampler = at_temperature(0.8f, 7);
    sampler.repeat_penalty = 1.1f;
    cases.push_back({"penalties", sampler, true});

    for (const Case & one : cases) {
        CAPTURE(one.name);
        CAPTURE(one.sampler.temperature);
        const Said host = generate(*test_session(on_host()), drafted(one.sampler));
        REQUIRE(host.tokens.size() > 10);
        const int before = scans;
        const Said device = generate(*test_session(scanned()), drafted(one.sampler));
        CHECK(scans - before >= device.result.metrics.passes);
        check_equal(device, host);
        const LogitsRead & read = device.result.metrics.logits_read;
        CHECK((read.whole_rows > 0) == one.needs_rows);
        CHECK(read.bytes > 0);
        if (!one.needs_rows) CHECK(read.bytes < host.result.metrics.logits_read.bytes / 5);
    }
}

TEST_CASE("row scan: members of a pass are scanned by their own samplers") {
    const SamplerOptions samplers[] = {{}, at_temperature(0.9f, 3), at_temperature(0.4f, 8)};
    std::vector<Said> alone;
    for (const SamplerOptions & sampler : samplers)
        alone.push_back(generate(*test_session(on_host()), drafted(sampler)));
    const TestMember parent = test_member(test_model(), scanned());
    const TestMember first = test_fork(*parent.session), second = test_fork(*parent.session);
    std::optional<Said> said[3];
    std::vector<std::thread> threads;
    Session * const sessions[] = {parent.session.get(), first.session.get(), second.session.get()};
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&, i] { said[i] = generate(*sessions[i], drafted(samplers[i])); });
    for (std::thread & thread : threads) thread.join();
    for (int i = 0; i < 3; ++i) check_equal(*said[i], alone[i]);
}

TEST_CASE("row scan: a device that fails is done without, and the text stays the same") {
    for (const float temperature : {0.f, 0.8f}) {
        const SamplerOptions sampler = at_temperature(temperature, 5);
        const Said host = generate(*test_session(on_host()), drafted(sampler));
        for (const int at : {1, 2, 9}) {
            scans = 0;
            fails_at = at;
            const Said device = generate(*test_session(scanned()), drafted(sampler));
            fails_at = 0;
            CHECK(scans == at); // It is not asked again.
            check_equal(device, host);
        }
    }
}

TEST_CASE("row scan: graphs do not look for what a scanner finds, and do so again when it is lost") {
    CountedContext host(on_host()), head(with_head()), scanned_rows(scanned());
    const int without = host.operations_of_pass();
    // Maxima of blocks, the highest blocks, their logits, and those behind the last block.
    const int of_head = test_model()->vocabulary_size() % 256 == 0 ? 3 : 4;
    for (int pass = 0; pass < 2; ++pass) {
        CHECK(head.operations_of_pass() == without + of_head);
        check_best(head, host);
    }
    CHECK(scanned_rows.operations_of_pass() == without + of_head);
    check_best(scanned_rows, host);
    for (int pass = 0; pass < 2; ++pass) {
        CHECK(scanned_rows.operations_of_pass() == without);
        check_best(scanned_rows, host);
    }
    CHECK(scanned_rows.whole_rows() == 0);

    scans = 0;
    fails_at = 1;
    CHECK(scanned_rows.operations_of_pass() == without);
    check_best(scanned_rows, host);
    CHECK(scans == 1);
    CHECK(scanned_rows.whole_rows() == CountedContext::rows);
    for (int pass = 0; pass < 2; ++pass) {
        CHECK(scanned_rows.operations_of_pass() == without + of_head);
        check_best(scanned_rows, host);
    }
    fails_at = 0;
    CHECK(scans == 1);
    CHECK(scanned_rows.whole_rows() == CountedContext::rows);
}
