// Each tier as a user of Kafka's with the rights that docs/production.md lists, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/temp_dir.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::eventually;
using test_support::http_get;
using test_support::KafkaAdmin;
using test_support::TierProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Operation = KafkaAdmin::Operation;

constexpr std::chrono::seconds kLong{60};
constexpr const char* kPassword = "secret-of-all";
const std::string kEvents = "armada.events";
const std::string kRelays = "armada.relays";
const std::string kSubscriptions = "armada.subscriptions";
const std::string kIngestGroup = "c-ingest";
const std::string kProjectorGroup = "c-projector-a";
const base::JobSet kJobSet{"q", "set-0"};

struct Right {
  std::string user;  // named as its tier
  Operation operation;
  std::string on;

  bool on_group() const { return on == kIngestGroup || on == kProjectorGroup; }
};

// With kMissing what docs/production.md lists, where the ingest makes the topics.
std::vector<Right> granted_at_first() {
  std::vector<Right> rights{
      {"ingest", Operation::kWrite, kRelays},   {"ingest", Operation::kWrite, kSubscriptions},
      {"ingest", Operation::kRead, kRelays},    {"ingest", Operation::kRead, kSubscriptions},
      {"projector", Operation::kRead, kRelays}, {"query", Operation::kRead, kSubscriptions}};
  for (const std::string& topic : {kEvents, kRelays, kSubscriptions}) {
    rights.push_back({"ingest", Operation::kCreate, topic});
    for (const char* tier : {"ingest", "projector", "query"}) {
      rights.push_back({tier, Operation::kDescribe, topic});
      rights.push_back({tier, Operation::kDescribeConfigs, topic});
    }
  }
  return rights;
}

struct Missing {
  Right right;
  std::string named;  // beside what it is on, and the user
};

// In the order in which they come up.
const std::vector<Missing> kMissing{
    {{"ingest", Operation::kRead, kIngestGroup}, "right Read"},
    {{"projector", Operation::kRead, kProjectorGroup}, "right Read"},
    {{"projector", Operation::kRead, kEvents}, "cannot read partition"},
    {{"query", Operation::kDescribe, kProjectorGroup}, "right Describe"},
    {{"query", Operation::kWrite, kSubscriptions}, "right Write"},
    {{"ingest", Operation::kWrite, kEvents}, "right Write"},
};

class Rights : public testing::Test {
 protected:
  Rights() {
    std::ofstream(folder_.path() / "password") << kPassword;
    for (const Right& right : granted_at_first()) grant(right);
  }
  void grant(const Right& right) {
    if (right.on_group()) return admin_.allow_on_group(right.user, right.operation, right.on);
    admin_.allow(right.user, right.operation, right.on);
  }
  void start(const std::string& command, const std::vector<std::string>& more) {
    const auto port = test_support::free_ports(1).front();
    http_[command] = "127.0.0.1:" + std::to_string(port);
    auto all = test_support::kafka_arguments(kafka_.sasl_servers());
    for (const std::string& each : std::vector<std::string>{
             "--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=" + command,
             "--kafka-sasl-password-file=" + (folder_.path() / "password").string(),
             "--http-listen=" + http_[command], "--group-prefix=c"}) {
      all.push_back(each);
    }
    all.insert(all.end(), more.begin(), more.end());
    tiers_[command] =
        std::make_unique<TierProcess>(test_support::TierOptions{command, all, folder_.path()});
  }

  void start(const std::string& tier) {
    if (tiers_.contains(tier)) return;
    if (tier == "ingest") start(tier, {"--armada=" + armada_.start().value()});
    if (tier == "projector") {
      start(tier, {"--replica-group=a", "--data-dir=" + (folder_.path() / "data").string()});
    }
    if (tier == "query") start(tier, {"--replica-groups=a"});
  }
  void expect_said(const Missing& missing) {
    const Right& right = missing.right;
    const auto says_it =
        AllOf(HasSubstr(right.on), HasSubstr(missing.named), HasSubstr("User:" + right.user));
    test_support::HttpAnswer ready;
    EXPECT_TRUE(eventually(kLong,
                           [&] {
                             ready = http_get(http_[right.user], "/readyz");
                             return ready.status == 503 && testing::Matches(says_it)(ready.body);
                           }))
        << right.user << " on " << right.on << ": " << ready.body;
  }
  void expect_ready(const std::string& tier) {
    EXPECT_TRUE(eventually(kLong, [&] { return http_get(http_[tier], "/readyz").status == 200; }))
        << http_get(http_[tier], "/readyz").body;
  }
  // Whoever subscribes is told; lookups go on.
  void expect_refused_subscription(const Missing& missing) {
    const auto refused = client().subscribe(kJobSet, "test");
    EXPECT_EQ(refused.code, test_support::code::kUnavailable);
    EXPECT_THAT(refused.error, AllOf(HasSubstr(missing.right.on), HasSubstr(missing.named),
                                     HasSubstr("User:" + missing.right.user)));
    EXPECT_EQ(http_get(http_["query"], "/readyz").status, 200);
  }
  CacheClient client() {
    tiers_["query"]->wait_until_ready();
    return CacheClient(tiers_["query"]->grpc_address());
  }

  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {kJobSet.queue}, .prefix = "set-", .job_sets = 1, .jobs = 100};
    return options;
  }

  test_support::TempDir folder_;
  test_support::KafkaCluster kafka_{
      {.users = {{"ingest", kPassword}, {"projector", kPassword}, {"query", kPassword}}}};
  KafkaAdmin admin_{kafka_.servers()};
  simulator::Simulator armada_{world()};
  std::map<std::string, std::unique_ptr<TierProcess>> tiers_;
  std::map<std::string, std::string> http_;
};

TEST_F(Rights, EachMissingOneIsSaidAndWaitedForAndThoseListedAreEnough) {
  for (std::size_t i = 0; i < kMissing.size(); ++i) {
    const Missing& missing = kMissing[i];
    const Right& right = missing.right;
    SCOPED_TRACE(right.user + " on " + right.on);
    const bool next_is_of_the_same =
        i + 1 < kMissing.size() && kMissing[i + 1].right.user == right.user;
    start(right.user);
    const bool subscribes = right.on == kSubscriptions;
    if (subscribes) expect_refused_subscription(missing);
    if (!subscribes) expect_said(missing);
    grant(right);
    if (subscribes) {
      EXPECT_TRUE(eventually(kLong, [&] { return client().subscribe(kJobSet, "test").ok(); }));
    } else if (!next_is_of_the_same) {  // else what it says of that shows that it went on
      expect_ready(right.user);
    }
  }
  ASSERT_TRUE(eventually(kLong, [&] { return armada_.ended(); }));
  EXPECT_THAT(compare_answers_until(kLong, client(), armada_.account()), IsEmpty());
  for (auto& [name, tier] : tiers_) {
    EXPECT_THAT(tier->process().standard_error(), Not(HasSubstr(kPassword)));
    if (HasFailure()) std::cout << name << "\n" << tier->process().standard_error() << std::endl;
  }
}

}  // namespace
}  // namespace armada_cache
