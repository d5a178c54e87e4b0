#include "core/rpc/open_sockets.h"

#include <sys/stat.h>

#include <optional>

namespace armada_cache::rpc {
namespace {

std::optional<ino_t> inode_of(int socket) {
  struct stat about {};
  if (fstat(socket, &about) != 0 || !S_ISSOCK(about.st_mode)) return std::nullopt;
  return about.st_ino;
}

}  // namespace

void OpenSockets::add(int socket) {
  if (const auto inode = inode_of(socket)) inodes_.insert_or_assign(socket, *inode);
}

void OpenSockets::recount() {
  std::erase_if(inodes_, [](const auto& entry) { return inode_of(entry.first) != entry.second; });
}

}  // namespace armada_cache::rpc
