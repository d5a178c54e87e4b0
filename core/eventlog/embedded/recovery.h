// What an opened database says of its topics.
#pragma once

#include "core/base/error.h"
#include "core/eventlog/embedded/store.h"
#include "core/eventlog/embedded/topic.h"

namespace armada_cache::eventlog::embedded {

// Gives the topic its column families, made where missing, and its partitions their offsets.
base::Status attach(Store& store, Topic& topic);

// Puts every stored topic into `topics`. kDataLoss where something of it is damaged.
base::Status load_topics(Store& store, TopicTable& topics);

}  // namespace armada_cache::eventlog::embedded
