#include "core/topics/codecs.h"
#include "projector/database.h"
#include "projector/layout.h"
#include "projector/store.h"
#include "projector/tuning.h"

namespace armada_cache::projector {
namespace {

// Collects one atomic write.
class Batch {
 public:
  explicit Batch(const Database& database, std::size_t reserved = 0)
      : database_(database), batch_(reserved) {}

  void put(Family family, std::string_view key, std::string_view value) {
    keep(batch_.Put(database_.handle(family), key, value));
  }
  void remove(Family family, std::string_view key) {
    keep(batch_.Delete(database_.handle(family), key));
  }
  base::Status write() {
    if (failed_.ok()) failed_ = database_.db().Write(write_options(), &batch_);
    return database_.status(failed_, "write");
  }

 private:
  void keep(rocksdb::Status status) {
    if (!status.ok()) failed_ = std::move(status);
  }

  const Database& database_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status failed_;
};

void put_job(Batch& batch, const JobChange& job) {
  if (job.after.live()) {
    batch.put(Family::kLive, job.id, job.value);
    return;
  }
  if (job.before.live()) batch.remove(Family::kLive, job.id);
  batch.put(Family::kStatus, job.id, job.value.substr(0, kStatusBytes));
  batch.put(Family::kDetails, job.id, job.value);
}

void put_indexes(Batch& batch, const JobChange& job) {
  const JobPlace& before = job.before;
  const JobPlace& after = job.after;
  const bool moved = !before.known || before.job_set != after.job_set;
  if (before.known && moved) {
    batch.remove(Family::kByJobSet, job_set_key(before.job_set, job.id));
  }
  if (moved) batch.put(Family::kByJobSet, job_set_key(after.job_set, job.id), "");
  if (!moved && before.external_uri == after.external_uri) return;
  if (!before.external_uri.empty()) {
    batch.remove(Family::kByUri, uri_key(before.job_set, before.external_uri, job.id));
  }
  if (!after.external_uri.empty()) {
    batch.put(Family::kByUri, uri_key(after.job_set, after.external_uri, job.id), "");
  }
}

void put_job_set(Batch& batch, const JobSetEntry& entry) {
  batch.put(Family::kJobSets, topics::encode_key(entry.name), pack_job_set(entry.state));
}

void put_relay(Batch& batch, const RelayChange& relay) {
  const std::string key = topics::encode_key(relay.job_set);
  if (relay.record) {
    batch.put(Family::kRelays, key, *relay.record);
  } else {
    batch.remove(Family::kRelays, key);
  }
}

base::Status closed() {
  return base::fail(base::ErrorCode::kUnavailable, "the database is closed after an error");
}

std::size_t expected_bytes(const ChangeSet& changes) {
  std::size_t bytes = 4096;
  for (const JobChange& job : changes.jobs) {
    bytes += job.value.size() + (job.spec ? job.spec->size() + 64 : 0) + 160;
  }
  return bytes + changes.job_sets.size() * 128;
}

}  // namespace

base::Status Store::write(const ChangeSet& changes, RejectedBounds before, RejectedBounds after) {
  const auto database = hold();
  if (database == nullptr) return closed();
  Batch batch(*database, expected_bytes(changes));
  for (const JobChange& job : changes.jobs) {
    put_job(batch, job);
    put_indexes(batch, job);
    if (job.spec) batch.put(Family::kSpecs, job.id, *job.spec);
  }
  for (const JobSetEntry& entry : changes.job_sets) put_job_set(batch, entry);
  for (const RelayChange& relay : changes.relays) put_relay(batch, relay);
  std::uint64_t sequence = before.next;
  for (const RejectedRecord& record : changes.rejected) {
    if (sequence >= after.first) {
      batch.put(Family::kRejected, rejected_key(sequence), pack_rejected(record));
    }
    ++sequence;
  }
  for (std::uint64_t old = before.first; old < std::min(before.next, after.first); ++old) {
    batch.remove(Family::kRejected, rejected_key(old));
  }
  batch.put(Family::kMeta, kPositionsKey, pack_positions(changes.positions));
  if (changes.events_appended) {
    batch.put(Family::kMeta, kEventsAppendedKey, pack_time(*changes.events_appended));
  }
  return batch.write();
}

base::Status Store::forget(std::span<const Forgotten> jobs,
                           std::span<const JobSetEntry> changed_sets,
                           std::span<const base::JobSet> gone_sets) {
  const auto database = hold();
  if (database == nullptr) return closed();
  Batch batch(*database);
  for (const Forgotten& job : jobs) {
    for (const Family family : {Family::kStatus, Family::kDetails, Family::kSpecs}) {
      batch.remove(family, job.id);
    }
    batch.remove(Family::kByJobSet, job_set_key(job.job_set, job.id));
    if (!job.external_uri.empty()) {
      batch.remove(Family::kByUri, uri_key(job.job_set, job.external_uri, job.id));
    }
  }
  for (const JobSetEntry& entry : changed_sets) put_job_set(batch, entry);
  for (const base::JobSet& name : gone_sets) {
    batch.remove(Family::kJobSets, topics::encode_key(name));
  }
  return batch.write();
}

}  // namespace armada_cache::projector
