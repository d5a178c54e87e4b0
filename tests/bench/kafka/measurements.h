// What is measured of the tiers as processes of their own over a real Kafka.
#pragma once

#include "tests/bench/context.h"

namespace armada_cache::bench {

// Events a second from a simulated Armada through one ingest into Kafka, beside a bare producer.
Figures measure_relay(const Context& context);
// Events a second that one projector applies from Kafka, beside a bare consumer.
Figures measure_kafka_projection(const Context& context);
// Lookups through a query process that asks a projector process, beside bare echo servers.
Figures measure_tiers_lookups(const Context& context);
// The same at a given rate while the projector applies events from Kafka as fast as it can.
Figures measure_tiers_mixed(const Context& context);
// From an event's creation in a simulated Armada through all tiers to the answer that shows it.
Figures measure_tiers_visibility(const Context& context);
// What callers and job sets go without when a process or the broker goes, or an ingest comes.
Figures measure_fail_over(const Context& context);

}  // namespace armada_cache::bench
