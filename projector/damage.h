// Whether a database was found to be damaged.
#pragma once

#include <mutex>
#include <string>

namespace armada_cache::projector {

// Stays once it is found: that a part can be read says nothing of the others. Thread-safe.
class Damage {
 public:
  // Of the first one there is one line in the log.
  void note(const std::string& folder, const std::string& why);
  // Empty: none was found.
  std::string why() const;

 private:
  mutable std::mutex mutex_;
  std::string why_;
};

}  // namespace armada_cache::projector
