// What operators rely upon: the health and metrics port, the command line and its errors.
#include <csignal>

#include "tests/support/end_to_end.h"
#include "tests/support/http_get.h"

namespace armada_cache {
namespace {

using std::chrono::seconds;
using test_support::CacheProcess;
using test_support::ExitStatus;
using test_support::http_get;
using test_support::Process;
using testing::HasSubstr;

class Operations : public test_support::EndToEnd {
 protected:
  std::unique_ptr<Process> run(std::vector<std::string> arguments,
                               std::map<std::string, std::string> environment = {}) {
    return std::make_unique<Process>(
        test_support::Command{test_support::program("armada-cache"), std::move(arguments),
                              std::move(environment)},
        folder_.path());
  }

  void expect_refused(std::vector<std::string> arguments, const std::string& setting,
                      std::map<std::string, std::string> environment = {}) {
    arguments.insert(arguments.begin(),
                     {"standalone", "--armada=127.0.0.1:1", "--data-dir=" + data_dir().string(),
                      "--grpc-listen=127.0.0.1:0", "--http-listen=127.0.0.1:0"});
    const auto process = run(std::move(arguments), std::move(environment));
    EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{2, 0})) << setting;
    EXPECT_THAT(process->standard_error(), HasSubstr(setting));
  }
};

TEST_F(Operations, ReadyWithoutArmadaAndLiveUntilStopped) {
  CacheProcess cache(alone());
  EXPECT_EQ(http_get(cache.http_address(), "/readyz").status, 200);
  EXPECT_EQ(http_get(cache.http_address(), "/livez").status, 200);
  EXPECT_EQ(http_get(cache.http_address(), "/nosuch").status, 404);
  EXPECT_EQ(cache.stop(), (ExitStatus{0, 0})) << cache.process().standard_error();
}

TEST_F(Operations, InterruptStopsAsTerminateDoes) {
  CacheProcess cache(alone());
  cache.process().send(SIGINT);
  EXPECT_EQ(cache.process().wait_for_exit(kLong), (ExitStatus{0, 0}));
}

TEST_F(Operations, ScrapesHoldTheHeadlineMetrics) {
  CacheProcess cache(alone());
  const test_support::CacheClient client(cache.grpc_address());
  ASSERT_EQ(client.statuses({}).code, test_support::code::kOk);
  const auto scrape = http_get(cache.http_address(), "/metrics");
  ASSERT_EQ(scrape.status, 200);
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_projector_event_visible_seconds_bucket"));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_projector_lag_records{partition=\"0\"}"));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_relays{state="));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_projector_failures_total{doing=\"apply\"} 0\n"));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_ready 1"));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_lookups_total{code=\"OK\""));
  EXPECT_THAT(scrape.body, HasSubstr("armada_cache_lookup_seconds_bucket"));
}

TEST_F(Operations, HelpListsEverySettingOnStandardOutput) {
  const auto general = run({"--help"});
  EXPECT_EQ(general->wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_THAT(general->standard_output(), HasSubstr("standalone"));

  for (const char* help : {"--help", "-h", "--help-all"}) {
    const auto standalone = run({"standalone", help});
    EXPECT_EQ(standalone->wait_for_exit(kLong), (ExitStatus{0, 0}));
    for (const char* setting : {"--armada", "--data-dir", "--grpc-listen", "--http-listen"}) {
      EXPECT_THAT(standalone->standard_output(), HasSubstr(setting));
    }
    const bool all = std::string(help) == "--help-all";
    EXPECT_EQ(standalone->standard_output().find("--sweep-scan") != std::string::npos, all);
  }
}

TEST_F(Operations, VersionIsOneLine) {
  const auto process = run({"--version"});
  EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_THAT(process->standard_output(), testing::MatchesRegex("armada-cache [0-9.]+\n"));
}

TEST_F(Operations, WrongCommandLinesExitWithTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"nosuch"}, {"standalone"}}) {
    const auto process = run(arguments);
    EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{2, 0}));
    EXPECT_NE(process->standard_error(), "");
  }
}

