#include "core/topics/codecs.h"
#include "projector/database.h"
#include "projector/layout.h"
#include "projector/packing.h"
#include "projector/store.h"

namespace armada_cache::projector {
namespace {

using rocksdb::Slice;

base::Status damaged(const Database& database, Family family, Slice key) {
  return database.status(rocksdb::Status::Corruption("an entry of " + std::string(name_of(family)),
                                                     key.ToString(true)),
                         "read");
}

tl::unexpected<base::Error> being_reopened() {
  return base::fail(base::ErrorCode::kUnavailable,
                    "the database is being opened anew after an error");
}

std::string_view view(const Slice& slice) {
  return {slice.data(), slice.size()};
}

std::optional<OwnedJob> own(std::string_view value) {
  const std::optional<StoredJob> job = unpack_job(value);
  if (!job) return std::nullopt;
  return OwnedJob{job->status, std::string(job->record)};
}

std::optional<std::string> own_text(std::string_view value) {
  return std::string(value);
}

// `decode` gives nothing for a damaged value.
template <typename Value>
base::Result<std::vector<Found<Value>>> read_many(
    const Database& database, Family family, std::span<const std::string_view> ids, Reach reach,
    std::optional<Value> (*decode)(std::string_view)) {
  std::vector<Found<Value>> found(ids.size());
  if (ids.empty()) return found;
  const std::vector<Slice> keys(ids.begin(), ids.end());
  std::vector<rocksdb::PinnableSlice> values(ids.size());
  std::vector<rocksdb::Status> statuses(ids.size());
  rocksdb::ReadOptions options;
  if (reach == Reach::kMemory) options.read_tier = rocksdb::kBlockCacheTier;
  if (ids.size() == 1) {
    statuses[0] = database.db().Get(options, database.handle(family), keys[0], &values[0]);
  } else {
    database.db().MultiGet(options, database.handle(family), ids.size(), keys.data(), values.data(),
                           statuses.data());
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    // Of a block that is not in memory, MultiGet says that the key may exist: found, without a
    // value.
    const bool may_exist = reach == Reach::kMemory && statuses[i].ok() && values[i].empty();
    if (statuses[i].IsIncomplete() || may_exist) {
      found[i].unread = true;
      continue;
    }
    if (auto ok = database.status(statuses[i], "read"); !ok) return tl::unexpected(ok.error());
    found[i].value = decode(view(values[i]));
    if (!found[i].value) return tl::unexpected(damaged(database, family, keys[i]).error());
  }
  return found;
}

// Visits entries from `from` on, while they have the prefix and `visit` says true.
base::Status scan(
    const Database& database, Family family, std::string_view from, std::string_view prefix,
    const std::function<base::Result<bool>(std::string_view, std::string_view)>& visit) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = std::size_t{1} << 20;
  const std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(options, database.handle(family)));
  for (at->Seek(from); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    const base::Result<bool> more = visit(view(at->key()), view(at->value()));
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
  }
  return database.status(at->status(), "read");
}

base::Status each_job(const Database& database, Family family, const Store::EachJob& visit) {
  return scan(database, family, "", "",
              [&](std::string_view id, std::string_view value) -> base::Result<bool> {
                const std::optional<StoredJob> job = unpack_job(value);
                if (!job) return tl::unexpected(damaged(database, family, id).error());
                visit(id, *job);
                return true;
              });
}

base::Result<std::vector<std::string>> list_ids(const Database& database, Family family,
                                                const std::string& prefix, std::string_view after,
                                                std::size_t limit) {
  std::vector<std::string> ids;
  if (limit == 0) return ids;
  // The key that follows a key directly is itself and a zero byte.
  std::string from = prefix;
  if (!after.empty()) from.append(after).push_back('\0');
  auto listed = scan(database, family, from, prefix,
                     [&](std::string_view key, std::string_view) -> base::Result<bool> {
                       ids.emplace_back(key.substr(prefix.size()));
                       return ids.size() < limit;
                     });
  if (!listed) return tl::unexpected(listed.error());
  return ids;
}

}  // namespace

base::Result<std::vector<Found<JobStatus>>> Store::statuses(std::span<const std::string_view> ids,
                                                            Reach reach) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return read_many<JobStatus>(*database, Family::kStatus, ids, reach, unpack_status);
}

base::Result<std::vector<Found<OwnedJob>>> Store::live(std::span<const std::string_view> ids,
                                                       Reach reach) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return read_many<OwnedJob>(*database, Family::kLive, ids, reach, own);
}

base::Result<std::vector<Found<OwnedJob>>> Store::details(std::span<const std::string_view> ids,
                                                          Reach reach) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return read_many<OwnedJob>(*database, Family::kDetails, ids, reach, own);
}

base::Result<std::vector<Found<std::string>>> Store::specs(std::span<const std::string_view> ids,
                                                           Reach reach) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return read_many<std::string>(*database, Family::kSpecs, ids, reach, own_text);
}

