// `armada-cache COMMAND` as tests run it, where CacheProcess runs the whole cache.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace armada_cache::test_support {

struct TierOptions {
  std::string command;  // ingest, projector or query
  std::vector<std::string> arguments{};
  std::filesystem::path output_folder;
  std::string http_listen = "127.0.0.1:0";
};

// Started on free ports, but perhaps not ready, or already ended.
class TierProcess {
 public:
  explicit TierProcess(const TierOptions& options);

  // Throws std::runtime_error with its standard error when it does not become ready in time: the
  // test cannot run.
  void wait_until_ready(std::chrono::milliseconds deadline = std::chrono::seconds(60));

  Process& process() { return process_; }
  // Once it is ready.
  const std::string& grpc_address() const { return addresses_.front(); }
  const std::string& http_address() const { return addresses_.back(); }

 private:
  Process process_;
  std::vector<std::string> addresses_;
};

}  // namespace armada_cache::test_support
