// Which partition a database is of.
#pragma once

#include "core/eventlog/record.h"

namespace armada_cache::projector {

struct Place {
  eventlog::Partition number = 0;
  eventlog::Partition count = 1;  // of the topics

  bool operator==(const Place&) const = default;
};

}  // namespace armada_cache::projector
