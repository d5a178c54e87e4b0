// What is measured of the tiers as processes of their own over a real Kafka.
#pragma once

#include "tests/bench/context.h"

namespace armada_cache::bench {

// Events a second that one projector applies from Kafka, beside a bare consumer.
Figures measure_kafka_projection(const Context& context);

}  // namespace armada_cache::bench
