// Keeps a folder for one process at a time.
#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace armada_cache::base {

// Held as long as it lives, and no longer than the process does, however that ends. Move-only.
class FolderLock {
 public:
  // Makes the folder where it is missing, and a file LOCK in it, which stays. Does not wait. Errors
  // name the folder and what to do:
  //   kUnavailable         somebody else has it, who may be ending, or the disk has no room
  //   kFailedPrecondition  the folder or the file cannot be made
  static Result<FolderLock> take(const std::filesystem::path& folder);

  FolderLock() = default;  // holds nothing
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int file) : file_(file) {}

  int file_ = -1;
};

}  // namespace armada_cache::base
