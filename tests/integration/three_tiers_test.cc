// The cache as ingest, projectors and query over a real Kafka, all of them processes.
#include "tests/support/three_tiers.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>

#include "tests/integration/whole_path.h"
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/cache_process.h"
#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::eventually;
using test_support::ExitStatus;
using test_support::http_get;
using test_support::kafka_arguments;
using test_support::KafkaCluster;
using test_support::TempDir;
using test_support::ThreeTiers;
using test_support::TierProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds kLong{60};
constexpr const char* kPassword = "correct";

// One for all tests here, of which each leaves what others can live with.
KafkaCluster& kafka() {
  static KafkaCluster cluster({.users = {{"alice", kPassword}}});
  return cluster;
}

std::unique_ptr<test_support::Deployment> deploy_tiers(const std::string& armada,
                                                       const std::filesystem::path& folder) {
  return std::make_unique<ThreeTiers>(
      test_support::TiersOptions{armada, kafka().servers(), folder});
}

// One run alone: topics are the cluster's, and the runs' job sets are the same.
INSTANTIATE_TEST_SUITE_P(ThreeTiers, WholePath,
                         testing::Values(Run{false, Follow::kByPollingJobService, deploy_tiers}),
                         name_of_run);

class Tiers : public testing::Test {
 protected:
  static simulator::Options world(std::uint64_t seed) {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.seed = seed;
    options.load = {.queues = {"q-t"},
                    .prefix = "tiers-" + std::to_string(seed) + "-",
                    .job_sets = 4,
                    .jobs = 500};
    return options;
  }
  test_support::TierOptions options(const std::string& command,
                                    const std::vector<std::string>& arguments,
                                    const std::string& servers) {
    auto all = kafka_arguments(servers);
    all.insert(all.end(), arguments.begin(), arguments.end());
    return {command, all, folder_.path()};
  }
  TierProcess tier(const std::string& command, const std::vector<std::string>& arguments,
                   const std::string& servers) {
    return TierProcess(options(command, arguments, servers));
  }
  // Without which there is none.
  std::vector<std::string> with_needs(const std::string& command) {
    if (command == "ingest") return {"--armada=127.0.0.1:1"};
    if (command == "projector") return {"--data-dir=" + (folder_.path() / "data").string()};
    return {};
  }
  std::vector<std::string> with_login(const std::string& command, const std::string& password) {
    const std::string file = folder_.path() / "password";
    std::ofstream(file) << password;
    auto arguments = with_needs(command);
    arguments.insert(arguments.end(), {"--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=alice",
                                       "--kafka-sasl-password-file=" + file});
    return arguments;
  }
  void follow(const CacheClient& client, std::uint64_t seed) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = "tiers-" + std::to_string(seed) + "-" + std::to_string(i);
      ASSERT_TRUE(eventually(kLong, [&] { return client.subscribe({"q-t", name}, "test").ok(); }));
    }
  }

  TempDir folder_;
};

TEST_F(Tiers, Invariant1KilledTiersLoseNothingAndTheOthersAnswerMeanwhile) {
  simulator::Simulator armada(world(11));
  const std::string address = armada.start().value();
  ThreeTiers cache({address, kafka().servers(), folder_.path()});
  const CacheClient client(cache.grpc_address());
  ASSERT_NO_FATAL_FAILURE(follow(client, 11));
  cache.replace_ingest();
  cache.replace_projector(0);
  cache.replace_projector(2);
  ASSERT_TRUE(eventually(kLong, [&] { return armada.ended(); }));
  EXPECT_THAT(compare_answers_until(kLong, client, armada.account()), IsEmpty())
      << cache.standard_error();
  ASSERT_TRUE(cache.query().process().running()) << cache.query().process().standard_error();
  // Half of the partitions are in the copy alone now.
  cache.projector(1).process().send(SIGKILL);
  EXPECT_THAT(compare_answers_until(kLong, client, armada.account()), IsEmpty());
}

