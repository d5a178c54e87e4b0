// A RocksDB environment whose disk fills up when the test says so.
#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace armada_cache::test_support {

// Bytes that may still be written. Thread-safe.
class DiskQuota {
 public:
  explicit DiskQuota(std::int64_t bytes) : left_(bytes) {}

  void set(std::int64_t bytes) { left_.store(bytes); }
  bool full() const { return left_.load() <= 0; }
  // How many of `wanted` bytes there is still room for.
  std::size_t take(std::size_t wanted);

 private:
  std::atomic<std::int64_t> left_;
};

// Real files, but for writes beyond the quota: these store what fits and then fail as a full disk
// does. The quota must outlive the environment.
std::unique_ptr<rocksdb::Env> make_quota_env(DiskQuota& quota);

}  // namespace armada_cache::test_support
