// Encoded protobuf messages as the databases hold them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/job_set.h"

namespace google::protobuf {
class MessageLite;
}
namespace armada_cache::internal::v1 {
class JobRecord;
}

namespace armada_cache::projector {

// The same message always gives the same bytes: map entries are sorted.
std::string encode(const google::protobuf::MessageLite& message);

// A stored record has no names; they are put in from its job set. False: undecodable.
bool decode_job(std::string_view stored, const base::JobSet& owner, internal::v1::JobRecord& into);

// The stored record as an encoded JobRecord with its names.
std::string with_names(std::string_view stored, const base::JobSet& owner);

}  // namespace armada_cache::projector
