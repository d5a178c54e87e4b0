// The event stream of one job set, as Armada keeps it: messages in the order of their ids, of which
// the oldest may have been forgotten.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/upstream_id.h"

namespace armada_cache::simulator {

struct MessageId {
  base::UpstreamId id;
  bool last = false;  // of its upstream message

  bool operator==(const MessageId&) const = default;
};

// Thread-safe.
class JobSetStream {
 public:
  // Beyond `max_bytes` the oldest messages are forgotten; 0 = none ever is.
  explicit JobSetStream(std::size_t max_bytes = 0) : max_bytes_(max_bytes) {}

  // Something to be sent. An event is an encoded api.EventMessage, which gets an id; truncated: the
  // same, and its message is cut in half; raw bytes stand in the place of a whole message.
  enum class Form { kEvent, kTruncated, kRaw };
  struct Outgoing {
    std::string bytes;
    Form form = Form::kEvent;
  };
  // Adds one upstream message of these parts. Returns their ids, in order.
  std::vector<MessageId> append(base::Time now, std::vector<Outgoing> parts);
  // Adds a message with an id of its own, verbatim. An id that is not beyond the last one, or none,
  // is replaced (not in the bytes) by the next one possible.
  void append_verbatim(std::optional<MessageId> id, std::string bytes);

  // Where a reader stands: the number of messages before it since the stream began.
  using Offset = std::uint64_t;
  // Just after the message of this id, or after its whole upstream message if it says it is the
  // last; the first that is left if what follows has been forgotten.
  Offset offset_after(MessageId id) const;
  Offset begin_offset() const;
  Offset end_offset() const;

  // Appends to `out` the messages from `offset` up to `end`, at least one if there is any and about
  // `max_bytes` at the most. Returns the offset after them.
  Offset read(Offset offset, Offset end, std::size_t max_bytes,
              std::vector<std::string>& out) const;
  // The message of this id, if it is still there.
  std::optional<std::string> find(base::UpstreamId id) const;

  // Calls `wake` once, from the thread that appends, as soon as there is a message at `offset`.
  // 0 if there already is one: `wake` is then not called. Otherwise a ticket to give up waiting
  // with, after which (but for a call under way) it is not called either.
  using Ticket = std::uint64_t;
  Ticket wait_for(Offset offset, std::function<void()> wake);
  void give_up(Ticket ticket);

  // Forgets all but the last `keep` messages, as if they were too old.
  void trim(std::size_t keep);

  std::vector<MessageId> ids() const;  // of all messages ever, forgotten ones too
  std::size_t bytes() const;           // held now
  std::uint64_t trimmed() const;

  // What readers did: for the account.
  struct Readers {
    std::uint64_t opened = 0;
    std::uint64_t open = 0;
    std::uint64_t most_open = 0;
    std::uint64_t sent = 0;  // messages, repeats included
  };
  void reader_came();
  void reader_went();
  void count_sent(std::uint64_t messages) { sent_.fetch_add(messages, std::memory_order_relaxed); }
  Readers readers() const;

 private:
  base::UpstreamId next_batch(base::Time now) const;
  static std::string encode(MessageId id, Outgoing part);
  void push(MessageId id, std::string bytes);
  void trim_locked(std::size_t keep);
  std::vector<std::function<void()>> take_waiters();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::deque<std::string> messages_;  // the last of ids_
  std::vector<MessageId> ids_;
  std::size_t bytes_ = 0;
  std::map<Ticket, std::function<void()>> waiters_;
  Ticket last_ticket_ = 0;
  Readers readers_;
  std::atomic<std::uint64_t> sent_ = 0;
};

}  // namespace armada_cache::simulator