TEST_F(Tiers, WhileABrokerStallsListsAndCountsAreToldAndSaidNotToBeComplete) {
  simulator::Simulator armada(world(12));
  const ThreeTiers cache({armada.start().value(), kafka().servers(), folder_.path()});
  const CacheClient client(cache.grpc_address());
  ASSERT_NO_FATAL_FAILURE(follow(client, 12));
  const base::JobSet job_set{"q-t", "tiers-12-0"};
  ASSERT_TRUE(eventually(kLong, [&] { return armada.ended() && client.caught_up(job_set); }));
  v1::ListJobsRequest all;
  all.set_queue(job_set.queue);
  all.set_job_set(job_set.name);
  ASSERT_TRUE(client.jobs(all).message.complete());
  const int jobs = client.jobs(all).message.jobs_size();
  const auto in_doubt = [](const auto& answer) {
    EXPECT_TRUE(answer.ok()) << answer.error;
    EXPECT_FALSE(answer.message.complete());
    EXPECT_THAT(answer.message.doubt(), HasSubstr("the log cannot be asked"));
  };
  kafka().pause(0);
  const auto listed = client.jobs(all);
  in_doubt(listed);
  EXPECT_EQ(listed.message.jobs_size(), jobs);
  in_doubt(client.summary(job_set));
  kafka().resume(0);
  EXPECT_TRUE(eventually(kLong, [&] { return client.jobs(all).message.complete(); }));
}

TEST_F(Tiers, Invariant7EachDrainsWhenToldToStop) {
  ThreeTiers cache({"127.0.0.1:1", kafka().servers(), folder_.path()});
  for (TierProcess* tier : {&cache.query(), &cache.projector(0), &cache.projector(1),
                            &cache.projector(2), &cache.ingest()}) {
    EXPECT_EQ(http_get(tier->http_address(), "/readyz").status, 200);
    tier->process().send(SIGTERM);
    EXPECT_EQ(tier->process().wait_for_exit(kLong), (ExitStatus{0, 0}))
        << tier->process().standard_error();
  }
}

TEST_F(Tiers, PlacesThatAreGivenNeedNoGroups) {
  simulator::Simulator armada(world(12));
  auto ingest = tier("ingest", {"--armada=" + armada.start().value(), "--partitions-here=0-3"},
                     kafka().servers());
  auto projector = tier(
      "projector", {"--data-dir=" + (folder_.path() / "data").string(), "--partitions-here=0-3"},
      kafka().servers());
  projector.wait_until_ready();
  auto query =
      tier("query", {"--projectors=a:" + projector.grpc_address() + "=0-3"}, kafka().servers());
  query.wait_until_ready();
  const CacheClient client(query.grpc_address());
  ASSERT_NO_FATAL_FAILURE(follow(client, 12));
  ASSERT_TRUE(eventually(kLong, [&] { return armada.ended(); }));
  EXPECT_THAT(compare_answers_until(kLong, client, armada.account()), IsEmpty());
}

TEST_F(Tiers, AQueryIsNotReadyWhileNoProjectorCanBeReached) {
  const std::string address = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
  const auto projector = [&](const std::string& data, const std::string& listen) {
    return tier("projector",
                {"--data-dir=" + (folder_.path() / data).string(), "--partitions-here=0-3",
                 "--grpc-listen=" + listen},
                kafka().servers());
  };
  auto only = projector("data", address);
  auto copy = projector("copy", "127.0.0.1:0");
  only.wait_until_ready();
  copy.wait_until_ready();
  auto query = tier("query",
                    {"--projectors=a:" + address + "=0-3,b:" + copy.grpc_address() + "=0-3",
                     "--projector-away-after=1s"},
                    kafka().servers());
  query.wait_until_ready();
  const auto ready = [&] { return http_get(query.http_address(), "/readyz"); };
  const auto away = [](TierProcess& which) {
    which.process().send(SIGTERM);
    EXPECT_EQ(which.process().wait_for_exit(kLong), (ExitStatus{0, 0}));
  };
  away(copy);
  EXPECT_FALSE(eventually(std::chrono::seconds(3), [&] { return ready().status != 200; }))
      << ready().body;
  away(only);
  ASSERT_TRUE(eventually(kLong, [&] { return ready().status == 503; }));
  EXPECT_THAT(ready().body, AllOf(HasSubstr("no projector was reached"), HasSubstr(address)));
  auto again = projector("data", address);
  again.wait_until_ready();
  EXPECT_TRUE(eventually(kLong, [&] { return ready().status == 200; })) << ready().body;
}

TEST_F(Tiers, OfTwoProjectorsUnderOneNameAndAddressTheOlderOneEnds) {
  const auto start = [&](const std::string& data) {
    return tier("projector",
                {"--instance-id=same", "--advertise=127.0.0.1:9",
                 "--data-dir=" + (folder_.path() / data).string()},
                kafka().servers());
  };
  auto older = start("older");
  older.wait_until_ready();
  auto newer = start("newer");
  EXPECT_EQ(older.process().wait_for_exit(kLong), (ExitStatus{3, 0}));
  EXPECT_THAT(older.process().standard_error(), HasSubstr("instance id of its own"));
  newer.wait_until_ready();
}

