// What the operators' HTTP port is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace armada_cache::app {

struct HttpServerOptions {
  std::string listen = "127.0.0.1:60080";  // HOST:PORT; port 0 takes a free one
  std::size_t max_connections = 64;
  std::chrono::milliseconds request_timeout = std::chrono::seconds(10);
};

}  // namespace armada_cache::app