base::Result<std::vector<std::string>> Store::ids_of(JobSetNumber job_set, std::string_view after,
                                                     std::size_t limit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return list_ids(*database, Family::kByJobSet, job_set_prefix(job_set), after, limit);
}

base::Result<std::vector<std::string>> Store::ids_of_uri(JobSetNumber job_set, std::string_view uri,
                                                         std::string_view after,
                                                         std::size_t limit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return list_ids(*database, Family::kByUri, uri_prefix(job_set, uri), after, limit);
}

base::Status Store::each_live(const EachJob& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return each_job(*database, Family::kLive, visit);
}

base::Status Store::each_details(const EachJob& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return each_job(*database, Family::kDetails, visit);
}

base::Status Store::each_by_job_set(
    const std::function<void(JobSetNumber, std::string_view id)>& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return scan(*database, Family::kByJobSet, "", "",
              [&](std::string_view key, std::string_view) -> base::Result<bool> {
                Unpacker in(key);
                const JobSetNumber number = in.u32();
                visit(number, in.rest());
                return true;
              });
}

base::Status Store::each_by_uri(const std::function<void(JobSetNumber, std::string_view uri,
                                                         std::string_view id)>& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return scan(*database, Family::kByUri, "", "",
              [&](std::string_view key, std::string_view) -> base::Result<bool> {
                Unpacker in(key);
                const JobSetNumber number = in.u32();
                const std::string_view uri = in.text();
                visit(number, uri, in.rest());
                return true;
              });
}

base::Status Store::each_job_set(const std::function<void(JobSetEntry)>& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return scan(*database, Family::kJobSets, "", "",
              [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                base::Result<base::JobSet> name = topics::decode_relay_key(key);
                const std::optional<JobSetState> state = unpack_job_set(value);
                if (!name || !state) {
                  return tl::unexpected(damaged(*database, Family::kJobSets, key).error());
                }
                visit({*std::move(name), *state});
                return true;
              });
}

base::Status Store::each_relay(
    const std::function<void(base::JobSet, std::string_view record)>& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return scan(*database, Family::kRelays, "", "",
              [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                base::Result<base::JobSet> name = topics::decode_relay_key(key);
                if (!name) return tl::unexpected(damaged(*database, Family::kRelays, key).error());
                visit(*std::move(name), value);
                return true;
              });
}

base::Status Store::each_rejected(const std::function<void(const RejectedRecord&)>& visit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  return scan(*database, Family::kRejected, "", "",
              [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                const std::optional<RejectedRecord> record = unpack_rejected(value);
                if (!record) {
                  return tl::unexpected(damaged(*database, Family::kRejected, key).error());
                }
                visit(*record);
                return true;
              });
}

base::Result<std::vector<std::pair<std::string, JobStatus>>> Store::finished_after(
    std::string_view id, std::size_t limit) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  std::vector<std::pair<std::string, JobStatus>> jobs;
  const std::string from = id.empty() ? std::string() : std::string(id).append(1, '\0');
  auto listed = scan(*database, Family::kStatus, from, "",
                     [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                       const std::optional<JobStatus> status = unpack_status(value);
                       if (!status) {
                         return tl::unexpected(damaged(*database, Family::kStatus, key).error());
                       }
                       jobs.emplace_back(key, *status);
                       return jobs.size() < limit;
                     });
  if (!listed) return tl::unexpected(listed.error());
  return jobs;
}

template <typename Value>
base::Result<Value> Store::read_meta(std::string_view key,
                                     std::optional<Value> (*unpack)(std::string_view)) const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  std::string stored;
  const rocksdb::Status read =
      database->db().Get({}, database->handle(Family::kMeta), key, &stored);
  if (read.IsNotFound()) return Value{};
  if (auto ok = database->status(read, "read"); !ok) return tl::unexpected(ok.error());
  std::optional<Value> value = unpack(stored);
  if (!value) return tl::unexpected(damaged(*database, Family::kMeta, key).error());
  return *std::move(value);
}

base::Result<Positions> Store::positions() const {
  return read_meta(kPositionsKey, &unpack_positions);
}

base::Result<base::Time> Store::events_appended() const {
  return read_meta(kEventsAppendedKey, &unpack_time);
}

base::Result<RejectedBounds> Store::rejected_bounds() const {
  const auto database = hold();
  if (database == nullptr) return being_reopened();
  const std::unique_ptr<rocksdb::Iterator> at(
      database->db().NewIterator({}, database->handle(Family::kRejected)));
  RejectedBounds bounds;
  at->SeekToFirst();
  if (at->Valid()) bounds.first = rejected_sequence(view(at->key())).value_or(0);
  at->SeekToLast();
  if (at->Valid()) bounds.next = rejected_sequence(view(at->key())).value_or(0) + 1;
  if (auto ok = database->status(at->status(), "read"); !ok) return tl::unexpected(ok.error());
  return bounds;
}

}  // namespace armada_cache::projector
