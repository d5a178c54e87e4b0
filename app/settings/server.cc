#include "app/settings/server.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {
namespace {

void declare_messages(rpc::ServerSettings& server, base::Settings& settings) {
  settings.add_bytes("max-metadata-bytes", server.max_metadata_bytes, {1 << 10, 1 << 20},
                     "Metadata of one call.");
  settings.add_bytes("max-request-bytes", server.max_receive_bytes, range::kMessageBytes,
                     "Largest request.");
  settings.add_bytes("max-answer-bytes", server.max_send_bytes, range::kMessageBytes,
                     "Largest answer.");
  settings.add_bytes("connection-memory-bytes", server.memory_bytes, {16 << 20, 1LL << 40},
                     "Buffers of all connections; beyond it new ones are refused.");
}

void declare_connections(rpc::ServerSettings& server, base::Settings& settings) {
  settings.add("handshake-timeout", server.handshake_timeout, range::kPace,
               "How long a client may take to begin a connection.");
  settings.add("connection-idle", server.max_connection_idle, range::kPatience,
               "A connection without calls is closed after it.");
  settings.add("connection-age", server.max_connection_age, range::kPatience,
               "A connection is asked to close after it.");
  settings.add("connection-age-grace", server.max_connection_age_grace, range::kPatience,
               "How long calls in flight may take then.");
  settings.add("client-keepalive-time", server.keepalive_time, {1000, 86'400'000},
               "A silent client is asked for a sign of life after it.");
  settings.add("client-keepalive-timeout", server.keepalive_timeout, {100, 3'600'000},
               "How long that sign may take.");
  settings.add("min-client-ping-interval", server.min_client_ping_interval, {0, 3'600'000},
               "A client that pings more often gets a strike.");
  settings.add("max-ping-strikes", server.max_ping_strikes, {1, 1000},
               "Strikes after which a client is disconnected.");
}

void declare_health(rpc::ServerSettings& server, base::Settings& settings) {
  settings.add("max-health-watches", server.max_health_watches, {1, 100'000},
               "Streams of all clients that are told changes of health; more are turned away.");
  settings.add("health-watch-age", server.max_health_watch_age, range::kPatience,
               "Such a stream is ended after it, to be asked for again.");
}

void declare_accepting(rpc::ListenerOptions& listener, base::Settings& settings) {
  settings.add("accept-recount-interval", listener.recount_interval, range::kPace,
               "Where max-connections are open: how often it is looked who has gone.");
  settings.add("accept-recount-share", listener.recount_share, {1, 1000},
               "After such a look there is a pause of so many times what it took.");
  settings.add("accept-report-interval", listener.report_interval, range::kPace,
               "How often the log says that clients cannot connect.");
  settings.add("accept-at-once", listener.taken_at_once, {1, 10'000},
               "Connections accepted in one go.");
  settings.add("accept-error-pause", listener.pause_after_error, range::kPace,
               "Pause after one cannot be accepted, for want of open files say.");
}

void declare_address(rpc::ServerSettings& server, base::Settings& settings) {
  settings.add("grpc-listen", server.listen, "HOST:PORT for clients; port 0 takes a free one.");
  settings.add("tls-certificate-file", server.tls_certificate_file,
               "PEM file of the certificate to serve with, with tls-key-file.");
  settings.add("tls-key-file", server.tls_key_file, "PEM file of the certificate's key.");
  settings.add("max-connections", server.connections.max_connections, {1, 1'000'000},
               "Connections of all clients; at most half of the files that the process may open.");
  settings.add("max-streams", server.max_concurrent_streams, {1, 100'000},
               "Calls that one connection may have in flight.");
}

void declare_calls(rpc::CallServerOptions& options, const ServerKind& kind,
                   base::Settings& settings) {
  settings.add("access", options.access,
               {{"loopback", rpc::Access::kLoopbackOnly}, {"open", rpc::Access::kOpen}},
               "Who may ask: whoever is on this machine, or everybody." + kind.callers);
  settings.add("max-calls", options.max_calls, {1, 1'000'000},
               "Calls of all connections in flight; more are turned away.");
  settings.add(kind.kind + "-threads", options.worker_threads, {1, 256},
               "Threads for calls that one thread cannot answer in passing.");
  settings.add(kind.kind + "-queue", options.worker_queue_limit, {1, 1'000'000},
               "Such calls that wait for a thread; more are turned away.");
  settings.add("call-deadline", options.call_deadline, {10, 600'000},
               "No call takes longer, whatever its client allows.");
}

void declare_rare_calls(rpc::CallServerOptions& options, base::Settings& settings) {
  settings.add("retry-after", options.retry_after, {1, 60'000},
               "When a caller is told to try again that was turned away.");
  settings.add("drain-quiet", options.drain_quiet, {0, 60'000},
               "How long no call must come before a server that drains goes: a round trip to its "
               "clients.");
}

}  // namespace

void declare(rpc::CallServerOptions& options, const ServerKind& kind, base::Settings& settings) {
  settings.section("How it serves");
  declare_address(options.transport, settings);
  declare_calls(options, kind, settings);
  settings.rarely_needed();
  declare_rare_calls(options, settings);
  declare_messages(options.transport, settings);
  declare_connections(options.transport, settings);
  declare_health(options.transport, settings);
  declare_accepting(options.transport.connections, settings);
}

base::Status check(const rpc::CallServerOptions& options) {
  const rpc::ServerSettings& server = options.transport;
  if (!server.listen.starts_with("unix:")) {
    if (auto checked = check_address("grpc-listen", server.listen); !checked) return checked;
  }
  if (server.tls_certificate_file.empty() != server.tls_key_file.empty()) {
    return wrong("settings 'tls-certificate-file' and 'tls-key-file' need each other");
  }
  if (auto found = check_file("tls-certificate-file", server.tls_certificate_file); !found) {
    return found;
  }
  if (auto found = check_file("tls-key-file", server.tls_key_file); !found) return found;
  Order order;
  order.at_most(in_time("drain-quiet", options.drain_quiet),
                in_time("drain-timeout", options.drain_deadline));
  return order.status();
}

}  // namespace armada_cache::app
