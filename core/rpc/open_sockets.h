// Counts sockets that were handed to somebody who closes them without telling.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <unordered_map>

namespace armada_cache::rpc {

// A socket is known by its number and the inode behind it: once it is closed the number is free or
// belongs to another file. So nothing must be kept open in order to count. Not thread-safe.
class OpenSockets {
 public:
  // Open, and not handed over yet.
  void add(int socket);
  // No fewer than are open.
  std::size_t at_most() const { return inodes_.size(); }
  // Looks at each, a microsecond or less apiece; at_most() is exact then.
  void recount();

 private:
  std::unordered_map<int, ino_t> inodes_;
};

}  // namespace armada_cache::rpc
