#include "tests/simulator/world.h"

#include "armada/api/event.pb.h"
#include "tests/simulator/events.h"

namespace armada_cache::simulator {
namespace {

// Draws for faults must not change what the load draws.
constexpr std::uint64_t kFaultSalt = 0xfa017;

std::optional<MessageId> id_of(const std::string& text) {
  const auto id = base::UpstreamId::parse(text);
  if (!id) return std::nullopt;
  return MessageId{*id, text.back() == '1'};
}

}  // namespace

World::World(const Options& options, const base::Clock& clock)
    : options_(options),
      clock_(clock),
      credentials_(options.users),
      faults_(options.faults, options.seed ^ kFaultSalt) {
  for (const QueueOptions& queue : options.queues) queues_.add(queue_from(queue));
}

std::shared_ptr<JobSetStream> World::find_stream(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  const auto at = streams_.find(job_set);
  return at == streams_.end() ? nullptr : at->second;
}

std::shared_ptr<JobSetStream> World::open_stream(const base::JobSet& job_set) {
  const std::lock_guard lock(mutex_);
  return open_locked(job_set);
}

std::shared_ptr<JobSetStream> World::open_locked(const base::JobSet& job_set) {
  std::shared_ptr<JobSetStream>& stream = streams_[job_set];
  if (!stream) stream = std::make_shared<JobSetStream>(options_.max_stream_bytes);
  return stream;
}

void World::emit(const base::JobSet& job_set, const std::vector<api::EventMessage>& events) {
  const std::lock_guard lock(mutex_);
  const base::Time now = clock_.now();
  std::vector<JobSetStream::Outgoing> parts;
  std::vector<std::size_t> places;  // of the true events among the parts
  parts.reserve(events.size());
  places.reserve(events.size());
  std::size_t bytes = 0;
  for (const api::EventMessage& event : events) {
    places.push_back(parts.size());
    parts.push_back({encode(event)});
    faults_.follow(job_set, event, now, parts);
  }
  for (const auto& part : parts) bytes += part.bytes.size();
  count(parts.size(), bytes);
  const std::vector<MessageId> ids = open_locked(job_set)->append(now, std::move(parts));
  for (std::size_t i = 0; i < events.size(); ++i) {
    oracle_.observe(job_set, ids[places[i]].id, events[i]);
  }
}

void World::emit_recorded(const base::JobSet& job_set, std::string message) {
  const std::lock_guard lock(mutex_);
  count(1, message.size());
  api::EventStreamMessage opened;
  std::optional<MessageId> id;
  if (opened.ParseFromString(message)) id = id_of(opened.id());
  open_locked(job_set)->append_verbatim(id, std::move(message));
  if (id) oracle_.observe(job_set, id->id, opened.message());
}

void World::emit_untrue(const base::JobSet& job_set, std::vector<JobSetStream::Outgoing> parts) {
  const std::lock_guard lock(mutex_);
  for (const auto& part : parts) count(1, part.bytes.size());
  open_locked(job_set)->append(clock_.now(), std::move(parts));
}

void World::plan(const std::string& job_id, JobState final_state) {
  const std::lock_guard lock(mutex_);
  oracle_.plan(job_id, final_state);
}

api::Job World::spec_of(const base::JobSet& job_set, base::UpstreamId submitted_id) const {
  const auto stream = find_stream(job_set);
  const auto bytes = stream ? stream->find(submitted_id) : std::nullopt;
  api::EventStreamMessage message;
  if (!bytes || !message.ParseFromString(*bytes)) return {};
  return std::move(*message.mutable_message()->mutable_submitted()->mutable_job());
}

bool World::admit_job() {
  const std::lock_guard lock(mutex_);
  const bool is_full = bytes_ >= options_.max_bytes && options_.max_stream_bytes == 0;
  if (is_full || admitted_jobs_ >= options_.max_jobs) capped_ = true;
  if (!capped_) ++admitted_jobs_;
  return !capped_;
}

std::uint64_t World::version() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

Account World::account() const {
  const std::lock_guard lock(mutex_);
  Account account;
  account.seed = options_.seed;
  account.capped = capped_;
  account.ended = oracle_.live() == 0;
  account.messages = messages_;
  account.bytes = bytes_;
  account.injected = faults_.injected();
  for (const auto& [job_set, stream] : streams_) {
    account.job_sets.push_back({job_set, stream->ids(), stream->trimmed(), stream->readers()});
  }
  account.jobs.reserve(oracle_.jobs().size());
  for (const auto& [id, job] : oracle_.jobs()) {
    account.jobs.push_back({id, *job.job_set, job.state, job.planned.value_or(job.state),
                            static_cast<std::uint32_t>(job.runs.size()), job.events});
  }
  return account;
}

void World::count(std::size_t messages, std::size_t bytes) {
  messages_ += messages;
  bytes_ += bytes;
}

}  // namespace armada_cache::simulator
