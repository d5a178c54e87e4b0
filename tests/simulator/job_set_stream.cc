#include "tests/simulator/job_set_stream.h"

#include <algorithm>

#include "tests/simulator/ids.h"
#include "tests/simulator/wire.h"

namespace armada_cache::simulator {
namespace {

bool id_is_less(const MessageId& a, const MessageId& b) {
  return a.id < b.id;
}

}  // namespace

std::vector<MessageId> JobSetStream::append(base::Time now, std::vector<Outgoing> parts) {
  std::vector<std::function<void()>> woken;
  std::vector<MessageId> given;
  given.reserve(parts.size());
  {
    const std::lock_guard lock(mutex_);
    base::UpstreamId id = next_batch(now);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      id.index = i;
      given.push_back({id, i + 1 == parts.size()});
      push(given.back(), encode(given.back(), std::move(parts[i])));
    }
    woken = take_waiters();
  }
  for (const auto& wake : woken) wake();
  return given;
}

void JobSetStream::append_verbatim(std::optional<MessageId> id, std::string bytes) {
  std::vector<std::function<void()>> woken;
  {
    const std::lock_guard lock(mutex_);
    if (!id || (!ids_.empty() && id->id <= ids_.back().id)) {
      id = ids_.empty() ? MessageId{} : ids_.back();
      ++id->id.index;
    }
    push(*id, std::move(bytes));
    woken = take_waiters();
  }
  for (const auto& wake : woken) wake();
}

JobSetStream::Offset JobSetStream::offset_after(MessageId id) const {
  const std::lock_guard lock(mutex_);
  if (id.last) id.id.index = UINT64_MAX;
  const auto after = std::upper_bound(ids_.begin(), ids_.end(), id, id_is_less);
  const auto offset = static_cast<Offset>(after - ids_.begin());
  return std::max<Offset>(offset, ids_.size() - messages_.size());
}

JobSetStream::Offset JobSetStream::begin_offset() const {
  const std::lock_guard lock(mutex_);
  return ids_.size() - messages_.size();
}

JobSetStream::Offset JobSetStream::end_offset() const {
  const std::lock_guard lock(mutex_);
  return ids_.size();
}

JobSetStream::Offset JobSetStream::read(Offset offset, Offset end, std::size_t max_bytes,
                                        std::vector<std::string>& out) const {
  const std::lock_guard lock(mutex_);
  const Offset first = ids_.size() - messages_.size();
  offset = std::max(offset, first);
  end = std::min<Offset>(end, ids_.size());
  for (std::size_t taken = 0; offset < end && taken < max_bytes; ++offset) {
    out.push_back(messages_[offset - first]);
    taken += out.back().size();
  }
  return offset;
}

std::optional<std::string> JobSetStream::find(base::UpstreamId id) const {
  const std::lock_guard lock(mutex_);
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), MessageId{id}, id_is_less);
  if (at == ids_.end() || at->id != id) return std::nullopt;
  const auto offset = static_cast<std::size_t>(at - ids_.begin());
  const std::size_t first = ids_.size() - messages_.size();
  if (offset < first) return std::nullopt;
  return messages_[offset - first];
}

JobSetStream::Ticket JobSetStream::wait_for(Offset offset, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  if (offset < ids_.size()) return 0;
  waiters_.emplace(++last_ticket_, std::move(wake));
  return last_ticket_;
}

void JobSetStream::give_up(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(ticket);
}

void JobSetStream::trim(std::size_t keep) {
  const std::lock_guard lock(mutex_);
  trim_locked(keep);
}

std::vector<MessageId> JobSetStream::ids() const {
  const std::lock_guard lock(mutex_);
  return ids_;
}

std::size_t JobSetStream::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t JobSetStream::trimmed() const {
  return begin_offset();
}

void JobSetStream::reader_came() {
  const std::lock_guard lock(mutex_);
  ++readers_.opened;
  readers_.most_open = std::max(readers_.most_open, ++readers_.open);
}

void JobSetStream::reader_went() {
  const std::lock_guard lock(mutex_);
  --readers_.open;
}

JobSetStream::Readers JobSetStream::readers() const {
  const std::lock_guard lock(mutex_);
  Readers readers = readers_;
  readers.sent = sent_.load(std::memory_order_relaxed);
  return readers;
}

base::UpstreamId JobSetStream::next_batch(base::Time now) const {
  const base::UpstreamId id{static_cast<std::uint64_t>(base::to_unix_millis(now)), 0, 0};
  if (ids_.empty() || id.millis > ids_.back().id.millis) return id;
  return {ids_.back().id.millis, ids_.back().id.sequence + 1, 0};
}

std::string JobSetStream::encode(MessageId id, Outgoing part) {
  if (part.form == Form::kRaw) return std::move(part.bytes);
  std::string message = encode_stream_message(to_text(id.id, id.last), part.bytes);
  if (part.form == Form::kTruncated) message.resize(message.size() / 2);
  return message;
}

void JobSetStream::push(MessageId id, std::string bytes) {
  bytes_ += bytes.size();
  ids_.push_back(id);
  messages_.push_back(std::move(bytes));
  while (max_bytes_ > 0 && bytes_ > max_bytes_ && messages_.size() > 1) {
    trim_locked(messages_.size() - 1);
  }
}

void JobSetStream::trim_locked(std::size_t keep) {
  while (messages_.size() > keep) {
    bytes_ -= messages_.front().size();
    messages_.pop_front();
  }
}

std::vector<std::function<void()>> JobSetStream::take_waiters() {
  std::vector<std::function<void()>> taken;
  taken.reserve(waiters_.size());
  for (auto& [ticket, wake] : waiters_) taken.push_back(std::move(wake));
  waiters_.clear();
  return taken;
}

}  // namespace armada_cache::simulator
