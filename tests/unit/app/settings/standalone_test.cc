#include "app/settings/standalone.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "app/settings/load.h"
#include "tests/unit/app/settings/option_effects.h"

namespace armada_cache::app {
namespace {

using testing::HasSubstr;

// The log's options hold a reference, which cannot be enumerated.
void write_log(const eventlog::embedded::EmbeddedLogOptions& log, std::set<std::string>& lines) {
  lines.insert("log.directory " + log.directory.string());
  const std::vector<std::pair<const char*, std::int64_t>> values{
      {"write_buffer_bytes", log.write_buffer_bytes},
      {"cache_bytes", log.cache_bytes},
      {"max_open_files", log.max_open_files},
      {"max_queued_bytes", log.max_queued_bytes},
      {"max_write_bytes", log.max_write_bytes},
      {"max_poll_bytes", log.max_poll_bytes},
      {"sync_every_batch", log.sync_every_batch},
      {"trim_interval", log.trim_interval.count()},
      {"tombstone_retention", log.tombstone_retention.count()},
      {"tombstones_per_step", log.tombstones_per_step},
      {"resume_interval", log.resume_interval.count()},
      {"probe_bytes", log.probe_bytes},
      {"doubt_after_failure", log.doubt_after_failure.count()}};
  for (const auto& [name, value] : values) write(std::string("log.") + name, value, lines);
}

std::set<std::string> all_options(const StandaloneSettings& settings) {
  std::set<std::string> lines;
  write_log(settings.log, lines);
  write("projector", settings.projector, lines);
  write("ingest", settings.ingest, lines);
  write("query", settings.query, lines);
  write("process", settings.process, lines);
  return lines;
}

base::Status load(StandaloneSettings& values, std::vector<std::string> arguments) {
  base::Settings settings;
  declare(values, settings);
  arguments.insert(arguments.begin(), {"--armada=localhost:50051", "--data-dir=/tmp/data"});
  if (auto loaded = settings.load(arguments, kNoEnvironment); !loaded) return loaded;
  spread(values);
  return check(values);
}

TEST(StandaloneSettings, DefaultsGoTogether) {
  StandaloneSettings values;
  const auto loaded = load(values, {});
  EXPECT_TRUE(loaded) << loaded.error().message;
}

TEST(StandaloneSettings, EachReachesAPart) {
  std::set<std::string> without;
  for (const auto& [name, changed] :
       effects<StandaloneSettings>(all_options, {"--armada-user=user"})) {
    if (changed.empty()) without.insert(name);
  }
  // armada-user excludes armada-token-file; the composition root itself uses the others.
  EXPECT_THAT(without,
              testing::ElementsAre("armada-token-file", "event-retention", "start-timeout"));
}

TEST(StandaloneSettings, EachOptionHasASetting) {
  const auto missing = unreached<StandaloneSettings>(all_options, {"--armada-user=user"});
  // The kind of the credentials follows from which are given, the connections from max-job-sets.
  // In one process no ingest dies alone: no pulses, and none that are missed.
  EXPECT_THAT(missing, testing::ElementsAre(testing::StartsWith("ingest.2.0 "),
                                            testing::StartsWith("ingest.3.1 "),
                                            testing::StartsWith("ingest.5.7 "),
                                            testing::StartsWith("projector.27 ")));
}

TEST(StandaloneSettings, WhatSeveralPartsNeedReachesThemAll) {
  StandaloneSettings values;
  ASSERT_TRUE(load(
      values, {"--partitions=3", "--certainty-wait=7ms", "--drain-timeout=7s", "--retry-max=7s"}));
  EXPECT_EQ(values.projector.partition_count, 3);
  EXPECT_EQ(values.projector.partitions, (std::vector<eventlog::Partition>{0, 1, 2}));
  EXPECT_EQ(values.ingest.relay.partitions, 3);
  EXPECT_EQ(values.query.subscriptions.partitions, 3);
  EXPECT_EQ(values.projector.certainty_wait, std::chrono::milliseconds(7));
  EXPECT_EQ(values.query.certainty_wait, std::chrono::milliseconds(7));
  EXPECT_EQ(values.ingest.drain_timeout, std::chrono::seconds(7));
  EXPECT_EQ(values.query.server.drain_deadline, std::chrono::seconds(7));
  EXPECT_EQ(values.ingest.relay.times.backoff.max, std::chrono::seconds(7));
  EXPECT_EQ(values.ingest.hub.records.backoff.max, std::chrono::seconds(7));
}

TEST(StandaloneSettings, TellsWhichSettingsAreAtOdds) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"--poll-lease=30d",
       "setting 'poll-lease' is 30d; allowed: at most 'max-lease', which is 7d"},
      {"--certainty-wait=20s", "at most 'call-deadline', which is 10s"},
      {"--retry-first=1m", "at most 'retry-max', which is 30s"},
      {"--projector-retry-first=20s", "at most 'projector-retry-max', which is 10s"},
      {"--park-after=2h", "at most 'park-unsure-after', which is 1h"},
      {"--relay-read-ahead-bytes=2MiB", "at most 'relay-buffer-bytes', which is 1MiB"},
      {"--relay-buffer-bytes=50MiB", "at most 'relay-buffer-bytes-total', which is 48MiB"},
      {"--relay-buffer-bytes-total=65MiB", "at most 'log-queue-bytes', which is 64MiB"},
      {"--relay-record-retry=4s", "at most 'log-doubt-after-failure', which is 3s"},
      {"--armada-max-message-bytes=64MiB",
       "at least 'relay-buffer-bytes' and 'armada-max-message-bytes'"},
      {"--default-page-size=2000", "at most 'max-page-size', which is 1000"},
      {"--sweep-delete=3000", "at most 'sweep-scan', which is 2000"},
      {"--drain-quiet=20s", "at most 'drain-timeout', which is 10s"},
      {"--relay-ask-pause-max=1s", "at most 'relay-ask-pause-max', which is 1s"},
      {"--cluster=", "setting 'cluster' is empty"},
      {"--armada-token-file=/nonexistent", "setting 'armada-token-file' names /nonexistent"},
      {"--armada-user=a:b", "holds a colon"},
      {"--armada-token-file=/tmp", "which is no file but a folder"},
      {"--armada-ca-file=/nonexistent", "setting 'armada-ca-file' names /nonexistent"}};
  for (const auto& [argument, message] : wrong) {
    StandaloneSettings values;
    const auto loaded = load(values, {argument});
    ASSERT_FALSE(loaded) << argument;
    EXPECT_EQ(base::ErrorCode::kInvalidArgument, loaded.error().code);
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
}

