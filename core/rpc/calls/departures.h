// Answers on their way out while the server drains.
//
// Once all clients are asked to leave, gRPC closes a connection the moment its last call is
// answered. If the client happens to write just then, the kernel resets the connection and drops
// what it has not sent yet, answers included. So answers leave a few at a time, and a connection's
// last one when the others are surely gone.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace armada_cache::rpc {

class Call;

// Not thread-safe.
class Departures {
 public:
  void add(std::string connection, std::shared_ptr<Call> answered) {
    waiting_[std::move(connection)].push_back(std::move(answered));
  }

  bool empty() const { return waiting_.empty(); }

  // What may leave in this turn. Turns are far enough apart for the kernel to send what left
  // before.
  std::vector<std::shared_ptr<Call>> next_turn();
  // All at once.
  std::vector<std::shared_ptr<Call>> everything();

 private:
  std::map<std::string, std::deque<std::shared_ptr<Call>>> waiting_;  // by connection, never empty
};

}  // namespace armada_cache::rpc
