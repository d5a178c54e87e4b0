#include "tests/support/tier_process.h"

#include <stdexcept>

#include "tests/support/cache_process.h"

namespace armada_cache::test_support {
namespace {

Command command_of(const TierOptions& options) {
  Command command{
      program("armada-cache"), {options.command, "--http-listen=" + options.http_listen}, {}};
  if (options.command != "ingest") command.arguments.emplace_back("--grpc-listen=127.0.0.1:0");
  command.arguments.insert(command.arguments.end(), options.arguments.begin(),
                           options.arguments.end());
  return command;
}

}  // namespace

TierProcess::TierProcess(const TierOptions& options)
    : process_(command_of(options), options.output_folder) {}

void TierProcess::wait_until_ready(std::chrono::milliseconds deadline) {
  const auto ready = process_.wait_for_line("ready", deadline);
  addresses_ = addresses_in(ready.value_or(""));
  if (addresses_.empty()) {
    throw std::runtime_error("armada-cache is not ready (" +
                             to_text(process_.wait_for_exit(std::chrono::milliseconds(0))) +
                             "): " + process_.standard_error());
  }
}

}  // namespace armada_cache::test_support
