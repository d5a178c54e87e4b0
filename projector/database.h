// One partition's RocksDB: its column families, how it is opened, how its errors read.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/write_buffer_manager.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "projector/damage.h"
#include "projector/memory_share.h"
#include "projector/place.h"

namespace armada_cache::projector {

enum class Family : std::size_t {
  kMeta,  // RocksDB's own "default"
  kLive,
  kStatus,
  kDetails,
  kSpecs,
  kJobSets,
  kByJobSet,
  kByUri,
  kRelays,
  kRejected,
};
inline constexpr std::size_t kFamilyCount = 10;
std::string_view name_of(Family family);

// What the databases of all partitions share, so that memory is bounded for all together. Another
// one with the same cache and buffers when their number changes.
struct SharedMemory {
  std::shared_ptr<rocksdb::Cache> block_cache;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
  MemoryShare share;  // of one partition
};

class Database {
 public:
  // kFailedPrecondition: held by another process, of a newer format, or of another partition.
  // kDataLoss: damaged.
  static base::Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                      Place place, const SharedMemory& memory);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  // From now on, damage is noted there too.
  void report_to(std::shared_ptr<Damage> damage) { damage_ = std::move(damage); }
  // Names the folder; damage names the remedy too.
  base::Status status(const rocksdb::Status& status, std::string_view doing) const;

 private:
  explicit Database(std::filesystem::path folder) : folder_(std::move(folder)) {}
  base::Status check_format();
  base::Status check_place(Place place);
  base::Status check_jobs(Family family, Place place) const;
  base::Status misplaced(const std::string& of, Place place) const;

  std::filesystem::path folder_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
  std::vector<rocksdb::ColumnFamilyHandle*> unknown_handles_;
  std::shared_ptr<Damage> damage_;  // may be null
};

}  // namespace armada_cache::projector
