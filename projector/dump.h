// A partition as text, to compare projections with one another.
#pragma once

#include <iosfwd>

#include "core/base/error.h"
#include "projector/partition.h"

namespace armada_cache::projector {

// Everything the partition knows, field for field and in an order of its own; nothing of how it is
// laid out, such as the numbers of job sets. Tells where memory differs from the store.
base::Status dump(const Partition& partition, std::ostream& out);

}  // namespace armada_cache::projector
