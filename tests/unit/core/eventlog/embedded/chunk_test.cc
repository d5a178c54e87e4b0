#include "core/eventlog/embedded/chunk.h"

#include <gmock/gmock.h>

#include "core/base/bytes.h"
#include "core/eventlog/embedded/arena.h"

namespace armada_cache::eventlog::embedded {
namespace {

const base::Time kWhen = base::from_unix_micros(1'700'000'000'123'456);

std::vector<Record> samples() {
  return {{"key", "value", {{"name", "content"}, {"", ""}}},
          {"", std::nullopt, {}},
          {std::string(300, 'k'), "", {{std::string(200, 'n'), std::string("\0", 1)}}},
          {"k", std::string(100'000, 'v'), {}}};
}

std::string pack(const std::vector<Record>& records) {
  ChunkEncoder encoder;
  for (const Record& record : records) encoder.add(record);
  return std::string(encoder.finish(kWhen));
}

// Everything in a chunk; empty where any of it cannot be read.
std::optional<std::vector<Record>> read_whole(std::string_view packed, Offset last) {
  auto chunk = ChunkDecoder::open(packed, last);
  if (!chunk) return std::nullopt;
  std::vector<Record> records;
  while (const auto next = chunk->next()) {
    const auto record = unpack(next->bytes);
    if (!record) return std::nullopt;
    std::vector<HeaderView> headers(record->header_count);
    if (!unpack_headers(*record, headers.data())) return std::nullopt;
    Record& kept = records.emplace_back();
    kept.key = record->key;
    if (record->value) kept.value = std::string(*record->value);
    for (const auto& [name, value] : headers) {
      kept.headers.push_back({std::string(name), std::string(value)});
    }
  }
  if (chunk->damaged()) return std::nullopt;
  return records;
}

bool same(const Record& left, const Record& right) {
  return left.key == right.key && left.value == right.value && left.headers == right.headers;
}

TEST(Chunk, GivesBackWhatWasPutIn) {
  const auto records = samples();
  const std::string packed = pack(records);
  const auto read = read_whole(packed, 41);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), records.size());
  for (std::size_t i = 0; i < records.size(); ++i) EXPECT_TRUE(same((*read)[i], records[i])) << i;
}

TEST(Chunk, CountsOffsetsBackFromTheLast) {
  const std::string packed = pack(samples());
  auto chunk = ChunkDecoder::open(packed, 41);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->base(), 38);
  EXPECT_EQ(chunk->appended_at(), kWhen);
  for (Offset expected = 38; expected <= 41; ++expected) EXPECT_EQ(chunk->next()->offset, expected);
  EXPECT_FALSE(chunk->next());
  EXPECT_FALSE(chunk->damaged());
}

TEST(Chunk, AnEncoderCanBeUsedAgain) {
  ChunkEncoder encoder;
  EXPECT_TRUE(encoder.empty());
  encoder.add({"first", "1", {}});
  encoder.clear();
  EXPECT_TRUE(encoder.empty());
  encoder.add({"second", "2", {}});
  const auto read = read_whole(encoder.finish(kWhen), 0);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ((*read)[0].key, "second");
}

TEST(Chunk, TruncatedBytesAreDamageNotRecords) {
  auto records = samples();
  records.pop_back();
  const std::string packed = pack(records);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    EXPECT_FALSE(read_whole(std::string_view(packed).substr(0, length), 10)) << length;
  }
}

TEST(Chunk, NoByteOfItCanMakeTheDecoderReadOutside) {
  constexpr Offset kLast = 10;
  auto records = samples();
  records.pop_back();
  for (std::size_t at = 0; at < pack(records).size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string packed = pack(records);
      packed[at] = static_cast<char>(packed[at] ^ flip);
      const auto read = read_whole(packed, kLast);
      if (!read) continue;
      EXPECT_LE(read->size(), static_cast<std::size_t>(kLast) + 1) << at;
      std::size_t bytes = 0;
      for (const Record& record : *read) bytes += record.bytes();
      EXPECT_LE(bytes, packed.size()) << at;
    }
  }
}

TEST(Chunk, MoreRecordsThanOffsetsIsDamage) {
  EXPECT_TRUE(ChunkDecoder::open(pack(samples()), 3));
  EXPECT_FALSE(ChunkDecoder::open(pack(samples()), 2));
}

TEST(Varint, HoldsEveryLength) {
  for (int bits = 0; bits < 64; ++bits) {
    const std::uint64_t value = std::uint64_t{1} << bits;
    for (const std::uint64_t each : {value, value - 1, ~value}) {
      std::string bytes;
      base::append_varint(bytes, each);
      std::string_view rest = bytes;
      std::uint64_t back = 0;
      EXPECT_TRUE(base::take_varint(rest, back));
      EXPECT_EQ(back, each);
      EXPECT_TRUE(rest.empty());
    }
  }
}

TEST(Arena, CopiesStayUntilReset) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> originals;
    std::vector<std::string_view> copies;
    for (std::size_t size = 0; size < 400'000; size = size * 3 / 2 + 1) {
      originals.emplace_back(size, static_cast<char>('a' + round));
      copies.push_back(arena.copy(originals.back()));
      arena.array<HeaderView>(size % 7 + 1)[0].name = copies.back();
    }
    for (std::size_t i = 0; i < copies.size(); ++i) EXPECT_EQ(copies[i], originals[i]);
    arena.reset();
  }
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
