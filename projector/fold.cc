#include "projector/fold.h"

#include <google/protobuf/arena.h>

#include <algorithm>

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/state_machine.h"
#include "core/job/timestamps.h"
#include "core/topics/codecs.h"
#include "projector/event_opener.h"
#include "projector/job_set_batch.h"
#include "projector/layout.h"
#include "projector/record_codec.h"
#include "projector/relay_fold.h"

namespace armada_cache::projector {
namespace {

using eventlog::RecordView;
using google::protobuf::Arena;
using job::JobRecord;

struct EventWork {
  job::OpenedMessage opened;
  std::uint32_t job = 0;
};

struct JobWork {
  std::string_view id;
  JobRecord* record = nullptr;
  JobPlace before;
  std::string pool_before;
  bool known = false;
  bool changed = false;
  const api::Job* spec = nullptr;
};

std::string pool_of(const JobRecord& record) {
  return record.runs().empty() ? std::string() : record.runs().rbegin()->pool();
}

JobPlace place_of(const JobRecord& record, JobSetNumber job_set) {
  return {true, static_cast<int>(record.state()), job_set, record.external_job_uri()};
}

// Where no event told a time, that of the last message in Armada's stream: what has no age would
// never be forgotten.
std::uint32_t last_transition_seconds(const JobRecord& record) {
  const std::int64_t micros = record.last_transition_us();
  const auto millis = static_cast<std::int64_t>(record.last_id().millis());
  return to_unix_seconds(base::from_unix_micros(micros > 0 ? micros : millis * 1000));
}

base::Time created_at(const job::Event& event) {
  return base::from_unix_micros(job::to_micros(event.created));
}

google::protobuf::ArenaOptions arena_options(std::span<char> first_block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block.data();
  options.initial_block_size = first_block.size();
  options.max_block_size = std::size_t{1} << 20;
  return options;
}

}  // namespace

struct Fold::Memory {
  explicit Memory(std::size_t payload_max)
      : block(std::size_t{1} << 20), rejected_payload_max(payload_max) {}

  std::vector<char> block;
  Arena arena{arena_options(block)};
  std::size_t rejected_payload_max;
  std::vector<EventWork> events;
  std::vector<JobWork> jobs;
  std::vector<std::string_view> ids;
  std::vector<StoredJob> stored;
  boost::unordered_flat_map<std::string_view, std::uint32_t> job_index;
};

class Fold::Batch {
 public:
  Batch(Memory& memory, StateSource& source)
      : memory_(memory), source_(source), arena_(memory.arena), job_sets_(source), relays_(source) {
    arena_.Reset();
    memory.events.clear();
    memory.jobs.clear();
    memory.ids.clear();
    memory.job_index.clear();
    changes_.positions = source.positions();
  }

  void take(const RecordView& record) {
    if (record.topic == topics::kEvents) {
      if (record.offset < changes_.positions.events) return;
      changes_.positions.events = record.offset + 1;
      changes_.events_appended = record.appended_at;
      take_event(record);
    } else if (record.topic == topics::kRelays) {
      if (record.offset < changes_.positions.relays) return;
      changes_.positions.relays = record.offset + 1;
      if (auto taken = relays_.take(record, changes_); !taken) reject(record, taken.error());
    }
  }

  base::Result<ChangeSet> finish() {
    if (auto loaded = load_jobs(); !loaded) return tl::unexpected(loaded.error());
    for (const EventWork& event : memory_.events) apply(event);
    for (JobWork* job : changed_jobs()) conclude(*job);
    changes_.job_sets = job_sets_.changed();
    relays_.finish(changes_);
    return std::move(changes_);
  }

 private:
  void take_event(const RecordView& record) {
    auto opened = open_event(record, arena_);
    if (!opened) return reject(record, opened.error());
    const job::Event& event = opened->event;
    JobSetWork& set = job_sets_.of({event.queue, event.job_set});
    const auto agrees = check_source(record, set.name, set.checked_source);
    if (!agrees) return reject(record, agrees.error());
    if (set.known && opened->id <= set.entry.state.last_id) {
      ++changes_.tally.repeated;
      return;
    }
    set.entry.state.last_id = opened->id;
    set.known = set.changed = true;
    const auto [at, added] =
        memory_.job_index.try_emplace(record.key, static_cast<std::uint32_t>(memory_.ids.size()));
    if (added) memory_.ids.push_back(record.key);
    memory_.events.push_back({*opened, at->second});
  }

  void reject(const RecordView& record, const Refusal& refusal) {
    RejectedRecord& rejected = changes_.rejected.emplace_back();
    rejected.reason = refusal.reason;
    rejected.detail = refusal.detail;
    rejected.topic = record.topic;
    rejected.offset = record.offset;
    rejected.appended_at = record.appended_at;
    const std::size_t most = memory_.rejected_payload_max;
    rejected.key = record.key.substr(0, most);
    const std::string_view value = record.value.value_or(std::string_view());
    rejected.payload = value.substr(0, most);
    rejected.payload_bytes = value.size();
    for (const eventlog::HeaderView& header : record.headers.subspan(
             0, std::min<std::size_t>(record.headers.size(), kRejectedHeadersMax))) {
      rejected.headers.push_back({std::string(header.name.substr(0, kRejectedHeaderMaxBytes)),
                                  std::string(header.value.substr(0, kRejectedHeaderMaxBytes))});
    }
  }

