#include "tests/bench/echo_process.h"

#include <unistd.h>

#include <iostream>

#include "core/rpc/library_locks.h"
#include "tests/bench/echo_servers.h"

namespace armada_cache::bench {

base::Result<std::unique_ptr<EchoProcess>> EchoProcess::start(const std::string& kind, int ids,
                                                              const std::filesystem::path& folder) {
  test_support::Command command;
  command.program = "/proc/self/exe";
  command.arguments = {"echo", kind, std::to_string(ids)};
  std::unique_ptr<EchoProcess> echo(new EchoProcess());
  echo->process_ = std::make_unique<test_support::Process>(command, folder);
  const auto address = echo->process_->wait_for_line(":", std::chrono::seconds(20));
  if (!address) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "no echo server: " + echo->process_->standard_error());
  }
  echo->address_ = *address;
  return echo;
}

// As quick as gRPC can be made here.
int echo_main(const std::string& kind, int ids) {
  rpc::spare_library_lock_checks();
  const auto server = kind == "polling" ? start_polling_echo(echo_answer(ids))
                                        : start_callback_echo(echo_answer(ids));
  std::cout << server->address() << std::endl;
  for (;;) pause();
}

}  // namespace armada_cache::bench
