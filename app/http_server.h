// The operators' HTTP port: /livez, /readyz and /metrics, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/settings/http.h"
#include "core/base/error.h"

namespace armada_cache::app {

struct HttpHandlers {
  std::function<base::Status()> ready;   // an error's message is the body of a 503
  std::function<std::string()> metrics;  // Prometheus's text format
};

// Runs on one thread of its own, on which the handlers are called. Not for use from several
// threads.
class HttpServer {
 public:
  // kInvalidArgument: `listen` is no address; kUnavailable: it cannot be listened on.
  static base::Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options,
                                                         HttpHandlers handlers);
  ~HttpServer();  // closes what is open

  std::uint16_t port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::app
