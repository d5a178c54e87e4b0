// How RocksDB is set up for a log: sequential keys, large values, bounded memory.
#pragma once

#include <rocksdb/options.h>

#include <memory>

#include "core/eventlog/embedded/embedded_log.h"

namespace armada_cache::eventlog::embedded {

rocksdb::DBOptions database_options(const EmbeddedLogOptions& options);
rocksdb::ColumnFamilyOptions family_options(const EmbeddedLogOptions& options);

}  // namespace armada_cache::eventlog::embedded
