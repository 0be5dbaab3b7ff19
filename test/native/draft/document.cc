#include "draft/document.h"

#include <vector>

#include <doctest/doctest.h>

#include "device/text_twin.h"
#include "draft/drafter.h"
#include "draft/index_device.h"
#include "random_text.h"

using namespace reprise::draft;
using reprise::device::TwinDevice;

namespace {

std::shared_ptr<Searchers> searchers(Matching matching, std::shared_ptr<TextDevice> device) {
    return std::make_shared<Searchers>(Searchers{matching, std::move(device)});
}

void check_same(const DraftTree & a, const DraftTree & b) {
    REQUIRE(a.size() == b.size());
    for (int i = 0; i < a.size(); ++i) {
        CHECK(a.nodes[i].token == b.nodes[i].token);
        CHECK(a.nodes[i].parent == b.nodes[i].parent);
        CHECK(a.nodes[i].probability == b.nodes[i].probability);
    }
}

void grow(Drafter & drafter) {
    drafter.begin({.max_nodes = 24, .max_leaves = 8, .max_depth = 24, .chain = false, .fixed = true});
    while (drafter.peek() > 0) drafter.take();
}

std::vector<Match> search(Document & document, const Text & context) {
    std::vector<Match> found;
    const MatchContext asked{context.data(), context.size()};
    document.search({&asked, 1}, 12, {&found, 1});
    return found;
}

bool same(const std::vector<Match> & a, const std::vector<Match> & b) {
    return std::ranges::equal(
        a, b, [](const Match & x, const Match & y) { return x.length == y.length && x.end == y.end; });
}

} // namespace

TEST_CASE("document: a device grows the trees that exact searches of an index grow, for forks too") {
    for (unsigned seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        // The one by the kernels' twin, the other by an index.
        const auto exact = std::make_shared<IndexDevice>();
        std::vector<Drafter> by_twin(1), by_index(1);
        by_twin[0].let_search(searchers(Matching::device, std::make_shared<TwinDevice>()));
        by_index[0].let_search(searchers(Matching::device, exact));
        Text said;
        size_t most_at_once = 0;
        for (int step = 0; step < 12; ++step) {
            if (by_twin.size() < 10 && choices.below(2) == 0) {
                by_twin.push_back(by_twin.front());
                by_index.push_back(by_index.front());
            }
            const size_t of = choices.below(by_twin.size());
            const Text passage = choices.passage(said, 80);
            said.insert(said.end(), passage.begin(), passage.end());
            const auto source = static_cast<Source>(choices.below(4));
            for (Drafter * drafter : {&by_twin[of], &by_index[of]})
                if (source == Source::prompt || source == Source::output)
                    drafter->append(passage, source);
                else
                    drafter->add_document(passage, source, 150);
            std::vector<Drafter *> together;
            for (Drafter & drafter : by_twin) together.push_back(&drafter);
            Drafter::search_documents(together);
            for (size_t i = 0; i < by_twin.size(); ++i) {
                grow(by_twin[i]);
                grow(by_index[i]);
                check_same(by_twin[i].tree(), by_index[i].tree());
            }
            most_at_once = std::max(most_at_once, exact->searches->most_contexts);
        }
        // These asked one by one; see below for several.
        CHECK(most_at_once <= 1);
    }
}

TEST_CASE("document: what several drafters share is searched for all of them at once, until they differ") {
    const auto device = std::make_shared<IndexDevice>();
    std::vector<Drafter> drafters(1);
    drafters[0].let_search(searchers(Matching::device, device));
    drafters[0].add_document(Text{1, 2, 3, 4, 5, 6, 7, 8}, Source::reference);
    for (int i = 1; i < 5; ++i) drafters.push_back(drafters[0]);
    std::vector<Drafter *> together;
    for (int i = 0; i < 5; ++i) {
        drafters[i].append(Text{i + 1}, Source::prompt);
        together.push_back(&drafters[i]);
    }
    Drafter::search_documents(together);
    for (int i = 0; i < 5; ++i) {
        grow(drafters[i]);
        CHECK(drafters[i].tree().child(-1, i + 2) >= 0);
    }
    CHECK(device->searches->searches == 1);
    CHECK(device->searches->most_contexts == 5);

    drafters[2].add_document(Text{3, 9}, Source::reference);
    Drafter::search_documents(together);
    CHECK(device->searches->searches == 3);
    grow(drafters[2]);
    CHECK(drafters[2].tree().child(-1, 9) >= 0);
    grow(drafters[3]);
    CHECK(drafters[3].tree().child(-1, 9) < 0);
}

