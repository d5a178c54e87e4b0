#include "projector/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "core/base/log.h"
#include "projector/database.h"

namespace armada_cache::projector {
namespace {

// Whether the disk takes a small file: what a database needs to be opened.
base::Status probe(const std::filesystem::path& folder) {
  const std::string path = (folder / "write-probe").string();
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  constexpr std::array<char, std::size_t{64} << 10> kBytes{};
  bool written = file >= 0;
  for (int i = 0; i < 16 && written; ++i) {
    written = ::write(file, kBytes.data(), kBytes.size()) == static_cast<ssize_t>(kBytes.size());
  }
  written = written && ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  ::unlink(path.c_str());
  if (written) return {};
  return base::fail(base::ErrorCode::kUnavailable,
                    "the disk of " + folder.string() + " takes no writes: " + std::strerror(why) +
                        "; make room, applying then goes on by itself");
}

}  // namespace

Store::Store(std::filesystem::path folder, Place place, std::shared_ptr<const SharedMemory> memory)
    : folder_(std::move(folder)),
      place_(place),
      damage_(std::make_shared<Damage>()),
      memory_(std::move(memory)) {}

Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, Place place,
                                                 std::shared_ptr<const SharedMemory> memory) {
  std::unique_ptr<Store> store(new Store(folder, place, std::move(memory)));
  if (auto opened = store->open_database(); !opened) return tl::unexpected(opened.error());
  return store;
}

base::Status Store::open_database() {
  auto database = Database::open(folder_, place_, *memory());
  if (!database) return tl::unexpected(database.error());
  (*database)->report_to(damage_);
  const std::lock_guard lock(mutex_);
  database_ = *std::move(database);
  return {};
}

std::shared_ptr<Database> Store::hold() const {
  const std::lock_guard lock(mutex_);
  return database_;
}

base::Status Store::reopen() {
  if (auto writable = probe(folder_); !writable) return writable;
  if (auto closed = close(); !closed) return closed;
  auto opened = open_database();
  const bool damaged = !opened && opened.error().code == base::ErrorCode::kDataLoss;
  if (damaged) damage_->note(folder_.string(), opened.error().message);
  return opened;
}

// Readers in hand finish first: a folder has one open database at a time. Most do within
// microseconds; whoever takes longer is not waited for, since the worker has other partitions too.
base::Status Store::close() {
  std::shared_ptr<Database> last;
  {
    const std::lock_guard lock(mutex_);
    last = std::exchange(database_, nullptr);
  }
  constexpr int kTries = 50;
  for (int i = 0; i < kTries && last.use_count() > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (last.use_count() <= 1) return {};
  const std::lock_guard lock(mutex_);
  database_ = std::move(last);
  return base::fail(base::ErrorCode::kUnavailable, "lookups still read " + folder_.string());
}

std::shared_ptr<const SharedMemory> Store::memory() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}

void Store::set_memory(std::shared_ptr<const SharedMemory> memory) {
  const std::size_t wal_max_bytes = memory->share.wal_max_bytes;
  std::shared_ptr<Database> database;
  {
    const std::lock_guard lock(mutex_);
    memory_ = std::move(memory);
    database = database_;
  }
  if (database == nullptr) return;
  const auto set =
      database->db().SetDBOptions({{"max_total_wal_size", std::to_string(wal_max_bytes)}});
  if (set.ok()) return;
  base::log_warn("a database keeps its former bound of the write-ahead log",
                 {{"folder", folder_.string()}, {"error", set.ToString()}});
}

base::Status Store::flush() {
  const auto database = hold();
  if (database == nullptr) return {};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    handles.push_back(database->handle(static_cast<Family>(i)));
  }
  return database->status(database->db().Flush({}, handles), "flush");
}

}  // namespace armada_cache::projector
