#include "tests/bench/disk_usage.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>

#include <vector>

namespace armada_cache::bench {
namespace {

using Sizes = std::map<std::string, std::uint64_t>;

base::Status to_status(const rocksdb::Status& status, const std::string& path) {
  if (status.ok()) return {};
  return base::fail(base::ErrorCode::kUnavailable, path + ": " + status.ToString());
}

// With the options that it was written with, or it would be compressed otherwise.
base::Status add_database(const std::string& path, Sizes& sizes) {
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = true;
  auto status = to_status(rocksdb::LoadLatestOptions(config, path, &options, &families), path);
  if (!status) return status;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = to_status(rocksdb::DB::Open(options, path, families, &handles, &opened), path);
  if (!status) return status;
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    rocksdb::CompactRangeOptions compact;
    compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    if (status) status = to_status(db->CompactRange(compact, handle, nullptr, nullptr), path);
    std::uint64_t bytes = 0;
    db->GetIntProperty(handle, rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
    sizes[handle->GetName()] += bytes;
    db->DestroyColumnFamilyHandle(handle);
  }
  return status;
}

}  // namespace

base::Result<Sizes> compacted_bytes(const std::filesystem::path& projection) {
  Sizes sizes;
  for (const auto& entry : std::filesystem::directory_iterator(projection)) {
    if (!std::filesystem::exists(entry.path() / "CURRENT")) continue;
    if (auto added = add_database(entry.path().string(), sizes); !added) {
      return tl::unexpected(added.error());
    }
  }
  return sizes;
}

std::uint64_t file_bytes(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

}  // namespace armada_cache::bench
