#include "core/eventlog/embedded/store.h"

#include <system_error>
#include <vector>

#include "core/eventlog/embedded/format_file.h"
#include "core/eventlog/embedded/tuning.h"

namespace armada_cache::eventlog::embedded {
namespace {

using base::ErrorCode;

constexpr std::string_view kDamagedAdvice =
    ": restore the folder from a copy, or move it away and start with an empty one; the events "
    "then come from Armada again";

bool is_held(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                                text.find("lock hold by") != std::string::npos);
}

bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound();
}

// The database names its files itself: a log without CURRENT, but with data, has lost it.
bool has_data(const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto extension = entry.path().extension();
    if (extension == ".sst" || extension == ".log") return true;
  }
  return false;
}

}  // namespace

base::Error to_error(const rocksdb::Status& status, std::string_view what,
                     const std::filesystem::path& directory) {
  std::string message(what);
  message += " in the log's folder " + directory.string() + ": " + status.ToString();
  if (is_damage(status)) {
    return {ErrorCode::kDataLoss, message.append(kDamagedAdvice)};
  }
  if (status.IsNoSpace()) {
    return {ErrorCode::kUnavailable, message + ": the disk is full; make room"};
  }
  if (status.IsIOError() || status.IsBusy() || status.IsIncomplete() || status.IsTryAgain()) {
    return {ErrorCode::kUnavailable, message};
  }
  return {ErrorCode::kInternal, message};
}

Store::Store(const EmbeddedLogOptions& options)
    : directory_(options.directory), family_options_(family_options(options)) {}

Store::~Store() {
  for (const auto& [name, handle] : families_) {
    if (db_) db_->DestroyColumnFamilyHandle(handle);
  }
}

base::Result<std::unique_ptr<Store>> Store::open(const EmbeddedLogOptions& options) {
  if (auto prepared = prepare_folder(options.directory); !prepared) {
    return tl::unexpected(prepared.error());
  }
  const rocksdb::DBOptions db_options = database_options(options);
  std::unique_ptr<Store> store(new Store(options));
  if (auto opened = store->open_database(db_options); !opened) {
    return tl::unexpected(opened.error());
  }
  return store;
}

base::Status Store::open_database(const rocksdb::DBOptions& db_options) {
  std::vector<std::string> names;
  const bool is_new = !std::filesystem::exists(directory_ / "CURRENT");
  rocksdb::Status status;
  if (is_new && has_data(directory_)) status = rocksdb::Status::Corruption("no file CURRENT");
  if (!is_new) status = rocksdb::DB::ListColumnFamilies(db_options, directory_.string(), &names);
  if (is_new) names = {rocksdb::kDefaultColumnFamilyName};

  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) descriptors.emplace_back(name, family_options_);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  if (status.ok()) {
    status = rocksdb::DB::Open(db_options, directory_.string(), descriptors, &handles, &db);
  }
  if (is_held(status)) {
    return base::fail(ErrorCode::kFailedPrecondition,
                      "the log's folder " + directory_.string() +
                          " is held by another process: stop that one, or name another folder");
  }
  if (!status.ok()) return tl::unexpected(to_error(status, "cannot open the database", directory_));
  db_.reset(db);
  for (std::size_t i = 0; i < names.size(); ++i) families_[names[i]] = handles[i];
  return {};
}

base::Result<rocksdb::ColumnFamilyHandle*> Store::family(const std::string& name) {
  if (const auto found = families_.find(name); found != families_.end()) return found->second;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const rocksdb::Status status = db_->CreateColumnFamily(family_options_, name, &handle);
  if (!status.ok()) {
    return tl::unexpected(to_error(status, "cannot make column family " + name, directory_));
  }
  families_[name] = handle;
  return handle;
}

}  // namespace armada_cache::eventlog::embedded
