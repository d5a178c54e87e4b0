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
    settings.add_bytes("cache-bytes", cache, Range{1024, 1 << 30}, "How much.");
    settings.add("lease", lease, Range{1000, 86'400'000}, "How long.");
    settings.add("size", size, {{"small", Size::kSmall}, {"large", Size::kLarge}}, "How large.");
    settings.add("property", properties, "What else.");
    settings.rarely_needed();
    settings.add("folder", folder, "Where.");
    settings.add("pause", pause, Range{1000, 60'000}, "How long between.");
    settings.add("log-level", level, std::vector<std::string>{"debug", "info"}, "How chatty.");
  }
  Status load(std::vector<std::string> arguments) {
    return settings.load(arguments, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    });
  }

  enum class Size { kSmall, kLarge };

  Settings settings;
  std::string listen = "127.0.0.1:1";
  bool open = false;
  int partitions = 8;
  std::size_t cache = 64 << 20;
  std::chrono::milliseconds lease = std::chrono::minutes(10);
  std::string level = "info";
  Size size = Size::kSmall;
  std::filesystem::path folder;
  std::chrono::seconds pause{5};
  Settings::Properties properties;
  std::map<std::string, std::string> environment;
};

TEST_F(SettingsTest, DefaultsStayWhereNothingIsSet) {
  ASSERT_TRUE(load({}));
  EXPECT_EQ(partitions, 8);
}

TEST_F(SettingsTest, EveryKindIsRead) {
  ASSERT_TRUE(
      load({"--listen=[::1]:5=6", "--open=true", "--partitions=3", "--cache-bytes=16MiB",
            "--lease=90s", "--log-level=debug", "--size=large", "--folder=/tmp/a", "--pause=10s"}));
  EXPECT_EQ(listen, "[::1]:5=6");
  EXPECT_TRUE(open);
  EXPECT_EQ(partitions, 3);
  EXPECT_EQ(cache, 16U << 20);
  EXPECT_EQ(lease, std::chrono::seconds(90));
  EXPECT_EQ(level, "debug");
  EXPECT_EQ(size, Size::kLarge);
  EXPECT_EQ(folder, "/tmp/a");
  EXPECT_EQ(pause, std::chrono::seconds(10));
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
        "--lease=-5s", "--log-level=loud", "--size=medium", "--pause=1500ms", "--property==b",
        "--property=a", "--nothing=1", "stray", "--open"}) {
    EXPECT_FALSE(load({argument})) << argument;
  }
}

TEST_F(SettingsTest, PropertiesAddUp) {
  const test_support::TempDir dir;
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << "property = c=1=2\nproperty = sasl.password=hidden\n";
  ASSERT_TRUE(load({"--config=" + file}));
  EXPECT_EQ(properties, (Settings::Properties{{"c", "1=2"}, {"sasl.password", "hidden"}}));
  properties.clear();
  ASSERT_TRUE(load({"--property=a=1", "--property=b=2", "--property=a=3"}));
  EXPECT_EQ(properties, (Settings::Properties{{"a", "3"}, {"b", "2"}}));
  properties.clear();
  environment = {{"ARMADA_CACHE_PROPERTY", "a=1\nb=2,3\n"}};
  ASSERT_TRUE(load({}));
  EXPECT_EQ(properties, (Settings::Properties{{"a", "1"}, {"b", "2,3"}}));
}

TEST_F(SettingsTest, SecretsComeFromNoFlagAndAreNotTold) {
  for (const char* property : {"sasl.password", "ssl.key.password", "ssl.key.pem",
                               "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    const auto loaded = load({std::string("--property=") + property + "=hidden"});
    ASSERT_FALSE(loaded) << property;
    EXPECT_THAT(loaded.error().message, HasSubstr("setting 'property'"));
    EXPECT_THAT(loaded.error().message, ::testing::Not(HasSubstr("hidden")));
  }
}

TEST_F(SettingsTest, AFileThatIsNoneIsRefusedWithoutReadingItForEver) {
  const test_support::TempDir dir;
  EXPECT_THAT(load({"--config=" + dir.path().string()}).error().message, HasSubstr("a folder"));
  EXPECT_THAT(load({"--config=/dev/zero"}).error().message,
              HasSubstr("/dev/zero, which is no file"));
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << std::string((1 << 20) + 1, '#');
  EXPECT_THAT(load({"--config=" + file}).error().message, HasSubstr("more than 1024 KiB"));
}

TEST_F(SettingsTest, AFileThatCannotBeReadOrParsedIsAnError) {
  EXPECT_THAT(load({"--config=/nonexistent"}).error().message, HasSubstr("/nonexistent"));
  const test_support::TempDir dir;
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << "no equals sign\n";
  EXPECT_THAT(load({"--config=" + file}).error().message, HasSubstr(file));
}

TEST_F(SettingsTest, HelpTellsNameDefaultAndWhatIsAllowed) {
  const std::string help = settings.help(Settings::Help::kUsual);
  EXPECT_THAT(help, HasSubstr("Things:\n"));
  EXPECT_THAT(help, HasSubstr("--lease=10m\n      How long. (1s to 1d)"));
  EXPECT_THAT(help, HasSubstr("--cache-bytes=64MiB"));
  EXPECT_THAT(help, HasSubstr("--size=small\n      How large. (one of small, large)"));
}

TEST_F(SettingsTest, HelpShowsRareSettingsLastAndOnlyOnDemand) {
  settings.section("Things");
  settings.add("late", open, "Of a section that was begun before.");
  EXPECT_THAT(settings.help(Settings::Help::kUsual), ::testing::Not(HasSubstr("--pause")));
  const std::string all = settings.help(Settings::Help::kAll);
  EXPECT_LT(all.find("--late"), all.find("Rarely needed:\n"));
  EXPECT_LT(all.find("Rarely needed:\n"), all.find("--pause=5s"));
  EXPECT_THAT(all, HasSubstr("(whole seconds, 1s to 1m)"));
}

}  // namespace
}  // namespace armada_cache::base
