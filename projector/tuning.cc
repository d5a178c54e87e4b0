#include "projector/tuning.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "projector/state.h"

namespace armada_cache::projector {
namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr std::size_t kArenaBlockBytes = std::size_t{64} << 10;

rocksdb::BlockBasedTableOptions table_options(const SharedMemory& memory) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = memory.block_cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  // Indexes and filters grow with the jobs that are kept: they must count against the cache.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return table;
}

// Keys with the same first bytes are inserted in their order: job ids all begin alike; of an index,
// those of one job set.
std::size_t hint_prefix(Family family) {
  return family == Family::kByJobSet || family == Family::kByUri ? sizeof(JobSetNumber) : 1;
}

// Read a whole entry at a time and seldom: larger blocks, compressed well where they come to rest.
void compress(rocksdb::ColumnFamilyOptions& options, rocksdb::BlockBasedTableOptions& table) {
  table.block_size = std::size_t{16} << 10;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
}

// Specs are large and alike: a dictionary a file makes them several times smaller.
void compress_with_dictionary(rocksdb::ColumnFamilyOptions& options,
                              rocksdb::BlockBasedTableOptions& table) {
  compress(options, table);
  options.bottommost_compression_opts.level = 1;
  options.bottommost_compression_opts.max_dict_bytes = 16 << 10;
  options.bottommost_compression_opts.zstd_max_train_bytes = 256 << 10;
  options.bottommost_compression_opts.enabled = true;
}

}  // namespace

rocksdb::DBOptions database_options(const SharedMemory& memory) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.write_buffer_manager = memory.write_buffers;
  options.max_total_wal_size = memory.share.wal_max_bytes;
  options.avoid_flush_during_recovery = true;
  options.allow_concurrent_memtable_write = false;  // a partition has one writer
  options.enable_write_thread_adaptive_yield = false;
  options.max_background_flushes = 2;
  options.max_background_compactions = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const SharedMemory& memory) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memory.share.write_buffer_bytes;
  options.max_write_buffer_number = 4;  // flushes come in groups, when the log of writes is full
  options.arena_block_size = kArenaBlockBytes;
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table = table_options(memory);
  // The keys of a batch come in their order: the search for one's place starts at the last one's.
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewCappedPrefixTransform(hint_prefix(family)));
  switch (family) {
    case Family::kLive:
      options.compression = rocksdb::kLZ4Compression;
      break;
    case Family::kStatus:
      // Asked for each job that is new: the answer "not here" must be cheap.
      options.memtable_prefix_bloom_size_ratio = 0.05;
      options.memtable_whole_key_filtering = true;
      break;
    case Family::kDetails:
      compress(options, table);
      break;
    case Family::kSpecs:
      compress_with_dictionary(options, table);
      break;
    case Family::kByJobSet:
    case Family::kByUri:
    case Family::kRejected:
      options.compression = rocksdb::kLZ4Compression;
      table.filter_policy.reset();
      break;
    case Family::kMeta:
    case Family::kJobSets:
    case Family::kRelays:
      break;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

void stop_counting_in_this_thread() {
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

rocksdb::WriteOptions write_options() {
  // Not synced: a killed process loses nothing, and after a power failure the log is read again
  // from the position that did survive, which is of the same batch as the state.
  return {};
}

}  // namespace armada_cache::projector
