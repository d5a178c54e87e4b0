#include "tests/support/cache_process.h"

#include <csignal>
#include <cstdlib>
#include <regex>
#include <stdexcept>

namespace armada_cache::test_support {

std::filesystem::path program(const std::string& name) {
  const char* const folder = std::getenv("ARMADA_CACHE_BIN_DIR");
  return std::filesystem::path(folder != nullptr ? folder : TEST_BIN_DIR) / name;
}

std::unique_ptr<Process> launch_cache(const CacheOptions& options) {
  Command command;
  command.program = program("armada-cache");
  command.arguments = {"standalone", "--armada=" + options.armada,
                       "--data-dir=" + options.data_dir.string(), "--grpc-listen=127.0.0.1:0",
                       "--http-listen=127.0.0.1:0"};
  command.arguments.insert(command.arguments.end(), options.more.begin(), options.more.end());
  command.environment = options.environment;
  command.max_file_bytes = options.max_file_bytes;
  return std::make_unique<Process>(command, options.output_folder);
}

CacheProcess::CacheProcess(const CacheOptions& options, std::chrono::milliseconds deadline)
    : process_(launch_cache(options)) {
  const auto ready = process_->wait_for_line("ready", deadline);
  const std::vector<std::string> addresses = addresses_in(ready.value_or(""));
  if (addresses.size() < 2) {
    throw std::runtime_error("armada-cache is not ready (" +
                             to_text(process_->wait_for_exit(std::chrono::milliseconds(0))) +
                             "): " + ready.value_or("") + process_->standard_error());
  }
  grpc_address_ = addresses[0];
  http_address_ = addresses[1];
}

std::optional<ExitStatus> CacheProcess::stop(std::chrono::milliseconds deadline) {
  process_->send(SIGTERM);
  return process_->wait_for_exit(deadline);
}

void CacheProcess::kill() {
  process_->send(SIGKILL);
  process_->wait_for_exit(std::chrono::seconds(30));
}

std::vector<std::string> addresses_in(const std::string& line) {
  static const std::regex kAddress(R"((\d+\.\d+\.\d+\.\d+:\d+))");
  std::vector<std::string> found;
  for (std::sregex_iterator match(line.begin(), line.end(), kAddress), end; match != end; ++match) {
    found.push_back(match->str());
  }
  return found;
}

}  // namespace armada_cache::test_support
