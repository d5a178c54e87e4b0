// Encoded protobuf messages as the databases hold them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/job_set.h"

namespace google::protobuf {
class Arena;
class MessageLite;
}  // namespace google::protobuf
namespace armada_cache::internal::v1 {
class JobRecord;
}

namespace armada_cache::projector {

// Appends `head` bytes of room and the message. The same message always gives the same bytes: map
// entries are sorted. The bytes live in the arena.
std::span<char> encode(const google::protobuf::MessageLite& message, std::size_t head,
                       google::protobuf::Arena& arena);

// A stored record has no names; they are put in from its job set. False: undecodable.
bool decode_job(std::string_view stored, const base::JobSet& owner, internal::v1::JobRecord& into);

// The stored record as an encoded JobRecord with its names.
std::string with_names(std::string_view stored, const base::JobSet& owner);

}  // namespace armada_cache::projector
