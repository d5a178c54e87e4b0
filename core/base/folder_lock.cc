#include "core/base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace armada_cache::base {
namespace {

Error refusal(const std::filesystem::path& folder, int error) {
  const std::string name = "the data folder " + folder.string();
  if (error == EWOULDBLOCK) {
    return {ErrorCode::kUnavailable,
            name +
                " is in use by another process, which may be ending: it is waited for; if both are "
                "to run, give each a 'data-dir' of its own"};
  }
  const std::string why = name + " cannot be used: " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EIO) {
    return {ErrorCode::kUnavailable, why + "; it is tried again"};
  }
  return {ErrorCode::kFailedPrecondition,
          why + "; let this process write there, or name another 'data-dir'"};
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return tl::unexpected(refusal(folder, error.value()));
  FolderLock lock(open((folder / "LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) return tl::unexpected(refusal(folder, errno));
  while (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return tl::unexpected(refusal(folder, errno));
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

}  // namespace armada_cache::base