TEST(StandaloneSettings, RefusesWhatIsOutOfRange) {
  for (const char* argument : {"--max-calls=0", "--query-threads=0", "--reader-queue=0",
                               "--max-subscriptions=0", "--log-write-bytes=1", "--sweep-scan=0"}) {
    StandaloneSettings values;
    const auto loaded = load(values, {argument});
    ASSERT_FALSE(loaded) << argument;
    EXPECT_THAT(loaded.error().message, HasSubstr("allowed: "));
  }
}

TEST(StandaloneSettings, AMissingPasswordFileIsNamed) {
  StandaloneSettings values;
  const auto loaded = load(values, {"--armada-user=me", "--armada-password-file=/nonexistent"});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message,
              HasSubstr("setting 'armada-password-file' names /nonexistent"));
}

TEST(StandaloneSettings, CredentialsThatWouldTravelInTheOpenNameTheSettings) {
  const std::string file = testing::TempDir() + "/token";
  std::ofstream(file) << "secret";
  StandaloneSettings values;
  const auto loaded = load(values, {"--armada=armada.example:443", "--armada-token-file=" + file});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(base::ErrorCode::kInvalidArgument, loaded.error().code);
  EXPECT_THAT(
      loaded.error().message,
      testing::AllOf(HasSubstr("would travel to armada.example:443"), HasSubstr("'armada-tls'"),
                     HasSubstr("'armada-plaintext-credentials'")));
}

TEST(StandaloneSettings, VariablesThatAreNoSettingOfAnyCommandAreFound) {
  EXPECT_THAT(unknown_variables({"ARMADA_CACHE_PARTITION=3", "ARMADA_CACHE_PARTITIONS=3", "HOME=/",
                                 "ARMADA_CACHE_JOB_SETS=", "ARMADA_CACHE_CONFIG=x"}),
              testing::ElementsAre("ARMADA_CACHE_PARTITION"));
}

}  // namespace
}  // namespace armada_cache::app
