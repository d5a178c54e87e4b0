#include "core/base/settings.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "tests/support/temp_dir.h"

namespace armada_cache::base {
namespace {

using ::testing::HasSubstr;

struct SettingsTest : ::testing::Test {
  SettingsTest() {
    settings.section("Things");
    settings.add("listen", listen, "Where to listen.");
    settings.add("open", open, "Whether it is open.");
    settings.add("partitions", partitions, Range{1, 100}, "How many.");
    settings.add("cache-bytes", cache, Range{1024, 1 << 30}, "How much.");
    settings.add("lease", lease, Range{1000, 86'400'000}, "How long.");
    settings.add("log-level", level, std::vector<std::string>{"debug", "info"}, "How chatty.");
  }
  Status load(std::vector<std::string> arguments) {
    return settings.load(arguments, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    });
  }

  Settings settings;
  std::string listen = "127.0.0.1:1";
  bool open = false;
  std::int64_t partitions = 8;
  Bytes cache{64 << 20};
  std::chrono::milliseconds lease = std::chrono::minutes(10);
  std::string level = "info";
  std::map<std::string, std::string> environment;
};

TEST_F(SettingsTest, DefaultsStayWhereNothingIsSet) {
  ASSERT_TRUE(load({}));
  EXPECT_EQ(partitions, 8);
}

TEST_F(SettingsTest, EveryKindIsRead) {
  ASSERT_TRUE(load({"--listen=[::1]:5=6", "--open=true", "--partitions=3", "--cache-bytes=16MiB",
                    "--lease=90s", "--log-level=debug"}));
  EXPECT_EQ(listen, "[::1]:5=6");
  EXPECT_TRUE(open);
  EXPECT_EQ(partitions, 3);
  EXPECT_EQ(cache.count, 16U << 20);
  EXPECT_EQ(lease, std::chrono::seconds(90));
  EXPECT_EQ(level, "debug");
}

TEST_F(SettingsTest, AFlagWinsOverTheEnvironmentAndThatOverTheFile) {
  const test_support::TempDir dir;
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << "# a comment\npartitions = 5\nlease = 2m\nopen = true\n";
  environment = {{"ARMADA_CACHE_PARTITIONS", "6"}, {"ARMADA_CACHE_LEASE", "3m"}};
  ASSERT_TRUE(load({"--partitions=7", "--config=" + file}));
  EXPECT_EQ(partitions, 7);
  EXPECT_EQ(lease, std::chrono::minutes(3));
  EXPECT_TRUE(open);
}

TEST_F(SettingsTest, AWrongValueNamesTheSettingTheValueAndWhatIsAllowed) {
  environment = {{"ARMADA_CACHE_CACHE_BYTES", "lots"}};
  const Status loaded = load({});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message,
            "setting 'cache-bytes' (environment variable ARMADA_CACHE_CACHE_BYTES) is 'lots'; "
            "allowed: 1KiB to 1GiB");
}

TEST_F(SettingsTest, WrongValuesOfEveryKindAreRefused) {
  for (const char* argument :
       {"--open=yes", "--partitions=0", "--partitions=101", "--partitions=3x",
        "--partitions=", "--cache-bytes=1", "--cache-bytes=9999999999GiB", "--lease=5",
        "--lease=-5s", "--log-level=loud", "--nothing=1", "stray", "--open"}) {
    EXPECT_FALSE(load({argument})) << argument;
  }
}

TEST_F(SettingsTest, AFileThatCannotBeReadOrParsedIsAnError) {
  EXPECT_THAT(load({"--config=/nonexistent"}).error().message, HasSubstr("/nonexistent"));
  const test_support::TempDir dir;
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << "no equals sign\n";
  EXPECT_THAT(load({"--config=" + file}).error().message, HasSubstr(file));
}

TEST_F(SettingsTest, HelpTellsNameDefaultAndWhatIsAllowed) {
  const std::string help = settings.help();
  EXPECT_THAT(help, HasSubstr("Things:\n"));
  EXPECT_THAT(help, HasSubstr("--lease=10m\n      How long. (1s to 1d)"));
  EXPECT_THAT(help, HasSubstr("--cache-bytes=64MiB"));
}

}  // namespace
}  // namespace armada_cache::base
