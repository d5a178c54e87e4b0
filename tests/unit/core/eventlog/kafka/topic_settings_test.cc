#include "core/eventlog/kafka/topic_settings.h"

#include <gmock/gmock.h>

namespace armada_cache::eventlog::kafka {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const KafkaLogOptions kOptions{.brokers = "kafka:9092",
                               .topics = {.replication_factor = 3, .min_insync_replicas = 2}};
const TopicSpec kEvents{.name = "events", .partitions = 8, .retention = std::chrono::hours(24)};
const TopicSpec kRelays{.name = "relays", .partitions = 8, .cleanup = Cleanup::kCompaction};

TEST(KafkaTopicSettings, ATopicAsItIsCreatedHasNoDifferences) {
  for (const TopicSpec& spec : {kEvents, kRelays}) {
    EXPECT_THAT(differences(spec, kOptions, wanted_topic(spec, kOptions)), IsEmpty());
  }
}

TEST(KafkaTopicSettings, MoreThanWantedIsNoDifference) {
  TopicDescription found = wanted_topic(kEvents, kOptions);
  found.copies = 5;
  found.settings["min.insync.replicas"] = "3";
  found.settings["retention.ms"] = "-1";
  found.settings["max.message.bytes"] = "100000000";
  found.settings["segment.bytes"] = "1";
  EXPECT_THAT(differences(kEvents, kOptions, found), IsEmpty());
}

TEST(KafkaTopicSettings, EachDifferenceNamesBothValuesAndTheCommandThatMendsIt) {
  TopicDescription found = wanted_topic(kEvents, kOptions);
  found.partitions = 4;
  found.copies = 1;
  found.settings["cleanup.policy"] = "compact";
  found.settings["retention.ms"] = "1000";
  EXPECT_THAT(
      differences(kEvents, kOptions, found),
      ElementsAre(
          AllOf(HasSubstr("4 partitions"), HasSubstr("8"), HasSubstr("--delete --topic events")),
          AllOf(HasSubstr("replication factor 1"), HasSubstr("3"),
                HasSubstr("kafka-reassign-partitions.sh --bootstrap-server kafka:9092")),
          AllOf(HasSubstr("'compact'"), HasSubstr("--entity-name events"),
                HasSubstr("--add-config cleanup.policy=delete")),
          AllOf(HasSubstr("retention.ms is '1000'"), HasSubstr("or more"),
                HasSubstr("--add-config retention.ms=86400000"))));
}

TEST(KafkaTopicSettings, WhatGoesWithTheTopicIsToldInstead) {
  KafkaLogOptions options = kOptions;
  options.topics.make_anew = "delete all of them";
  TopicDescription found = wanted_topic(kEvents, options);
  found.partitions = 4;
  EXPECT_THAT(differences(kEvents, options, found),
              ElementsAre(AllOf(HasSubstr("to start from nothing, delete all of them"),
                                Not(HasSubstr("--delete --topic")))));
}

TEST(KafkaTopicSettings, AnUnboundedWishIsNotMetByABound) {
  TopicDescription found = wanted_topic(kEvents, kOptions);
  found.settings["retention.bytes"] = "1000000000";
  EXPECT_THAT(differences(kEvents, kOptions, found), ElementsAre(HasSubstr("retention.bytes=-1")));
}

TEST(KafkaTopicSettings, NamesThatKafkaCannotHaveAreRefused) {
  for (const char* name : {"", ".", "..", "a/b", "queue jobs", "\xc3\xa9"}) {
    EXPECT_FALSE(check_spec({.name = name})) << name;
  }
  EXPECT_FALSE(check_spec({.name = std::string(250, 'a')}));
  EXPECT_TRUE(check_spec({.name = std::string(249, 'a')}));
  EXPECT_FALSE(check_spec({.name = "a", .partitions = 0}));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
