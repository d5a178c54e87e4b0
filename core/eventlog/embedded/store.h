// The RocksDB database under the log: opening it, its column families, its errors.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/eventlog/embedded/embedded_log.h"

namespace armada_cache::eventlog::embedded {

// `what` was done when the status came; `directory` is where. Not for status.ok().
base::Error to_error(const rocksdb::Status& status, std::string_view what,
                     const std::filesystem::path& directory);

// Thread-safe. The handles it gives belong to it.
class Store {
 public:
  static base::Result<std::unique_ptr<Store>> open(const EmbeddedLogOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  rocksdb::DB& db() { return *db_; }
  const std::filesystem::path& directory() const { return directory_; }

  // Makes the column family where it is missing. One thread at a time.
  base::Result<rocksdb::ColumnFamilyHandle*> family(const std::string& name);

 private:
  explicit Store(const EmbeddedLogOptions& options);
  base::Status open_database(const rocksdb::DBOptions& db_options);

  const std::filesystem::path directory_;
  const rocksdb::ColumnFamilyOptions family_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace armada_cache::eventlog::embedded
