#include "app/standalone_settings.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/pfr.hpp>
#include <set>
#include <sstream>

#include "app/standalone_options.h"

namespace armada_cache::app {
namespace {

using testing::HasSubstr;

template <typename T>
concept Writable = requires(std::ostream& out, const T& value) {
  out << value;
};

// One line a value, named by its place in its struct: "query.0.5 4096".
template <typename T>
void write(const std::string& name, const T& value, std::set<std::string>& lines) {
  if constexpr (requires { value.count(); }) {
    lines.insert(name + " " + std::to_string(value.count()));
  } else if constexpr (std::is_enum_v<T>) {
    lines.insert(name + " " + std::to_string(static_cast<int>(value)));
  } else if constexpr (Writable<T>) {
    std::ostringstream text;
    text << name << " " << value;
    lines.insert(text.str());
  } else if constexpr (requires { value.size(); }) {
    lines.insert(name + " of " + std::to_string(value.size()));
  } else if constexpr (std::is_aggregate_v<T>) {
    boost::pfr::for_each_field(value, [&](const auto& field, std::size_t at) {
      write(name + "." + std::to_string(at), field, lines);
    });
  }
}

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
  const base::SystemClock clock;
  std::set<std::string> lines;
  write_log(log_options(settings, clock), lines);
  write("projector", projector_options(settings), lines);
  write("ingest", ingest_options(settings), lines);
  write("query", query_options(settings), lines);
  write("http", http_options(settings), lines);
  return lines;
}

void change(std::int64_t& value) {
  ++value;
}
void change(bool& value) {
  value = !value;
}
void change(base::Bytes& value) {
  ++value.count;
}
void change(std::string& value) {
  value = value == "loopback" ? "open" : value + "x";
}
void change(std::chrono::milliseconds& value) {
  value += std::chrono::seconds(1);
}

std::string without_value(const std::string& line) {
  return line.substr(0, line.find(' '));
}

// What each setting changes, in the order of the structs' members.
std::vector<std::set<std::string>> effects() {
  StandaloneSettings defaults;
  defaults.armada_user = "user";
  const std::set<std::string> before = all_options(defaults);
  std::vector<std::set<std::string>> changed;
  StandaloneSettings settings = defaults;
  const auto look = [&](auto& field) {
    const auto kept = field;
    change(field);
    changed.emplace_back();
    for (const std::string& line : all_options(settings)) {
      if (!before.contains(line)) changed.back().insert(without_value(line));
    }
    field = kept;
  };
  boost::pfr::for_each_field(settings, [&](auto& field) {
    if constexpr (!std::is_same_v<RareSettings&, decltype(field)>) look(field);
  });
  boost::pfr::for_each_field(settings.rare, look);
  return changed;
}

base::Status load(StandaloneSettings& values, std::vector<std::string> arguments) {
  base::Settings settings;
  declare(values, settings);
  arguments.insert(arguments.begin(), {"--armada=localhost:50051", "--data-dir=/tmp/data"});
  if (auto loaded = settings.load(arguments, [](const auto&) { return std::nullopt; }); !loaded) {
    return loaded;
  }
  return check(values);
}

TEST(StandaloneSettings, EachIsDeclared) {
  StandaloneSettings values;
  base::Settings settings;
  declare(values, settings);
  std::istringstream help(settings.help());
  std::size_t declared = 0;
  for (std::string line; std::getline(help, line);) declared += line.starts_with("  --") ? 1 : 0;
  constexpr std::size_t kMembers =
      boost::pfr::tuple_size_v<StandaloneSettings> - 1 + boost::pfr::tuple_size_v<RareSettings>;
  EXPECT_EQ(kMembers + 1, declared) << "and --config";
}

TEST(StandaloneSettings, DefaultsGoTogether) {
  StandaloneSettings values;
  const auto loaded = load(values, {});
  EXPECT_TRUE(loaded) << loaded.error().message;
}

TEST(StandaloneSettings, EachReachesAPart) {
  // log-level, armada-token-file (excluded by armada-user), event-retention and start-timeout are
  // used by the composition root itself.
  constexpr std::size_t kNoOption = 4;
  const auto changed = effects();
  EXPECT_EQ(kNoOption, std::ranges::count_if(changed, [](const auto& set) { return set.empty(); }));
}

TEST(StandaloneSettings, EachOptionHasASetting) {
  std::set<std::string> reached;
  for (const auto& changed : effects()) reached.insert(changed.begin(), changed.end());
  std::set<std::string> missing;
  for (const std::string& line : all_options({})) {
    if (!reached.contains(without_value(line))) missing.insert(line);
  }
  // The kind of the credentials follows from which are given, the connections from max-job-sets.
  EXPECT_THAT(missing, testing::ElementsAre(testing::StartsWith("ingest.1.0 "),
                                            testing::StartsWith("ingest.2.1 ")));
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
      {"--sweep-delete=3000", "at most 'sweep-scan', which is 2000"}};
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

}  // namespace
}  // namespace armada_cache::app
