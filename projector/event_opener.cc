#include "projector/event_opener.h"

#include "armada/api/event.pb.h"
#include "core/topics/codecs.h"

namespace armada_cache::projector {
namespace {

tl::unexpected<Refusal> refuse(Rejection reason, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{reason, std::move(detail)});
}

// The state machine's error is for people; this tells the kinds apart for counting.
Rejection reason_of(const api::EventStreamMessage& message) {
  if (!base::UpstreamId::parse(message.id())) return Rejection::kMalformedId;
  if (message.message().events_case() == api::EventMessage::EVENTS_NOT_SET) {
    return Rejection::kUnknownKind;
  }
  return Rejection::kIncomplete;
}

}  // namespace

tl::expected<job::OpenedMessage, Refusal> open_event(const eventlog::RecordView& record,
                                                     google::protobuf::Arena& arena) {
  if (!record.value) return refuse(Rejection::kNoValue, "the record has no value");
  auto* message = google::protobuf::Arena::CreateMessage<api::EventStreamMessage>(&arena);
  if (record.value->size() > static_cast<std::size_t>(INT32_MAX) ||
      !message->ParseFromArray(record.value->data(), static_cast<int>(record.value->size()))) {
    return refuse(Rejection::kUndecodable, "the value is no api.EventStreamMessage");
  }
  base::Result<job::OpenedMessage> opened = job::open(*message);
  if (!opened) {
    Rejection reason = reason_of(*message);
    if (reason == Rejection::kIncomplete && record.key.empty()) reason = Rejection::kNoJobId;
    return refuse(reason, std::move(opened.error().message));
  }
  if (opened->event.job_id != record.key) {
    return refuse(Rejection::kWrongKey, "the record's key is not the id of the message's job");
  }
  return *std::move(opened);
}

tl::expected<void, Refusal> check_source(const eventlog::RecordView& record, JobSetView job_set,
                                         std::string_view& checked) {
  const std::optional<std::string_view> source = record.header("ce_source");
  if (!source || *source == checked) return {};
  const base::Result<base::JobSet> named = topics::job_set_of_event(record);
  if (!named) return refuse(Rejection::kWrongJobSet, named.error().message);
  if (JobSetView(*named) != job_set) {
    return refuse(Rejection::kWrongJobSet,
                  "the message names another job set than the stream it came in");
  }
  checked = *source;
  return {};
}

}  // namespace armada_cache::projector
