#include "projector/dump.h"

#include <map>
#include <ostream>

#include "armada/api/submit.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "projector/record_codec.h"

namespace armada_cache::projector {
namespace {

class Dump {
 public:
  Dump(const Partition& partition, std::ostream& out) : partition_(partition), out_(out) {}

  base::Status write() {
    const Positions positions = partition_.applied();
    out_ << "partition " << partition_.number() << " events " << positions.events << " relays "
         << positions.relays << '\n';
    for (const auto step : {&Dump::jobs, &Dump::specs, &Dump::indexes, &Dump::job_sets,
                            &Dump::relays, &Dump::rejected, &Dump::active_queues}) {
      if (auto done = (this->*step)(); !done) return done;
    }
    return {};
  }

 private:
  std::string name(JobSetNumber number) const {
    const auto name = partition_.job_sets().name_of(number);
    return name ? name->queue + " " + name->name : "?";
  }

  void job(std::string_view where, std::string_view id, const StoredJob& job) {
    internal::v1::JobRecord record;
    const base::JobSet owner =
        partition_.job_sets().name_of(job.status.job_set).value_or(base::JobSet{});
    const bool readable = decode_job(job.record, owner, record);
    out_ << where << ' ' << id << ' ' << job.status.state << ' '
         << job.status.last_transition_seconds << ' '
         << (readable ? record.ShortDebugString() : "UNREADABLE") << '\n';
    ids_.emplace_back(id);
  }

  void compare_memory(std::string_view id, const StoredJob& job) {
    std::string record;
    const auto status = partition_.table().copy_live(id, record);
    const bool may_be_absent = !partition_.table().complete();
    const bool same =
        status ? status->state == job.status.state && record == job.record : may_be_absent;
    if (!same) out_ << "MEMORY DIFFERS " << id << '\n';
  }

  base::Status jobs() {
    std::size_t live = 0;
    auto read = partition_.store().each_live([&](std::string_view id, const StoredJob& stored) {
      job("live", id, stored);
      compare_memory(id, stored);
      ++live;
    });
    if (!read) return read;
    if (partition_.loaded() && partition_.live_jobs() != static_cast<std::int64_t>(live)) {
      out_ << "MEMORY COUNTS " << partition_.live_jobs() << " live jobs, there are " << live
           << '\n';
    }
    return partition_.store().each_details([&](std::string_view id, const StoredJob& stored) {
      job("finished", id, stored);
      const std::string_view ids[] = {id};
      const auto status = partition_.store().statuses(ids, Reach::kDisk);
      const bool same = status && status->front().value &&
                        status->front().value->state == stored.status.state &&
                        status->front().value->job_set == stored.status.job_set;
      if (!same) out_ << "STATUS DIFFERS " << id << '\n';
    });
  }

  base::Status specs() {
    for (const std::string& id : ids_) {
      const std::string_view ids[] = {id};
      const auto read = partition_.store().specs(ids, Reach::kDisk);
      if (!read) return tl::unexpected(read.error());
      if (!read->front().value) continue;
      api::Job spec;
      const bool readable = spec.ParseFromString(*read->front().value);
      out_ << "spec " << id << ' ' << (readable ? spec.ShortDebugString() : "UNREADABLE") << '\n';
    }
    return {};
  }

  base::Status indexes() {
    std::map<std::string, std::size_t> lines;
    auto read = partition_.store().each_by_job_set([&](JobSetNumber number, std::string_view id) {
      ++lines["by_job_set " + name(number) + " " + std::string(id)];
    });
    if (!read) return read;
    read = partition_.store().each_by_uri(
        [&](JobSetNumber number, std::string_view uri, std::string_view id) {
          ++lines["by_uri " + name(number) + " " + std::string(uri) + " " + std::string(id)];
        });
    if (!read) return read;
    for (const auto& [line, count] : lines) out_ << line << '\n';
    return {};
  }

  base::Status job_sets() {
    return partition_.store().each_job_set([&](const JobSetEntry& entry) {
      out_ << "job_set " << entry.name.queue << ' ' << entry.name.name << ' '
           << entry.state.last_id.millis << ':' << entry.state.last_id.sequence << ':'
           << entry.state.last_id.index;
      for (const std::int64_t count : entry.state.jobs_by_state) out_ << ' ' << count;
      const auto memory = partition_.job_sets().find(entry.name);
      const bool same = memory && memory->last_id == entry.state.last_id &&
                        memory->jobs_by_state == entry.state.jobs_by_state;
      out_ << (same ? "\n" : " MEMORY DIFFERS\n");
    });
  }

  base::Status relays() {
    return partition_.store().each_relay([&](const base::JobSet& name, std::string_view value) {
      internal::v1::RelayRecord record;
      const bool readable = record.ParseFromArray(value.data(), static_cast<int>(value.size()));
      out_ << "relay " << name.queue << ' ' << name.name << ' '
           << (readable ? record.ShortDebugString() : "UNREADABLE") << '\n';
    });
  }

  base::Status rejected() {
    return partition_.store().each_rejected([&](const RejectedRecord& record) {
      out_ << "rejected " << record.topic << ' ' << record.offset << ' ' << name_of(record.reason)
           << ' ' << record.payload_bytes << '\n';
    });
  }

  base::Status active_queues() {
    for (const auto& [key, count] : partition_.active_queues().counts()) {
      out_ << "active " << key.first << ' ' << key.second << ' ' << count << '\n';
    }
    return {};
  }

  const Partition& partition_;
  std::ostream& out_;
  std::vector<std::string> ids_;
};

}  // namespace

base::Status dump(const Partition& partition, std::ostream& out) {
  return Dump(partition, out).write();
}

}  // namespace armada_cache::projector
