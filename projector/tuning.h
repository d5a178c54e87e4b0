// How the databases are set up: sizes, compression, filters.
#pragma once

#include <rocksdb/options.h>

#include "projector/database.h"

namespace armada_cache::projector {

rocksdb::DBOptions database_options(const SharedMemory& memory);
rocksdb::ColumnFamilyOptions family_options(Family family, const SharedMemory& memory);
rocksdb::WriteOptions write_options();

// RocksDB's counters a thread cost several percent of a write.
void stop_counting_in_this_thread();

}  // namespace armada_cache::projector