  base::Status load_jobs() {
    if (auto read = source_.jobs(memory_.ids, memory_.stored); !read) return read;
    memory_.jobs.resize(memory_.ids.size());
    for (std::size_t i = 0; i < memory_.ids.size(); ++i) {
      if (auto opened = open_job(memory_.ids[i], memory_.stored[i], memory_.jobs[i]); !opened) {
        return opened;
      }
    }
    return {};
  }

  base::Status open_job(std::string_view id, const StoredJob& stored, JobWork& job) {
    job.id = id;
    job.known = stored.known;
    job.record = Arena::CreateMessage<JobRecord>(&arena_);
    if (!stored.known) return {};
    const JobSetEntry* owner = source_.job_set(stored.status.job_set);
    if (owner == nullptr || !decode_job(stored.record, owner->name, *job.record)) {
      return base::fail(base::ErrorCode::kDataLoss,
                        "the stored record of job " + std::string(id) + " cannot be read");
    }
    job.before = place_of(*job.record, stored.status.job_set);
    if (is_active(job.before.state)) job.pool_before = pool_of(*job.record);
    return {};
  }

  void apply(const EventWork& work) {
    JobWork& job = memory_.jobs[work.job];
    const job::Event& event = work.opened.event;
    switch (job::apply(event, work.opened.id, job.known, *job.record)) {
      case job::Outcome::kApplied:
        break;
      case job::Outcome::kStraggler:
        ++changes_.tally.straggling;
        return;
      case job::Outcome::kForeign:
        ++changes_.tally.foreign;
        return;
      case job::Outcome::kUnknownJob:
        ++changes_.tally.unknown_job;
        return;
    }
    job.known = job.changed = true;
    if (event.message->has_submitted() && event.message->submitted().has_job()) {
      job.spec = &event.message->submitted().job();
    }
    ++changes_.tally.applied;
    const base::Time created = created_at(event);
    if (created != base::Time()) changes_.created.push_back(created);
  }

  // In the order of their ids: databases take neighbours faster.
  std::vector<JobWork*> changed_jobs() {
    std::vector<JobWork*> changed;
    for (JobWork& job : memory_.jobs) {
      if (job.changed) changed.push_back(&job);
    }
    std::sort(changed.begin(), changed.end(),
              [](const JobWork* a, const JobWork* b) { return a->id < b->id; });
    changes_.jobs.reserve(changed.size());
    return changed;
  }

  void conclude(JobWork& job) {
    JobRecord& record = *job.record;
    const JobSetWork& owner = job_sets_.of({record.queue(), record.job_set()});
    JobChange& change = changes_.jobs.emplace_back();
    change.id = job.id;
    change.after = place_of(record, owner.entry.state.number);
    change.status = {change.after.state, change.after.job_set, last_transition_seconds(record)};
    if (job.spec != nullptr) {
      const std::span<char> spec = encode(*job.spec, 0, arena_);
      change.spec.emplace(spec.data(), spec.size());
    }
    count_states(job.before, change.after);
    count_active(job, owner.entry.name.queue);
    record.clear_queue();
    record.clear_job_set();
    const std::span<char> value = encode(record, kStatusBytes, arena_);
    pack_status_to(change.status, value.data());
    change.value = {value.data(), value.size()};
    change.record = change.value.substr(kStatusBytes);
    change.before = std::move(job.before);
  }

  void count_states(const JobPlace& before, const JobPlace& after) {
    if (before.known && before.state == after.state && before.job_set == after.job_set) return;
    if (before.known) job_sets_.count(before.job_set, before.state, -1);
    job_sets_.count(after.job_set, after.state, +1);
  }

  void count_active(const JobWork& job, const std::string& queue) {
    const bool was = job.before.known && is_active(job.before.state);
    const bool is = is_active(static_cast<int>(job.record->state()));
    if (!was && !is) return;
    const std::string pool = is ? pool_of(*job.record) : std::string();
    const std::string& queue_before =
        was ? job_sets_.of(job.before.job_set).entry.name.queue : queue;
    if (was && is && pool == job.pool_before && queue == queue_before) return;
    if (was) --changes_.active[{job.pool_before, queue_before}];
    if (is) ++changes_.active[{pool, queue}];
  }

  static constexpr std::size_t kRejectedHeadersMax = 16;
  static constexpr std::size_t kRejectedHeaderMaxBytes = 512;

  Memory& memory_;
  StateSource& source_;
  Arena& arena_;
  JobSetBatch job_sets_;
  RelayFold relays_;
  ChangeSet changes_;
};

Fold::Fold(std::size_t rejected_payload_max_bytes)
    : memory_(std::make_unique<Memory>(rejected_payload_max_bytes)) {}
Fold::~Fold() = default;

base::Result<ChangeSet> Fold::run(std::span<const RecordView* const> records, StateSource& source) {
  Batch batch(*memory_, source);
  for (const RecordView* record : records) batch.take(*record);
  return batch.finish();
}

}  // namespace armada_cache::projector
