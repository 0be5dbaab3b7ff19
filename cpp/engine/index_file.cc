#include "engine/index_file.h"

#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "engine/atomic_write.h"
#include "engine/error.h"
#include "engine/file_header.h"
#include "engine/mapped_file.h"

namespace reprise {

namespace {

using draft::SuffixIndex;
using draft::Token;

struct Header {
    FileHeader file;
    uint64_t vocabulary;
    uint64_t tokens; ///< how many tokens the text has, and how many nodes there are
    uint64_t roots;
    uint64_t first;
    uint64_t checksum; ///< the checksum of the header, with 0 here, and of all that follows
    uint64_t moved;
};

constexpr FileFormat format{
    {'r', 'e', 'p', 'r', 'i', 'd', 'x', '\0'}, 1, "a corpus", "delete it to start anew"};

// The parts follow the header in the order nodes, roots, text, with zeros up to a whole word.
static_assert(sizeof(Header) % 16 == 0 && sizeof(SuffixIndex::Node) == 16 && sizeof(SuffixIndex::Root) == 8);

constexpr size_t padding(uint64_t tokens) {
    return tokens % 2 * sizeof(Token);
}

template <typename T> std::span<const T> elements(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T)};
}

} // namespace

void save_index(const SuffixIndex & index, const VocabularyId & vocabulary, const std::string & path) {
    const SuffixIndex::Parts parts = index.parts();
    Header header{
        header_of(format), vocabulary.fingerprint, parts.text.size(), parts.roots.size(), parts.first, 0,
        parts.moved};
    // The text's last token, where it is half a word, goes with its padding.
    const size_t odd = parts.text.size() % 2;
    std::array<Token, 2> last{};
    if (odd) last[0] = parts.text.back();
    const std::array<std::span<const std::byte>, 5> bytes{
        std::as_bytes(std::span(&header, 1)), std::as_bytes(parts.nodes),
        std::as_bytes(std::span(parts.roots)), std::as_bytes(parts.text.first(parts.text.size() - odd)),
        std::as_bytes(std::span(last).first(2 * odd))};
    header.checksum = checksum_of(header, std::span(bytes).subspan(1));
    write_file_atomically(path, "the corpus", bytes);
}

SuffixIndex open_index(const VocabularyId & vocabulary, const std::string & path) {
    const auto file = MappedFile::open(path);
    const std::span<const std::byte> bytes = file->bytes();
    Header header{};
    if (bytes.size() >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
    check_header(header.file, format, path);
    const std::span<const std::byte> rest = bytes.subspan(sizeof header);
    constexpr size_t token_bytes = sizeof(SuffixIndex::Node) + sizeof(Token);
    if (header.tokens > rest.size() / token_bytes || header.roots > rest.size() / sizeof(SuffixIndex::Root) ||
        rest.size() !=
            header.tokens * token_bytes + header.roots * sizeof(SuffixIndex::Root) + padding(header.tokens) ||
        header.first > header.tokens)
        throw damaged(path, "its size is not what its header says", format);
    if (checksum_of(header, std::span(&rest, 1)) != header.checksum)
        throw damaged(path, "its checksum does not match", format);
    if (header.vocabulary != vocabulary.fingerprint)
        throw Error(ErrorCode::state_mismatch,
                    path + " holds tokens of another vocabulary; keep one corpus for each vocabulary");

    const size_t node_bytes = header.tokens * sizeof(SuffixIndex::Node);
    const size_t root_bytes = header.roots * sizeof(SuffixIndex::Root);
    const auto roots = elements<SuffixIndex::Root>(rest.subspan(node_bytes, root_bytes));
    const SuffixIndex::Parts parts{
        elements<Token>(rest.subspan(node_bytes + root_bytes)).first(header.tokens),
        elements<SuffixIndex::Node>(rest.first(node_bytes)),
        {roots.begin(), roots.end()},
        static_cast<uint32_t>(header.first),
        static_cast<uint32_t>(header.moved)};
    try {
        return SuffixIndex::from_parts(parts, file, vocabulary.size);
    } catch (const std::invalid_argument & error) {
        throw damaged(path, error.what(), format);
    }
}

} // namespace reprise
