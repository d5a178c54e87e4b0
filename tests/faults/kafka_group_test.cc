// How members of a group learn what is theirs, and what becomes of them when things break.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "core/eventlog/kafka/group_member.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache::eventlog::kafka {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test_support::eventually;
using test_support::KafkaAdmin;
using test_support::KafkaCluster;
using testing::AllOf;
using testing::HasSubstr;
using Partitions = std::set<Partition>;

constexpr std::chrono::seconds kLong{60};
constexpr Partition kPartitions = 4;
const Partitions kAll{0, 1, 2, 3};

// A member and what it was told.
class Member {
 public:
  Member(const KafkaLogOptions& kafka, const GroupOptions& options) {
    auto joined = GroupMember::join(kafka, options,
                                    {[this](const Partitions& partitions, std::int64_t generation) {
                                       note(partitions, generation);
                                     },
                                     [this] { ++revocations; },
                                     [this] {
                                       note({}, 0);
                                       ++losses;
                                     }});
    if (!joined) throw std::runtime_error(joined.error().message);
    member_ = std::move(*joined);
  }

  bool comes_to_have(const Partitions& partitions) {
    return eventually(kLong, [&] { return this->partitions() == partitions; });
  }
  Partitions partitions() const {
    const std::lock_guard lock(mutex_);
    return partitions_;
  }
  std::int64_t generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
  }
  base::Status standing() const { return member_->standing(); }
  bool comes_to(ErrorCode code) {
    return eventually(kLong, [&] {
      const auto standing = member_->standing();
      return !standing && standing.error().code == code;
    });
  }
  void leave() { member_.reset(); }
  // The next thing that it is told waits for this.
  void hold_up(milliseconds time) { pause_ = time; }

  std::atomic<int> revocations = 0;
  std::atomic<int> losses = 0;

 private:
  void note(const Partitions& partitions, std::int64_t generation) {
    std::this_thread::sleep_for(pause_.exchange(milliseconds(0)));
    const std::lock_guard lock(mutex_);
    partitions_ = partitions;
    generation_ = generation;
  }

  std::atomic<milliseconds> pause_ = milliseconds(0);
  mutable std::mutex mutex_;
  Partitions partitions_;
  std::int64_t generation_ = 0;
  std::unique_ptr<GroupMember> member_;
};

class KafkaGroup : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = std::make_unique<KafkaCluster>(
        test_support::KafkaClusterOptions{.users = {{"cache", "right-password"}}});
    KafkaAdmin(cluster_->servers()).create_topic("shared", kPartitions);
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  static KafkaLogOptions plain() { return {.brokers = cluster_->servers()}; }
  static KafkaLogOptions as_cache(const std::string& password) {
    return {.brokers = cluster_->sasl_servers(),
            .properties = {{"security.protocol", "sasl_plaintext"},
                           {"sasl.mechanism", "PLAIN"},
                           {"sasl.username", "cache"},
                           {"sasl.password", password}}};
  }
  // A group of the test's own.
  static GroupOptions group(const std::string& instance_id = "",
                            milliseconds session = milliseconds(2'000)) {
    return {.group = testing::UnitTest::GetInstance()->current_test_info()->name(),
            .topic = "shared",
            .client_id = "10.0.0.1:7000",
            .instance_id = instance_id,
            .session_timeout = session,
            .heartbeat_interval = milliseconds(200)};
  }

  static inline std::unique_ptr<KafkaCluster> cluster_;
};

TEST_F(KafkaGroup, PartitionsAreSharedOutAndEachSharingHasANewGeneration) {
  // Of which none ends within the test: who leaves says so.
  const GroupOptions lasting = group("", 4 * kLong);
  Member first(plain(), lasting);
  ASSERT_TRUE(first.comes_to_have(kAll));
  const auto alone = first.generation();
  EXPECT_GT(alone, 0);
  EXPECT_TRUE(first.standing());
  {
    Member second(plain(), lasting);
    ASSERT_TRUE(eventually(kLong, [&] { return second.partitions().size() == 2; }));
    ASSERT_TRUE(eventually(kLong, [&] { return first.partitions().size() == 2; }));
    Partitions both = first.partitions();
    both.merge(second.partitions());
    EXPECT_EQ(both, kAll);
    EXPECT_EQ(first.generation(), second.generation());
    EXPECT_GT(first.generation(), alone);
    EXPECT_GE(first.revocations, 1);
  }
  EXPECT_TRUE(first.comes_to_have(kAll));
  EXPECT_EQ(first.losses, 0);
}

TEST_F(KafkaGroup, AMemberThatComesBackUnderItsNameDisturbsNobody) {
  Member other(plain(), group("other"));
  auto named = std::make_unique<Member>(plain(), group("named"));
  ASSERT_TRUE(eventually(kLong, [&] { return named->partitions().size() == 2; }));
  ASSERT_TRUE(eventually(kLong, [&] { return other.partitions().size() == 2; }));
  const Partitions before = named->partitions();
  const auto generation = other.generation();
  const int revocations = other.revocations;
  named.reset();
  named = std::make_unique<Member>(plain(), group("named"));
  ASSERT_TRUE(named->comes_to_have(before));
  EXPECT_EQ(named->generation(), generation);
  EXPECT_EQ(other.revocations, revocations);
}

