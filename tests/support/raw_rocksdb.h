// A database of ours, opened by hand to be spoilt.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace armada_cache::test_support {

// Throws std::runtime_error where RocksDB refuses something: the test cannot run.
class RawRocksdb {
 public:
  explicit RawRocksdb(const std::filesystem::path& folder);
  ~RawRocksdb();
  RawRocksdb(const RawRocksdb&) = delete;
  RawRocksdb& operator=(const RawRocksdb&) = delete;

  void put(const std::string& family, const std::string& key, const std::string& value);
  void erase(const std::string& family, const std::string& key);
  void add_family(const std::string& name);

 private:
  std::unique_ptr<rocksdb::DB> database_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace armada_cache::test_support
