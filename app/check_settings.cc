#include "app/standalone_settings.h"
#include "core/base/address.h"

namespace armada_cache::app {
namespace {

base::Status wrong(std::string message) {
  return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

base::Status check_address(const char* setting, const std::string& value) {
  const auto address = base::parse_address(value);
  if (address) return {};
  return wrong("setting '" + std::string(setting) + "': " + address.error().message);
}

base::Status check_addresses(const StandaloneSettings& values) {
  if (values.armada.empty()) return wrong("setting 'armada' is not set; it must be HOST:PORT");
  if (values.data_dir.empty()) return wrong("setting 'data-dir' is not set; it must be a folder");
  if (auto checked = check_address("armada", values.armada); !checked) return checked;
  if (auto checked = check_address("http-listen", values.http_listen); !checked) return checked;
  if (values.grpc_listen.starts_with("unix:")) return {};
  return check_address("grpc-listen", values.grpc_listen);
}

base::Status check_credentials(const StandaloneSettings& values) {
  if (values.armada_user.empty() != values.armada_password_file.empty()) {
    return wrong("settings 'armada-user' and 'armada-password-file' need each other");
  }
  if (!values.armada_user.empty() && !values.armada_token_file.empty()) {
    return wrong("settings 'armada-user' and 'armada-token-file' exclude each other");
  }
  if (values.tls_certificate_file.empty() != values.tls_key_file.empty()) {
    return wrong("settings 'tls-certificate-file' and 'tls-key-file' need each other");
  }
  return {};
}

std::int64_t number(std::int64_t value) {
  return value;
}
std::int64_t number(std::chrono::milliseconds value) {
  return value.count();
}
std::int64_t number(base::Bytes value) {
  return static_cast<std::int64_t>(value.count);
}

template <typename Value>
struct Named {
  const char* setting;
  const Value& value;
};

// Keeps the first one that is wrong.
class Order {
 public:
  template <typename Value>
  void at_most(Named<Value> smaller, Named<Value> larger) {
    if (!status_ || number(smaller.value) <= number(larger.value)) return;
    status_ = wrong("setting '" + std::string(smaller.setting) + "' is " +
                    base::text_of(smaller.value) + "; allowed: at most '" + larger.setting +
                    "', which is " + base::text_of(larger.value));
  }
  base::Status status() { return std::move(status_); }

 private:
  base::Status status_;
};

base::Status check_order(const StandaloneSettings& values) {
  using Time = Named<std::chrono::milliseconds>;
  using Bytes = Named<base::Bytes>;
  using Count = Named<std::int64_t>;
  Order order;
  const Time max_lease{"max-lease", values.max_lease};
  order.at_most(Time{"lease", values.lease}, max_lease);
  order.at_most(Time{"poll-lease", values.poll_lease}, max_lease);
  order.at_most(Time{"certainty-wait", values.certainty_wait},
                Time{"call-deadline", values.call_deadline});
  order.at_most(Time{"retry-first", values.rare.retry_first}, Time{"retry-max", values.retry_max});
  order.at_most(Time{"projector-retry-first", values.rare.projector_retry_first},
                Time{"projector-retry-max", values.rare.projector_retry_max});
  order.at_most(Time{"park-after", values.park_after},
                Time{"park-unsure-after", values.rare.park_unsure_after});
  const Bytes relay_buffer{"relay-buffer-bytes", values.relay_buffer_bytes};
  order.at_most(Bytes{"relay-read-ahead-bytes", values.rare.relay_read_ahead_bytes}, relay_buffer);
  order.at_most(relay_buffer, Bytes{"relay-buffer-bytes-total", values.relay_buffer_bytes_total});
  const Bytes log_queue{"log-queue-bytes", values.rare.log_queue_bytes};
  order.at_most(Bytes{"log-write-bytes", values.rare.log_write_bytes}, log_queue);
  // What the relays may hold at once must find room in line, or the log refuses it under load.
  order.at_most(Bytes{"relay-buffer-bytes-total", values.relay_buffer_bytes_total}, log_queue);
  order.at_most(Time{"relay-record-retry", values.rare.relay_record_retry},
                Time{"log-doubt-after-failure", values.rare.log_doubt_after_failure});
  order.at_most(Count{"default-page-size", values.rare.default_page_size},
                Count{"max-page-size", values.rare.max_page_size});
  order.at_most(Count{"sweep-delete", values.rare.sweep_delete},
                Count{"sweep-scan", values.rare.sweep_scan});
  return order.status();
}

// An append that is larger than the whole queue would be refused for ever.
base::Status check_log_queue(const StandaloneSettings& values) {
  const base::Bytes least{values.relay_buffer_bytes.count + values.armada_max_message_bytes.count};
  if (values.rare.log_queue_bytes.count >= least.count) return {};
  return wrong("setting 'log-queue-bytes' is " + base::text_of(values.rare.log_queue_bytes) +
               "; allowed: at least 'relay-buffer-bytes' and 'armada-max-message-bytes' together, "
               "which are " +
               base::text_of(least));
}

}  // namespace

base::Status check(const StandaloneSettings& values) {
  for (const auto step : {check_addresses, check_credentials, check_order, check_log_queue}) {
    if (auto checked = step(values); !checked) return checked;
  }
  return {};
}

}  // namespace armada_cache::app
