#include "core/eventlog/embedded/chunk.h"

#include "core/base/bytes.h"

namespace armada_cache::eventlog::embedded {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kHeadBytes = kTimeBytes + 4;  // when, and how many records
constexpr std::size_t kKeptCapacity = 256u << 10;   // one large record must not stay for ever

// A value's length plus one, so that 0 says that there is none.
std::uint64_t value_mark(const Record& record) {
  return record.value ? record.value->size() + 1 : 0;
}

std::size_t packed_bytes(const Record& record) {
  std::size_t bytes = record.bytes() + base::varint_bytes(record.key.size()) +
                      base::varint_bytes(value_mark(record)) +
                      base::varint_bytes(record.headers.size());
  for (const Header& header : record.headers) {
    bytes += base::varint_bytes(header.name.size()) + base::varint_bytes(header.value.size());
  }
  return bytes;
}

void append_field(std::string& to, std::string_view field) {
  base::append_varint(to, field.size());
  to.append(field);
}

bool take_field(std::string_view& from, std::string_view& field) {
  std::uint64_t length = 0;
  return base::take_varint(from, length) && base::take_bytes(from, length, field);
}

}  // namespace

void ChunkEncoder::add(const Record& record) {
  if (buffer_.empty()) buffer_.resize(kHeadBytes);
  base::append_varint(buffer_, packed_bytes(record));
  append_field(buffer_, record.key);
  base::append_varint(buffer_, value_mark(record));
  if (record.value) buffer_.append(*record.value);
  base::append_varint(buffer_, record.headers.size());
  for (const Header& header : record.headers) {
    append_field(buffer_, header.name);
    append_field(buffer_, header.value);
  }
  ++count_;
}

std::string_view ChunkEncoder::finish(base::Time appended_at) {
  base::put_fixed(buffer_.data(), static_cast<std::uint64_t>(base::to_unix_micros(appended_at)));
  base::put_fixed(buffer_.data() + kTimeBytes, count_);
  return buffer_;
}

void ChunkEncoder::clear() {
  buffer_.clear();
  if (buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();
  count_ = 0;
}

std::optional<ChunkDecoder> ChunkDecoder::open(std::string_view packed, Offset last) {
  if (packed.size() < kHeadBytes) return std::nullopt;
  const auto count =
      static_cast<Offset>(base::get_fixed<std::uint32_t>(packed.data() + kTimeBytes));
  if (count == 0 || last < count - 1) return std::nullopt;
  ChunkDecoder decoder;
  decoder.appended_at_ = base::from_unix_micros(
      static_cast<std::int64_t>(base::get_fixed<std::uint64_t>(packed.data())));
  decoder.rest_ = packed.substr(kHeadBytes);
  decoder.base_ = decoder.next_ = last - count + 1;
  decoder.last_ = last;
  return decoder;
}

std::optional<ChunkDecoder::Packed> ChunkDecoder::next() {
  if (next_ > last_) return std::nullopt;
  Packed packed{next_, {}};
  if (!take_field(rest_, packed.bytes)) {
    damaged_ = true;
    return std::nullopt;
  }
  ++next_;
  return packed;
}

std::optional<PackedRecord> unpack(std::string_view bytes) {
  PackedRecord record;
  std::uint64_t mark = 0;
  if (!take_field(bytes, record.key) || !base::take_varint(bytes, mark)) return std::nullopt;
  if (mark > 0) {
    std::string_view value;
    if (!base::take_bytes(bytes, mark - 1, value)) return std::nullopt;
    record.value = value;
  }
  if (!base::take_varint(bytes, record.header_count)) return std::nullopt;
  if (record.header_count > bytes.size()) return std::nullopt;  // each takes two bytes at least
  record.headers = bytes;
  return record;
}

bool unpack_headers(const PackedRecord& record, HeaderView* to) {
  std::string_view rest = record.headers;
  for (std::uint64_t i = 0; i < record.header_count; ++i) {
    HeaderView header;
    if (!take_field(rest, header.name) || !take_field(rest, header.value)) return false;
    to[i] = header;
  }
  return rest.empty();
}

}  // namespace armada_cache::eventlog::embedded
