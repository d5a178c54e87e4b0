// The ceiling of projection: RocksDB alone, writing values of the size of job records in batches.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "core/base/error.h"

namespace armada_cache::bench {

struct RocksDbLoad {
  std::filesystem::path directory;  // of the databases, one for each thread; removed afterwards
  unsigned threads = 2;
  std::size_t batch = 5000;  // values in a write
  std::size_t value_bytes = 300;
  std::uint64_t jobs = 500'000;  // keys
  // Whether a job's writes follow each other, or those of all other jobs come between.
  bool adjacent = false;
  std::uint64_t writes_a_job = 7;
  std::chrono::milliseconds at_most{5000};
};

struct RocksDbRun {
  double writes_a_second = 0;  // by all threads together
  double cpu_us = 0;           // a write, with what RocksDB does in the background meanwhile
};

// With the write-ahead log. kUnavailable: RocksDB refused.
base::Result<RocksDbRun> write_to_rocksdb(const RocksDbLoad& load);

}  // namespace armada_cache::bench