TEST_F(Operations, WrongSettingsExitWithTwoAndAreNamed) {
  expect_refused({"--no-such-setting=1"}, "no-such-setting");
  expect_refused({"--log-level=loud"}, "log-level");
  expect_refused({"--partitions=0"}, "partitions");
  expect_refused({"--partitions=many"}, "partitions");
  expect_refused({}, "partitions", {{"ARMADA_CACHE_PARTITIONS", "-3"}});
  expect_refused({"--armada=nowhere"}, "armada");
  expect_refused({"--grpc-listen=127.0.0.1:99999"}, "grpc-listen");
  expect_refused({"--http-listen=here"}, "http-listen");
  expect_refused({"--config=" + folder_.path().string()}, "which is no file but a folder");
  expect_refused({"--config=/dev/zero"}, "/dev/zero");
  expect_refused({"--cluster="}, "cluster");
  expect_refused({"--armada-token-file=/nonexistent"}, "/nonexistent");
}

TEST_F(Operations, VariablesThatLookLikeSettingsAndAreNoneAreWarnedOf) {
  auto with_a_slip = alone();
  with_a_slip.environment = {{"ARMADA_CACHE_PARTITION", "3"}, {"ARMADA_CACHE_PARTITIONS", "3"}};
  CacheProcess cache(with_a_slip);
  EXPECT_THAT(cache.process().standard_error(), HasSubstr("\"ARMADA_CACHE_PARTITION\""));
  EXPECT_THAT(cache.process().standard_error(),
              testing::Not(HasSubstr("\"ARMADA_CACHE_PARTITIONS\"")));
}

TEST_F(Operations, ShowListsWhateverIsFollowed) {
  CacheProcess cache(alone());
  const test_support::CacheClient client(cache.grpc_address());
  const std::vector<std::string> command = {"show", "--cache=" + cache.grpc_address(),
                                            "--refresh=100ms", "--for=300ms"};
  const auto before = run(command);
  EXPECT_EQ(before->wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_THAT(before->standard_output(), HasSubstr("No job set is followed yet"));

  ASSERT_EQ(client.subscribe({"q-a", "shown"}, "me").code, test_support::code::kOk);
  auto with_headline = command;
  with_headline.emplace_back("--headline=where it is");
  const auto after = run(with_headline);
  EXPECT_EQ(after->wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_THAT(after->standard_output(), testing::StartsWith("where it is\n"));
  EXPECT_THAT(after->standard_output(), HasSubstr("q-a/shown"));
}

TEST_F(Operations, ShowSpeaksTls) {
  auto encrypted = alone();
  encrypted.more = {"--tls-certificate-file=" TEST_DATA_DIR "/tls/server.pem",
                    "--tls-key-file=" TEST_DATA_DIR "/tls/server.key"};
  CacheProcess cache(encrypted);
  const auto show = [&](const std::string& trusted) {
    return run({"show", "--cache=" + cache.grpc_address(), "--cache-tls=true",
                "--cache-ca-file=" TEST_DATA_DIR "/tls/" + trusted, "--refresh=100ms",
                "--for=300ms"});
  };
  EXPECT_EQ(show("server.pem")->wait_for_exit(kLong), (ExitStatus{0, 0}));
  EXPECT_EQ(show("stranger.pem")->wait_for_exit(kLong), (ExitStatus{1, 0}));
}

TEST_F(Operations, ShowFailsWhereTheCacheWasNeverReached) {
  for (const char* job_sets : {"", "q-a/shown"}) {
    const auto process = run({"show", "--cache=127.0.0.1:1", "--refresh=100ms", "--for=300ms",
                              std::string("--job-sets=") + job_sets});
    EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{1, 0})) << job_sets;
    EXPECT_THAT(process->standard_error(), HasSubstr("127.0.0.1:1 was never reached"));
  }
}

TEST_F(Operations, APortThatIsTakenIsAClearError) {
  CacheProcess cache(alone());
  auto second = alone();
  second.data_dir = folder_.path() / "second";
  second.more = {"--grpc-listen=" + cache.grpc_address()};
  const auto process = test_support::launch_cache(second);
  EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{1, 0}));
  EXPECT_THAT(process->standard_error(), HasSubstr(cache.grpc_address()));
}

}  // namespace
}  // namespace armada_cache
