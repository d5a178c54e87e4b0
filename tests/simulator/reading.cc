#include "tests/simulator/reading.h"

#include <cstdint>

namespace armada_cache::simulator {
namespace {

using base::ErrorCode;

base::Status check_access(const ReadRequest& request, const std::string& user, World& world) {
  const std::string& queue = request.job_set.queue;
  const FaultOptions& faults = world.options().faults;
  if (faults.unauthenticated_queues.contains(queue)) {
    return base::fail(ErrorCode::kUnauthenticated, "bad credentials");
  }
  if (!world.queues().find(queue)) {
    return base::fail(ErrorCode::kNotFound, "Queue " + queue + " does not exist");
  }
  if (faults.refused_queues.contains(queue) || !world.queues().may(user, "watch", queue)) {
    return base::fail(ErrorCode::kPermissionDenied,
                      user + " may not watch the events of queue " + queue);
  }
  return {};
}

base::Result<MessageId> parse_position(const std::string& text) {
  if (text.empty()) return MessageId{};
  if (const auto id = base::UpstreamId::parse(text)) return MessageId{*id, text.back() == '1'};
  // Redis, not Armada, is the one who refuses a negative number.
  if (text.front() == '-' && base::UpstreamId::parse(text.substr(1))) {
    return base::fail(ErrorCode::kUnavailable,
                      "ERR Invalid stream ID specified as stream command argument");
  }
  return base::fail(ErrorCode::kUnknown, "Could not convert legacy message id " + text);
}

}  // namespace

base::Result<Reading> begin_reading(const ReadRequest& request, const std::string& user,
                                    World& world) {
  if (auto access = check_access(request, user, world); !access) {
    return tl::unexpected(access.error());
  }
  Reading reading;
  reading.stream =
      request.watch ? world.open_stream(request.job_set) : world.find_stream(request.job_set);
  const bool exists =
      reading.stream && reading.stream->begin_offset() < reading.stream->end_offset();
  if (!exists && request.error_if_missing) {
    return base::fail(ErrorCode::kNotFound, "Jobset " + request.job_set.name + " for queue " +
                                                request.job_set.queue + " does not exist");
  }
  const auto position = parse_position(request.from_message_id);
  if (!position) return tl::unexpected(position.error());
  if (!reading.stream) return reading;
  reading.begin = request.from_message_id.empty() ? 0 : reading.stream->offset_after(*position);
  reading.end = request.watch ? UINT64_MAX : reading.stream->end_offset();
  return reading;
}

}  // namespace armada_cache::simulator
