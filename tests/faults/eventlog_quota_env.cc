#include "tests/faults/eventlog_quota_env.h"

#include <rocksdb/file_system.h>

#include <algorithm>

namespace armada_cache::test_support {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class QuotaFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  QuotaFile(std::unique_ptr<rocksdb::FSWritableFile> file, DiskQuota& quota)
      : FSWritableFileOwnerWrapper(std::move(file)), quota_(quota) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::size_t fits = quota_.take(data.size());
    const IOStatus written = target()->Append({data.data(), fits}, options, debug);
    if (!written.ok() || fits == data.size()) return written;
    return IOStatus::NoSpace("no space left on the test's disk");
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }

 private:
  DiskQuota& quota_;
};

class QuotaFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit QuotaFileSystem(DiskQuota& quota)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), quota_(quota) {}

  const char* Name() const override { return "QuotaFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    const IOStatus made = target()->NewWritableFile(name, options, &real, debug);
    if (made.ok()) *file = std::make_unique<QuotaFile>(std::move(real), quota_);
    return made;
  }

 private:
  DiskQuota& quota_;
};

}  // namespace

std::size_t DiskQuota::take(std::size_t wanted) {
  std::int64_t left = left_.load();
  while (true) {
    const auto taken = std::clamp<std::int64_t>(left, 0, static_cast<std::int64_t>(wanted));
    if (left_.compare_exchange_weak(left, left - taken)) return static_cast<std::size_t>(taken);
  }
}

std::unique_ptr<rocksdb::Env> make_quota_env(DiskQuota& quota) {
  return rocksdb::NewCompositeEnv(std::make_shared<QuotaFileSystem>(quota));
}

}  // namespace armada_cache::test_support
