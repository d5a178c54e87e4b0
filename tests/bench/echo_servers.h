// The ceilings of lookups: servers that do nothing but answer bytes of the right size.
#pragma once

#include <memory>
#include <string>

namespace armada_cache::bench {

// Serves until destroyed.
class EchoServer {
 public:
  virtual ~EchoServer() = default;
  virtual std::string address() const = 0;
};

// The encoded api.JobStatusResponse that a call for so many ids is answered with.
std::string echo_answer(int ids);

// gRPC's callback API, on gRPC's own threads.
std::unique_ptr<EchoServer> start_callback_echo(const std::string& answer);

// One completion queue with one polling thread.
std::unique_ptr<EchoServer> start_polling_echo(const std::string& answer);

}  // namespace armada_cache::bench
