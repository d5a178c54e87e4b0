// What every test of a whole cache begins with: a folder of its own and the options to start one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/cache_client.h"
#include "tests/support/cache_process.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::test_support {

class EndToEnd : public testing::Test {
 protected:
  // Long enough for a busy machine and a sanitized build: only a failure ever waits so long.
  static constexpr std::chrono::seconds kLong{60};

  std::filesystem::path data_dir() const { return folder_.path() / "data"; }
  CacheOptions options(const std::string& armada, std::vector<std::string> more = {}) const {
    CacheOptions options;
    options.armada = armada;
    options.data_dir = data_dir();
    options.output_folder = folder_.path();
    options.more = std::move(more);
    return options;
  }
  // A cache whose Armada is not there.
  CacheOptions alone(std::vector<std::string> more = {}) const {
    return options("127.0.0.1:1", std::move(more));
  }

  TempDir folder_;
};

}  // namespace armada_cache::test_support
