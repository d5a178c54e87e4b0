// Who calls, and what they may do with which queue.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "tests/simulator/options.h"

namespace armada_cache::simulator {

// Immutable, so thread-safe.
class Credentials {
 public:
  explicit Credentials(const std::vector<UserOptions>& users);

  // The name of the caller with this `authorization` metadata (empty = none was sent): "anonymous"
  // where no users are set. kUnauthenticated otherwise.
  base::Result<std::string> authenticate(std::string_view authorization) const;

 private:
  std::map<std::string, std::string> users_by_header_;
};

struct Permission {
  struct Subject {
    std::string kind;  // "User" or "Group"
    std::string name;
  };
  std::vector<Subject> subjects;
  std::vector<std::string> verbs;
};

struct Queue {
  std::string name;
  double priority_factor = 1;
  std::vector<std::string> user_owners;
  std::vector<std::string> group_owners;
  std::vector<Permission> permissions;
  bool open = false;  // everybody may do everything
};

// Thread-safe.
class Queues {
 public:
  // False if there is one of this name.
  bool add(const Queue& queue);
  std::optional<Queue> find(const std::string& name) const;
  // Verbs: submit, cancel, preempt, reprioritize, watch. False too where there is no such queue.
  bool may(const std::string& user, const std::string& verb, const std::string& queue) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Queue> queues_;
};

Queue queue_from(const QueueOptions& options);

}  // namespace armada_cache::simulator
