#include "ingest/outbox.h"

#include <utility>

namespace armada_cache::ingest {

void Outbox::add(eventlog::Partition to, eventlog::Record record, std::string_view id,
                 std::size_t cost) {
  pending_[to].push_back(std::move(record));
  pending_cost_ += cost;
  if (!id.empty()) last_read_ = id;
}

std::optional<Outbox::Group> Outbox::take() {
  if (in_flight_ || pending_.empty()) return std::nullopt;
  in_flight_ = InFlight{.number = ++groups_,
                        .missing_parts = pending_.size(),
                        .cost = std::exchange(pending_cost_, 0),
                        .last_id = last_read_,
                        .abandoned = false,
                        .error = std::nullopt};
  return Group{in_flight_->number, std::exchange(pending_, {})};
}

Outbox::Outcome Outbox::report(std::uint64_t group, const base::Status& status) {
  if (!in_flight_ || in_flight_->number != group) return {};
  if (!status && !in_flight_->error) in_flight_->error = status.error();
  if (--in_flight_->missing_parts > 0) return {};
  InFlight done = std::move(*in_flight_);
  in_flight_.reset();
  Outcome outcome{.released = done.cost, .moved = false, .error = std::nullopt};
  if (done.abandoned) {
    outcome.moved = is_settled();
  } else if (done.error) {
    outcome.released += restart(cursor_);
    outcome.error = std::move(done.error);
  } else {
    cursor_ = std::move(done.last_id);
    outcome.moved = true;
  }
  return outcome;
}

std::size_t Outbox::restart(std::string cursor) {
  pending_.clear();
  if (in_flight_) in_flight_->abandoned = true;
  last_read_ = cursor;
  cursor_ = std::move(cursor);
  return std::exchange(pending_cost_, 0);
}

}  // namespace armada_cache::ingest
