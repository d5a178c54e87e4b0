// `armada-cache standalone` as tests run it: on free ports, over a data folder of the test's.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace armada_cache::test_support {

struct CacheOptions {
  std::string armada = "127.0.0.1:1";  // nothing listens there
  std::filesystem::path data_dir;
  std::filesystem::path output_folder;  // where standard output and error go
  std::vector<std::string> more{};      // further arguments, such as "--partitions=4"
  std::map<std::string, std::string> environment{};
  std::uint64_t max_file_bytes = 0;
};

// Where the program is: beside the tests, unless it is named in ARMADA_CACHE_BIN_DIR.
std::filesystem::path program(const std::string& name);

// Started but perhaps not ready, or already ended: for tests of what cannot start.
std::unique_ptr<Process> launch_cache(const CacheOptions& options);

// A cache that is ready. Throws std::runtime_error with its standard error when it does not become
// so in time: the test cannot run.
class CacheProcess {
 public:
  explicit CacheProcess(const CacheOptions& options,
                        std::chrono::milliseconds deadline = std::chrono::seconds(60));

  Process& process() { return *process_; }
  const std::string& grpc_address() const { return grpc_address_; }
  const std::string& http_address() const { return http_address_; }

  // SIGTERM, and how it ended within the deadline.
  std::optional<ExitStatus> stop(std::chrono::milliseconds deadline = std::chrono::seconds(30));
  // SIGKILL, and gone when this returns.
  void kill();

 private:
  std::unique_ptr<Process> process_;
  std::string grpc_address_;
  std::string http_address_;
};

// The addresses (HOST:PORT) that a ready line names, in its order.
std::vector<std::string> addresses_in(const std::string& line);

}  // namespace armada_cache::test_support
