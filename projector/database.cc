#include "projector/database.h"

#include "core/storage/rocksdb_logger.h"
#include "core/topics/partitioner.h"
#include "projector/layout.h"
#include "projector/tuning.h"

namespace armada_cache::projector {
namespace {

constexpr std::array<std::string_view, kFamilyCount> kNames = {
    "default",  "live",       "status", "details", "specs",
    "job_sets", "by_job_set", "by_uri", "relays",  "rejected"};

bool is_lock_conflict(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                                text.find("lock hold by current process") != std::string::npos);
}

// A format of the future may have families that are not known here; they must be opened to get at
// the version that says so.
std::vector<std::string> family_names(const std::filesystem::path& folder) {
  std::vector<std::string> names(kNames.begin(), kNames.end());
  std::vector<std::string> stored;
  if (!rocksdb::DB::ListColumnFamilies({}, folder.string(), &stored).ok()) return names;
  for (std::string& name : stored) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

std::string_view name_of(Family family) {
  return kNames[static_cast<std::size_t>(family)];
}

base::Status Database::status(const rocksdb::Status& status, std::string_view doing) const {
  if (status.ok()) return {};
  const std::string where = std::string(doing) + " the projection in " + folder_.string() + ": ";
  if (is_lock_conflict(status)) {
    return base::fail(base::ErrorCode::kFailedPrecondition,
                      where +
                          "another process holds this folder; stop it, or give this one a "
                          "--data-dir of its own");
  }
  if (status.IsCorruption() || status.IsInvalidArgument()) {
    const std::string why = where + "the database is damaged (" + status.ToString() +
                            "); stop the process and delete this folder: it is rebuilt from the "
                            "log, but for the jobs whose events the log no longer keeps (setting "
                            "event-retention)";
    if (damage_) damage_->note(folder_.string(), why);
    return base::fail(base::ErrorCode::kDataLoss, why);
  }
  return base::fail(base::ErrorCode::kUnavailable, where + status.ToString());
}

base::Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder,
                                                       Place place, const SharedMemory& memory) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return base::fail(base::ErrorCode::kFailedPrecondition,
                      "create the folder " + folder.string() + ": " + error.message());
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : family_names(folder)) {
    const std::size_t index = families.size();
    const Family family = index < kFamilyCount ? static_cast<Family>(index) : Family::kMeta;
    families.emplace_back(name, family_options(family, memory));
  }
  std::unique_ptr<Database> database(new Database(folder));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions options = database_options(memory);
  options.info_log = storage::rocksdb_logger(folder.string());
  const rocksdb::Status opened =
      rocksdb::DB::Open(options, folder.string(), families, &handles, &db);
  if (auto checked = database->status(opened, "open"); !checked) {
    return tl::unexpected(checked.error());
  }
  database->db_.reset(db);
  std::copy_n(handles.begin(), kFamilyCount, database->handles_.begin());
  database->unknown_handles_.assign(handles.begin() + kFamilyCount, handles.end());
  auto checked = database->check_format();
  if (checked) checked = database->check_place(place);
  if (!checked) return tl::unexpected(checked.error());
  return database;
}

base::Status Database::check_format() {
  std::string value;
  const rocksdb::Status read = db_->Get({}, handle(Family::kMeta), kFormatKey, &value);
  if (read.IsNotFound()) {
    return status(
        db_->Put(write_options(), handle(Family::kMeta), kFormatKey, pack_format(kFormatVersion)),
        "write");
  }
  if (!read.ok()) return status(read, "read");
  const std::optional<std::uint32_t> version = unpack_format(value);
  if (!version) return status(rocksdb::Status::Corruption("format entry"), "read");
  if (*version != kFormatVersion || !unknown_handles_.empty()) {
    return base::fail(base::ErrorCode::kFailedPrecondition,
                      "open the projection in " + folder_.string() + ": its format is " +
                          std::to_string(*version) + ", this program knows " +
                          std::to_string(kFormatVersion) +
                          "; run the newer program, or delete this folder: it is rebuilt from "
                          "the log, but for the jobs whose events the log no longer keeps");
  }
  return {};
}

// One without the mark is of an older program, or new; its jobs tell whose it is.
base::Status Database::check_place(Place place) {
  std::string value;
  const rocksdb::Status read = db_->Get({}, handle(Family::kMeta), kPlaceKey, &value);
  if (read.IsNotFound()) {
    for (const Family family : {Family::kLive, Family::kStatus}) {
      if (auto ours = check_jobs(family, place); !ours) return ours;
    }
    return status(db_->Put(write_options(), handle(Family::kMeta), kPlaceKey, pack_place(place)),
                  "write");
  }
  if (!read.ok()) return status(read, "read");
  const std::optional<Place> marked = unpack_place(value);
  if (!marked) return status(rocksdb::Status::Corruption("partition entry"), "read");
  if (*marked == place) return {};
  return misplaced(
      "is of partition " + std::to_string(marked->number) + " of " + std::to_string(marked->count),
      place);
}

base::Status Database::check_jobs(Family family, Place place) const {
  const std::unique_ptr<rocksdb::Iterator> first(db_->NewIterator({}, handle(family)));
  first->SeekToFirst();
  if (!first->Valid()) return status(first->status(), "read");
  const std::string id = first->key().ToString();
  const eventlog::Partition home = topics::partition_of_job(id, place.count);
  if (home == place.number) return {};
  return misplaced("holds job " + id + ", which belongs to partition " + std::to_string(home),
                   place);
}

base::Status Database::misplaced(const std::string& of, Place place) const {
  return base::fail(base::ErrorCode::kFailedPrecondition,
                    "open the projection in " + folder_.string() + ": it " + of +
                        ", and this would be partition " + std::to_string(place.number) + " of " +
                        std::to_string(place.count) +
                        "; put each folder back where it was, or delete this one: it is rebuilt "
                        "from the log, but for the jobs whose events the log no longer keeps");
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  for (rocksdb::ColumnFamilyHandle* handle : unknown_handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
  db_->Close();
}

}  // namespace armada_cache::projector