TEST_F(KafkaGroup, WhoeverIsPushedOutByAnotherOfItsNameSaysWhatToDo) {
  Member first(plain(), group("twin"));
  ASSERT_TRUE(first.comes_to_have(kAll));
  Member second(plain(), group("twin"));
  ASSERT_TRUE(second.comes_to_have(kAll));
  ASSERT_TRUE(first.comes_to(ErrorCode::kAlreadyExists));
  EXPECT_THAT(first.standing().error().message, AllOf(HasSubstr("twin"), HasSubstr("own")));
  EXPECT_TRUE(first.comes_to_have({}));
  EXPECT_TRUE(second.standing());
}

// Its own clock tells it, and the group never does: librdkafka's heartbeats go on.
TEST_F(KafkaGroup, AMemberThatWasHeldUpForASessionKnowsThatItMayHaveLostAllAndJoinsAnew) {
  const auto comes_back = [](Member& stalled) {
    return eventually(kLong, [&] {
      return stalled.losses > 0 && stalled.standing() && !stalled.partitions().empty();
    });
  };
  Member leader(plain(), group());
  ASSERT_TRUE(leader.comes_to_have(kAll));
  leader.hold_up(milliseconds(2'500));
  Member follower(plain(), group());  // the assignment that this brings takes so long to be told
  EXPECT_TRUE(comes_back(leader));
  ASSERT_TRUE(eventually(kLong, [&] { return follower.partitions().size() == 2; }));
  follower.hold_up(milliseconds(2'500));
  Member third(plain(), group());
  EXPECT_TRUE(comes_back(follower));
}

TEST_F(KafkaGroup, WhoeverLeavesIsToldNothingAnyMore) {
  Member leaving(plain(), group());
  ASSERT_TRUE(leaving.comes_to_have(kAll));
  const int revocations = leaving.revocations;
  leaving.leave();
  EXPECT_EQ(leaving.revocations, revocations);
  EXPECT_EQ(leaving.losses, 0);
}

TEST_F(KafkaGroup, LeavingDoesNotWaitForABrokerThatStalls) {
  GroupOptions options = group("", 4 * kLong);
  options.leave_timeout = milliseconds(500);
  Member leaving(plain(), options);
  ASSERT_TRUE(leaving.comes_to_have(kAll));
  cluster_->pause(0);
  const auto begin = steady_clock::now();
  leaving.leave();
  const auto took = steady_clock::now() - begin;
  cluster_->resume(0);
  EXPECT_LT(took, milliseconds(15'000));  // the request to leave has 5 s, and a busy machine more
}

TEST_F(KafkaGroup, WithoutItsRightsAMemberSaysWhichGroup) {
  KafkaAdmin(cluster_->servers()).allow("cache", KafkaAdmin::Operation::kDescribe, "shared");
  Member denied(as_cache("right-password"), group());
  ASSERT_TRUE(denied.comes_to(ErrorCode::kPermissionDenied));
  EXPECT_THAT(denied.standing().error().message,
              AllOf(HasSubstr(group().group), HasSubstr("kafka-acls.sh"), HasSubstr("User:cache")));
}

TEST_F(KafkaGroup, AWrongPasswordIsSaid) {
  Member refused(as_cache("wrong-password"), group());
  ASSERT_TRUE(refused.comes_to(ErrorCode::kUnauthenticated));
}

TEST_F(KafkaGroup, TimesThatCannotBeAreRefused) {
  GroupOptions options = group();
  options.heartbeat_interval = options.session_timeout;
  const auto joined = GroupMember::join(plain(), options, {});
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, ErrorCode::kInvalidArgument);
}

bool says(const Member& member, const std::string& text) {
  const auto standing = member.standing();
  return !standing && standing.error().message.find(text) != std::string::npos;
}

TEST(KafkaGroupFaults, ABrokerThatIsAwayForASessionTakesThePartitionsAndComesBackWithThem) {
  KafkaCluster cluster;
  KafkaAdmin(cluster.servers()).create_topic("shared", kPartitions);
  Member member({.brokers = cluster.servers()}, {.group = "group",
                                                 .topic = "shared",
                                                 .session_timeout = milliseconds(1'500),
                                                 .heartbeat_interval = milliseconds(200)});
  Member patient({.brokers = cluster.servers()},
                 {.group = "patient", .topic = "shared", .session_timeout = 4 * kLong});
  ASSERT_TRUE(member.comes_to_have(kAll));
  ASSERT_TRUE(patient.comes_to_have(kAll));
  cluster.kill(0);
  EXPECT_TRUE(eventually(kLong, [&] { return member.losses == 1; }));
  EXPECT_TRUE(eventually(kLong, [&] { return says(member, "Connection refused"); }));
  EXPECT_TRUE(patient.standing()) << "no connection for a moment, but a member all the same";
  cluster.start(0);
  cluster.wait_until_ready();
  EXPECT_TRUE(member.comes_to_have(kAll));
  EXPECT_TRUE(member.standing());
  cluster.pause(0);
  EXPECT_TRUE(eventually(kLong, [&] { return says(member, "was lost"); }))
      << "and nothing of what was wrong before: " << member.standing().error().message;
  cluster.kill(0);  // leaving must not hang
  const auto leaving = steady_clock::now();
  { const Member gone({.brokers = cluster.servers()}, {.group = "group", .topic = "shared"}); }
  EXPECT_LT(steady_clock::now() - leaving, milliseconds(10'000));
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
