// One connection to Armada: who shares it, and whether it still lives.
#pragma once

#include <chrono>
#include <cstddef>
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
// After half of the timeout it is asked once more, so that a pause of this process, however long,
// is not taken for the other's silence.
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

// Used on the relays' thread, where nothing else is said. Its destructor waits until gRPC is done
// with its calls, all of which must have been cancelled: the thread that runs gRPC's callbacks may
// not be the one that drops the last channel, as it would then wait for itself.
class Connection : public std::enable_shared_from_this<Connection> {
  struct Load;

 public:
  // Runs something later on the relays' thread. From any thread.
  using Post = std::function<void(std::function<void()>)>;

  // Kept by a call until it no longer needs the channel. Any thread.
  class Seat {
   public:
    enum class Kind { kStream, kProbe };
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat();

    // Something came from Armada.
    void received() const;

   private:
    friend Connection;
    Seat(std::shared_ptr<Load> load, Kind kind);
    const std::shared_ptr<Load> load_;
    const Kind kind_;
  };

  Connection(std::shared_ptr<grpc::Channel> channel, std::string target, base::Duration timeout,
             Post post);
  ~Connection();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // For a stream.
  Seat seat() const { return {load_, Seat::Kind::kStream}; }
  // By streams.
  std::size_t seats_taken() const;

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
    base::Time asked;
    bool answered = false;
    bool late = false;
    bool received = false;  // something else came meanwhile
  };

  void ask(base::Time now);
  void on_probed(const Outcome& outcome);
  void die();

  const std::shared_ptr<grpc::Channel> channel_;
  const std::string target_;
  const base::Duration timeout_;
  const Post post_;
  const std::shared_ptr<Load> load_;
  std::set<Passenger*> passengers_;
  std::shared_ptr<Probe> probe_;  // under way
  std::string authorization_;     // of the last probe
  bool asked_again_ = false;
  base::Time alive_at_;
  bool dead_ = false;
};

}  // namespace armada_cache::ingest
