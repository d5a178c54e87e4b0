// One connection to Armada: who shares it, and whether it still lives.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace grpc {
class Channel;
}

namespace armada_cache::ingest {

// A connection that dies without a word carries nothing and is not closed either. So Armada is
// asked for its health each `interval`; where neither the answer nor anything else comes within
// `timeout`, the connection counts as dead. Any answer is one: also that it does not know the call.
struct ProbeTimes {
  base::Duration interval = std::chrono::seconds(1);
  base::Duration timeout = std::chrono::seconds(2);
};

// Told when its connection is dead; not destroyed before it has left.
class Passenger {
 public:
  virtual void on_dead(const base::Error& why) = 0;

 protected:
  ~Passenger() = default;
};

// Used on the relays' thread, where nothing else is said.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Runs something later on the relays' thread. From any thread.
  using Post = std::function<void(std::function<void()>)>;

  // Room for one stream, given up with its last copy. Any thread.
  class Seat {
   public:
    void received() { ++*count_; }

   private:
    friend Connection;
    explicit Seat(std::shared_ptr<std::atomic<std::uint64_t>> count) : count_(std::move(count)) {}
    std::shared_ptr<std::atomic<std::uint64_t>> count_;
  };

  Connection(std::shared_ptr<grpc::Channel> channel, std::string target, base::Duration timeout,
             Post post);
  ~Connection();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Seat seat() const { return Seat(received_); }
  std::size_t seats_taken() const { return static_cast<std::size_t>(received_.use_count()) - 1; }

  void enter(Passenger& passenger) { passengers_.insert(&passenger); }
  void leave(Passenger& passenger) { passengers_.erase(&passenger); }

  // Asks Armada for its health, unless it is being asked, nobody is there or there is no connection
  // yet. `authorization`: the header's value, or empty.
  void probe(base::Time now, const std::string& authorization);
  // Whatever Armada had sent by then has come; the epoch where that is not known.
  base::Time alive_at() const { return alive_at_; }
  bool is_dead() const { return dead_; }

 private:
  struct Probe;
  struct Outcome {
    base::Time sent;
    bool answered = false;
    bool late = false;
    bool received = false;  // something else came meanwhile
  };

  void on_probed(const Outcome& outcome);
  void die();

  const std::shared_ptr<grpc::Channel> channel_;
  const std::string target_;
  const base::Duration timeout_;
  const Post post_;
  std::shared_ptr<std::atomic<std::uint64_t>> received_;  // its owners are the seats, and this
  std::set<Passenger*> passengers_;
  std::shared_ptr<Probe> probe_;  // under way
  base::Time alive_at_;
  bool dead_ = false;
};

}  // namespace armada_cache::ingest
