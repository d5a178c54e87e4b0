#include "app/settings/lookups.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "app/settings/server.h"

namespace armada_cache::app {
namespace {

void declare_routing(query::RoutingOptions& routing, base::Settings& settings) {
  settings.add("hedge-after", routing.hedge_after, {1, 600'000},
               "After so long another projector with the same partition is asked as well.");
  settings.add("lookup-give-up-after", routing.give_up_after, {10, 600'000},
               "How long projectors are asked at all.");
  settings.add("lookup-timer-interval", routing.timer_interval, {1, 1000},
               "How often it is looked which lookups have waited so long.");
  settings.add("projector-cool-off", routing.cool_off, {0, 600'000},
               "How long a projector that failed or was slow is asked last.");
  settings.add("projector-away-after", routing.away_after, range::kPatience,
               "Where no projector could be reached for so long, query is not ready; not less than "
               "their group-session-timeout.");
  settings.add("lookup-attempts", routing.attempts_max, {1, 100}, "Attempts for one lookup.");
}

void declare_connections(rpc::ChannelOptions& channel, base::Settings& settings) {
  settings.add_bytes("max-lookup-answer-bytes", channel.max_receive_bytes, range::kMessageBytes,
                     "Largest answer taken from a projector.");
  settings.add_bytes("lookup-window-bytes", channel.stream_window_bytes, range::kMessageBytes,
                     "What HTTP/2 may hold of one answer before it is read.");
  settings.add("projector-connect-timeout", channel.connect_timeout, {100, 600'000},
               "How long a connection to a projector may take to come about.");
  settings.add("projector-reconnect-max", channel.max_reconnect_backoff, {100, 600'000},
               "Longest pause before a lost connection is made again.");
  settings.add("projector-keepalive-time", channel.keepalive_time, {10'000, 3'600'000},
               "How often a connection in use is asked for a sign of life; not less than the "
               "projectors' min-client-ping-interval.");
  settings.add("projector-keepalive-timeout", channel.keepalive_timeout, {100, 600'000},
               "How long that sign may take before the connection counts as dead.");
}

void declare_calls(query::RemoteOptions& remote, base::Settings& settings) {
  settings.add("lookup-call-timeout", remote.call_timeout, {10, 600'000},
               "How long one projector may take.");
  settings.add("lookup-calls", remote.calls_max, {1, 100'000},
               "Calls to one projector under way; with gather-batches less than its max-streams.");
  settings.add("gathered-ids", remote.gathered_ids_max, {0, 500},
               "Lookups of more jobs go to a projector by themselves.");
  settings.add("gather-batches", remote.gathering.batches_max, {1, 1000},
               "Calls with gathered lookups under way to one projector.");
  settings.add("gather-batch", remote.gathering.batch_max, {1, 100'000},
               "Lookups gathered in one call.");
  settings.add("gather-waiting", remote.gathering.waiting_max, {1, 1'000'000},
               "Lookups that wait to be gathered; more are turned away.");
}

}  // namespace

void declare(projector::LookupServerOptions& options, base::Settings& settings) {
  declare(options.server,
          {"lookup", " Only for query processes: nobody asks here what a caller may see."},
          settings);
  settings.rarely_needed();
  settings.add("inline-ids", options.methods.inline_ids, {0, 500},
               "Lookups of more jobs go to the threads of lookup-threads.");
  settings.add("status-slots", options.methods.status_slots, {1, 100'000},
               "Lookups that may arrive at once.");
}

void declare(query::RoutingOptions& routing, query::RemoteOptions& remote,
             base::Settings& settings) {
  settings.section("How to reach projectors");
  settings.add("projector-tls", remote.channel.tls, "Whether connections to them are encrypted.");
  settings.add("projector-ca-file", remote.channel.ca_file,
               "PEM file of the CAs to trust; empty: the system's.");
  settings.rarely_needed();
  declare_routing(routing, settings);
  declare_connections(remote.channel, settings);
  declare_calls(remote, settings);
}

base::Status check(const query::RemoteOptions& remote) {
  return check_file("projector-ca-file", remote.channel.ca_file);
}

}  // namespace armada_cache::app
