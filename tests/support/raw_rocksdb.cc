#include "tests/support/raw_rocksdb.h"

#include <rocksdb/db.h>

#include <stdexcept>
#include <vector>

namespace armada_cache::test_support {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

RawRocksdb::RawRocksdb(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  check(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  check(rocksdb::DB::Open({}, folder.string(), families, &handles, &database));
  database_.reset(database);
  for (rocksdb::ColumnFamilyHandle* handle : handles) families_[handle->GetName()] = handle;
}

RawRocksdb::~RawRocksdb() {
  for (const auto& [name, handle] : families_) database_->DestroyColumnFamilyHandle(handle);
}

void RawRocksdb::put(const std::string& family, const std::string& key, const std::string& value) {
  check(database_->Put({}, families_.at(family), key, value));
}

void RawRocksdb::erase(const std::string& family, const std::string& key) {
  check(database_->Delete({}, families_.at(family), key));
}

void RawRocksdb::add_family(const std::string& name) {
  check(database_->CreateColumnFamily({}, name, &families_[name]));
}

}  // namespace armada_cache::test_support
