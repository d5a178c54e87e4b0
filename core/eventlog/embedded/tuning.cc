#include "core/eventlog/embedded/tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

#include "core/storage/rocksdb_logger.h"

namespace armada_cache::eventlog::embedded {
namespace {

constexpr std::size_t kBlockBytes = 32u << 10;
constexpr double kBloomBitsPerKey = 10;

}  // namespace

rocksdb::DBOptions database_options(const EmbeddedLogOptions& options) {
  rocksdb::DBOptions database;
  if (options.env != nullptr) database.env = options.env;
  database.create_if_missing = true;
  database.max_open_files = options.max_open_files;
  database.max_background_jobs = 2;
  database.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  // A torn end of the write-ahead log is what a kill leaves; damage elsewhere must not pass.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  database.max_total_wal_size = 2 * options.write_buffer_bytes;
  database.bytes_per_sync = 1u << 20;
  database.info_log = storage::rocksdb_logger(options.directory.string());
  return database;
}

rocksdb::ColumnFamilyOptions family_options(const EmbeddedLogOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
  table.block_size = kBlockBytes;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kLZ4Compression;
  family.level_compaction_dynamic_level_bytes = true;
  family.write_buffer_size = std::max<std::size_t>(options.write_buffer_bytes / 4, 64u << 10);
  family.target_file_size_base = std::max<std::uint64_t>(family.write_buffer_size, 1u << 20);
  return family;
}

}  // namespace armada_cache::eventlog::embedded