TEST_F(Tiers, OfTwoProjectorsOverOneFolderTheNewerOneWaits) {
  const std::string data = (folder_.path() / "data").string();
  const auto start = [&](const std::string& http) {
    auto from = options("projector", {"--data-dir=" + data}, kafka().servers());
    from.http_listen = http;
    return TierProcess(from);
  };
  auto older = start("127.0.0.1:0");
  older.wait_until_ready();
  const std::string http = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
  auto newer = start(http);
  EXPECT_TRUE(eventually(kLong, [&] {
    return newer.process().standard_error().find("the start waits") != std::string::npos;
  }));
  const auto ready = http_get(http, "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, AllOf(HasSubstr(data), HasSubstr("in use by another process")));
  EXPECT_EQ(http_get(older.http_address(), "/readyz").status, 200);
  older.process().send(SIGTERM);
  EXPECT_EQ(older.process().wait_for_exit(kLong), (ExitStatus{0, 0}));
  newer.wait_until_ready();
  EXPECT_EQ(http_get(http, "/readyz").status, 200);
}

TEST_F(Tiers, TopicsThatAreSetOtherwiseAreAClearError) {
  {
    auto first = tier("ingest", {"--armada=127.0.0.1:1"}, kafka().servers());
    first.wait_until_ready();
  }
  for (const std::string command : {"ingest", "projector", "query"}) {
    auto arguments = with_needs(command);
    arguments.push_back("--partitions=5");
    auto process = tier(command, arguments, kafka().servers());
    EXPECT_EQ(process.process().wait_for_exit(kLong), (ExitStatus{1, 0})) << command;
    EXPECT_THAT(
        process.process().standard_error(),
        AllOf(HasSubstr("topic armada.events is not as it must be"),
              HasSubstr("it has 4 partitions, 5 are wanted"), HasSubstr("ask for 4 partitions"),
              HasSubstr("stop every tier; delete all three topics, and every subscription"),
              HasSubstr("--bootstrap-server " + kafka().servers() + " --delete --topic 'armada[.]"),
              HasSubstr("start projectors, query processes and ingests, in this order")));
  }
}

TEST_F(Tiers, WrongCredentialsEndItWithAClearError) {
  for (const std::string command : {"ingest", "projector", "query"}) {
    auto process = tier(command, with_login(command, "wrong-one"), kafka().sasl_servers());
    EXPECT_EQ(process.process().wait_for_exit(kLong), (ExitStatus{1, 0})) << command;
    EXPECT_THAT(
        process.process().standard_error(),
        AllOf(HasSubstr("uthentication"), HasSubstr("check security.protocol, the SASL user"),
              Not(HasSubstr("wrong-one"))));
  }
}

// Without any right, so that the first topic is named already.
TEST_F(Tiers, MissingRightsEndItWithAClearError) {
  for (const std::string command : {"ingest", "projector", "query"}) {
    auto process = tier(command, with_login(command, kPassword), kafka().sasl_servers());
    EXPECT_EQ(process.process().wait_for_exit(kLong), (ExitStatus{1, 0})) << command;
    EXPECT_THAT(process.process().standard_error(),
                AllOf(HasSubstr("armada.events"),
                      HasSubstr("kafka-acls.sh --add --allow-principal User:alice"),
                      Not(HasSubstr(kPassword))));
  }
}

TEST_F(Tiers, BrokersThatAreAwayAtTheStartAreWaitedFor) {
  kafka().kill(0);
  std::map<std::string, std::string> http;
  std::map<std::string, std::unique_ptr<TierProcess>> tiers;
  for (const std::string command : {"ingest", "projector", "query"}) {
    http[command] = "127.0.0.1:" + std::to_string(test_support::free_ports(1).front());
    auto arguments = with_needs(command);
    arguments.insert(arguments.end(), {"--http-listen=" + http[command],
                                       "--kafka-answer-timeout=1s", "--group-prefix=away"});
    tiers[command] = std::make_unique<TierProcess>(options(command, arguments, kafka().servers()));
  }
  for (auto& [command, tier] : tiers) {
    EXPECT_TRUE(eventually(kLong, [&] {
      return tier->process().standard_error().find("the start waits") != std::string::npos;
    })) << command;
    EXPECT_THAT(tier->process().standard_error(), HasSubstr("looking for the topics"));
    EXPECT_EQ(http_get(http[command], "/livez").status, 200);
    const auto ready = http_get(http[command], "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, HasSubstr(kafka().servers()));
  }
  kafka().start(0);
  for (auto& [command, tier] : tiers) {
    tier->wait_until_ready();
    EXPECT_EQ(http_get(http[command], "/readyz").status, 200) << command;
  }
}

}  // namespace
}  // namespace armada_cache