TEST_CASE("document: on a device it has no index, and forgets what was evicted") {
    Choices choices(3);
    const Text text = choices.passage({}, 1);
    Document on_device(searchers(Matching::device, std::make_shared<TwinDevice>()));
    Document indexed(nullptr);
    for (int i = 0; i < 200; ++i) {
        Text passage(1000);
        for (Token & token : passage) token = static_cast<Token>(choices.below(3000));
        for (Document * document : {&on_device, &indexed}) {
            document->append(passage);
            if (document->length() > 50'000) document->evict(document->length() - 50'000);
        }
        REQUIRE(std::ranges::equal(on_device.text(), indexed.text()));
    }
    CHECK(on_device.bytes() < 20 * 50'000);
    CHECK(indexed.bytes() > 20 * 50'000);
    const Text context(indexed.text().begin() + 40'000, indexed.text().begin() + 40'020);
    CHECK(search(on_device, context).front().length > 0);
}

TEST_CASE("document: where the device fails an index goes on with the same text") {
    for (const bool has_index : {false, true}) {
        CAPTURE(has_index);
        const auto device = std::make_shared<IndexDevice>();
        device->searches->fails_after = 2;
        const auto who = searchers(Matching::device, device);
        const Text text{5, 6, 7, 8, 5, 6, 9};
        std::shared_ptr<SuffixIndex> index;
        if (has_index) {
            index = std::make_shared<SuffixIndex>();
            index->append(text);
        }
        Document document = has_index ? Document({index, {}}, who) : Document(who);
        if (!has_index) document.append(text);
        const auto found = search(document, {5, 6});
        REQUIRE(found.size() == 2);
        for (int i = 0; i < 4; ++i) CHECK(same(search(document, {5, 6}), found));
        CHECK(who->device == nullptr);
        CHECK(device->searches->searches == 3);
        document.append(Text{5, 6});
        CHECK(search(document, {5, 6}).size() == 3);
        // What is made later has an index from the start.
        Document later(who);
        later.append(text);
        CHECK(same(search(later, {5, 6}), found));
    }
}

TEST_CASE("document: a device is sent what a text has gained since, and searches that") {
    Choices choices(4);
    const auto device = std::make_shared<IndexDevice>();
    const auto who = searchers(Matching::device, device);
    const auto index = std::make_shared<SuffixIndex>();
    TextGrowth growth;
    TextOnDevice before;
    Text text;
    size_t sent = 0; // at once, since the device had nothing of it
    for (int step = 0; step < 60; ++step) {
        CAPTURE(step);
        const Text passage = choices.passage(text, 200);
        index->append(passage);
        text.insert(text.end(), passage.begin(), passage.end());
        growth.appended += passage.size();
        const bool forgets_all = step % 20 == 19;
        const size_t evicted = forgets_all             ? index->length() - passage.size() / 2
                               : choices.below(3) == 0 ? choices.below(index->length() - passage.size() + 1)
                                                       : 0;
        index->evict(evicted);
        growth.evicted += evicted;
        Document document({index, growth}, who, std::move(before));
        sent += step == 0 || forgets_all ? index->length() : passage.size();
        for (int i = 0; i < 4; ++i) {
            const Text context = choices.passage(text, 40);
            SuffixSearch exact;
            exact.start(*index, context, 12, SearchEffort::exact);
            exact.run();
            // An index that a device gets whole lacks what leads to its first places.
            if (step < 19)
                CHECK(same(search(document, context), {exact.matches().begin(), exact.matches().end()}));
            else
                CHECK(!search(document, context).empty() == !exact.matches().empty());
        }
        CHECK(device->searches->appended == sent);
        before = document.leave_on_device();
        REQUIRE(before.text != nullptr);
        CHECK(before.text->length() == index->length());
    }
}

TEST_CASE("document: who takes less time searches, once a device can win") {
    CHECK_FALSE(SearchChoice::is_worth_trying(100'000, 1));
    CHECK_FALSE(SearchChoice::is_worth_trying(1000, 64));
    CHECK(SearchChoice::is_worth_trying(100'000'000, 1));
    CHECK(SearchChoice::is_worth_trying(100'000, 8));
    for (const bool device_is_faster : {false, true}) {
        SearchChoice choice;
        int by_device = 0;
        for (int i = 0; i < 1000; ++i) {
            const bool device = choice.takes_device(8);
            by_device += device;
            choice.observe(8, device, device == device_is_faster ? 10 : 50);
        }
        CHECK(by_device > (device_is_faster ? 980 : 0));
        CHECK(by_device < (device_is_faster ? 1000 : 20));
    }
    // It changes its mind with the times.
    SearchChoice choice;
    int by_device = 0;
    for (int i = 0; i < 4000; ++i) {
        const bool device = choice.takes_device(1);
        choice.observe(1, device, device ? 30 : i < 1000 ? 10 : 90);
        if (i >= 3000) by_device += device;
    }
    CHECK(by_device > 900);
}

TEST_CASE("document: by itself a choice between both gives what either finds") {
    const auto device = std::make_shared<IndexDevice>();
    Document document(searchers(Matching::automatic, device));
    Choices choices(11);
    Text text;
    while (text.size() < 20'000) text.push_back(static_cast<Token>(choices.below(4000)));
    document.append(text);
    std::vector<std::vector<Match>> found(9);
    std::vector<MatchContext> asked;
    for (int i = 0; i < 9; ++i) asked.push_back({text.data() + 1000 * i, 900});
    for (int i = 0; i < 300; ++i) {
        document.search(asked, 12, found);
        for (int k = 0; k < 9; ++k) {
            REQUIRE(found[k].size() > 0);
            CHECK(std::ranges::any_of(found[k], [&](const Match & match) {
                return match.length == 32 && match.end == 1000u * k + 900;
            }));
        }
    }
    CHECK(device->searches->searches >= 3);
    CHECK(device->searches->most_contexts == 9);
}

TEST_CASE("document: where times may not decide, the index searches") {
    const auto device = std::make_shared<IndexDevice>();
    Document document(searchers(Matching::automatic, device));
    Text text;
    for (int i = 0; i < 20'000; ++i) text.push_back(i % 4000);
    document.append(text);
    std::vector<std::vector<Match>> found(9);
    const std::vector<MatchContext> asked(9, {text.data(), 900});
    for (int i = 0; i < 20; ++i) document.search(asked, 12, found, false);
    CHECK(found[8].size() > 0);
    CHECK(device->searches->searches == 0);
    for (int i = 0; i < 20; ++i) document.search(asked, 12, found);
    CHECK(device->searches->searches > 0);
}
