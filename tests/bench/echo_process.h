// A bare echo server in a process of its own: servers in one process share gRPC's poller, and would
// slow each other down.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "tests/support/process.h"

namespace armada_cache::bench {

// "polling": one completion queue with one polling thread; "callback": gRPC's callback API.
class EchoProcess {
 public:
  // Answers as a call for so many ids is answered. Output goes to files in `folder`. kUnavailable.
  static base::Result<std::unique_ptr<EchoProcess>> start(const std::string& kind, int ids,
                                                          const std::filesystem::path& folder);

  const std::string& address() const { return address_; }
  pid_t pid() const { return process_->pid(); }

 private:
  EchoProcess() = default;
  std::unique_ptr<test_support::Process> process_;
  std::string address_;
};

// The body of that process: prints its address and serves until it is ended.
int echo_main(const std::string& kind, int ids);

}  // namespace armada_cache::bench
