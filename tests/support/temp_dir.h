// A folder of a test's own, removed with all it holds when the object goes.
#pragma once

#include <filesystem>

namespace armada_cache::test_support {

class TempDir {
 public:
  // Throws std::filesystem::filesystem_error when no folder can be made: the test cannot run.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace armada_cache::test_support
