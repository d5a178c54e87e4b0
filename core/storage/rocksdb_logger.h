// Where RocksDB's own messages go: into the process's log, not into a file beside the data.
#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}

namespace armada_cache::storage {

// Warnings and errors of the database in `folder`. RocksDB's file of messages is no choice: on a
// full disk a second message into it fails an assertion, which Debian's build keeps, and ends the
// process.
std::shared_ptr<rocksdb::Logger> rocksdb_logger(std::string folder);

}  // namespace armada_cache::storage
