#include "tests/bench/rocksdb_ceiling.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/bench/cpu.h"
#include "tests/bench/job_ids.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

base::Result<std::unique_ptr<rocksdb::DB>> open(const std::filesystem::path& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = std::size_t{32} << 20;
  options.IncreaseParallelism(2);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory.string(), &db);
  if (opened.ok()) return std::unique_ptr<rocksdb::DB>(db);
  return base::fail(base::ErrorCode::kUnavailable, "RocksDB: " + opened.ToString());
}

// The n-th write of a thread is about this job of its share.
std::uint64_t job_of(const RocksDbLoad& load, std::uint64_t n, std::uint64_t share) {
  return load.adjacent ? n / load.writes_a_job : shuffled(n % share, share);
}

// Half of it does not compress, as ids and times do not.
std::string make_value(std::size_t bytes) {
  std::string value;
  for (std::uint64_t i = 0; value.size() < bytes; ++i) value += job_id(i) + std::string(26, 'v');
  value.resize(bytes);
  return value;
}

std::uint64_t write(const RocksDbLoad& load, unsigned thread, rocksdb::DB& db,
                    Clock::time_point end) {
  const std::uint64_t share = std::max<std::uint64_t>(1, load.jobs / load.threads);
  const std::uint64_t wanted = share * load.writes_a_job;
  std::string value = make_value(load.value_bytes);
  std::uint64_t n = 0;
  while (n < wanted && Clock::now() < end) {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < load.batch && n < wanted; ++i, ++n) {
      value.replace(0, sizeof n, reinterpret_cast<const char*>(&n), sizeof n);
      batch.Put(job_id(job_of(load, n, share) * load.threads + thread), value);
    }
    if (!db.Write({}, &batch).ok()) return 0;
  }
  return n;
}

}  // namespace

base::Result<RocksDbRun> write_to_rocksdb(const RocksDbLoad& load) {
  std::filesystem::create_directories(load.directory);
  std::vector<std::unique_ptr<rocksdb::DB>> databases;
  for (unsigned i = 0; i < load.threads; ++i) {
    auto db = open(load.directory / std::to_string(i));
    if (!db) return tl::unexpected(db.error());
    databases.push_back(std::move(*db));
  }
  std::atomic<std::uint64_t> written = 0;
  const auto begin = Clock::now();
  const auto cpu_before = own_cpu_time();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < load.threads; ++i) {
    threads.emplace_back(
        [&, i] { written += write(load, i, *databases[i], begin + load.at_most); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto cpu = static_cast<double>((own_cpu_time() - cpu_before).count());
  databases.clear();
  std::filesystem::remove_all(load.directory);
  const auto writes = static_cast<double>(written);
  return RocksDbRun{writes / seconds, writes > 0 ? cpu / writes : 0};
}

}  // namespace armada_cache::bench
