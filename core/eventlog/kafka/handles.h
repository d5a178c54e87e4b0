// Owners of librdkafka's handles.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace armada_cache::eventlog::kafka {

template <auto destroy>
struct Destroy {
  template <typename Handle>
  void operator()(Handle* handle) const {
    destroy(handle);
  }
};

template <typename Handle, auto destroy>
using Owned = std::unique_ptr<Handle, Destroy<destroy>>;

using Configuration = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using TopicHandle = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using QueueHandle = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using EventHandle = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using ErrorHandle = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using MessageHandle = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

}  // namespace armada_cache::eventlog::kafka
