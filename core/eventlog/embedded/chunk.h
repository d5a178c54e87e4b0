// Records of one partition packed into one value: far fewer entries for RocksDB to sort and seek.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/eventlog/record.h"

namespace armada_cache::eventlog::embedded {

// Builds one chunk after another in a buffer of its own.
class ChunkEncoder {
 public:
  void add(const Record& record);
  bool empty() const { return count_ == 0; }
  std::size_t bytes() const { return buffer_.size(); }

  // The chunk's bytes, valid until clear(). Not for an empty chunk.
  std::string_view finish(base::Time appended_at);
  void clear();

 private:
  std::string buffer_;
  std::uint32_t count_ = 0;
};

// Walks the records of a chunk. `packed` must outlive the decoder.
class ChunkDecoder {
 public:
  // Empty where the bytes are no chunk.
  static std::optional<ChunkDecoder> open(std::string_view packed, Offset last);

  Offset base() const { return base_; }  // of the first record
  base::Time appended_at() const { return appended_at_; }

  // The bytes of the next record and its offset; empty at the end, or where damaged() is true.
  struct Packed {
    Offset offset = 0;
    std::string_view bytes;
  };
  std::optional<Packed> next();
  bool damaged() const { return damaged_; }

 private:
  std::string_view rest_;
  Offset base_ = 0;
  Offset next_ = 0;
  Offset last_ = 0;
  base::Time appended_at_;
  bool damaged_ = false;
};

// A packed record's head: what is needed to lay out views of the rest.
struct PackedRecord {
  std::string_view key;
  std::optional<std::string_view> value;
  std::uint64_t header_count = 0;
  std::string_view headers;  // packed; see unpack_headers
};

// Views into `bytes`; empty where they are no record.
std::optional<PackedRecord> unpack(std::string_view bytes);

// Writes `header_count` views to `to`; false where the bytes are no headers.
bool unpack_headers(const PackedRecord& record, HeaderView* to);

}  // namespace armada_cache::eventlog::embedded
