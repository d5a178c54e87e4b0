// One HTTP GET, for /livez, /readyz and /metrics.
#pragma once

#include <string>

namespace armada_cache::test_support {

struct HttpAnswer {
  int status = 0;  // 0: no answer; `body` then says why
  std::string body;
};

// `address` is HOST:PORT. Waits for at most 10 s.
HttpAnswer http_get(const std::string& address, const std::string& target);

// The value of the sample `name` (with its labels, as written) in a scrape; -1 where there is none.
double metric(const std::string& scrape, const std::string& name);
// The sum of all samples of that name, whatever their labels; 0 where there is none.
double metric_sum(const std::string& scrape, const std::string& name);

}  // namespace armada_cache::test_support
