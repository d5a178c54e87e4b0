// Who follows which job set: independent subscribers, leases, and the lists of both.
#include <set>

#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::chrono::seconds;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
namespace code = test_support::code;

class Subscriptions : public test_support::EndToEnd {
 protected:
  static std::multiset<std::string> subscribers(const CacheClient& client, const JobSet& job_set) {
    v1::ListSubscriptionsRequest request;
    request.set_queue(job_set.queue);
    request.set_job_set(job_set.name);
    std::multiset<std::string> found;
    const auto answer = client.subscriptions(request);
    EXPECT_EQ(answer.code, code::kOk) << answer.error;
    for (const auto& one : answer.message.subscriptions()) found.insert(one.subscriber());
    return found;
  }
  static bool eventually_subscribed(const CacheClient& client, const JobSet& job_set,
                                    const std::multiset<std::string>& expected) {
    return eventually(kLong, [&] { return subscribers(client, job_set) == expected; });
  }

  const JobSet dag_{"q-a", "a dag/run: 1 ✓"};
  const JobSet other_{"q-b", "a dag/run: 1 ✓"};
};

TEST_F(Subscriptions, EndingOneNeverEndsAnother) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  ASSERT_EQ(client.subscribe(dag_, "first").code, code::kOk);
  ASSERT_EQ(client.subscribe(dag_, "second").code, code::kOk);
  ASSERT_EQ(client.subscribe(other_, "first").code, code::kOk);
  EXPECT_TRUE(eventually_subscribed(client, dag_, {"first", "second"}));

  const auto ended = client.unsubscribe(dag_, "first");
  EXPECT_EQ(ended.code, code::kOk);
  EXPECT_TRUE(ended.message.existed());
  EXPECT_TRUE(eventually_subscribed(client, dag_, {"second"}));
  EXPECT_TRUE(eventually_subscribed(client, other_, {"first"}));
  EXPECT_FALSE(client.unsubscribe(dag_, "first").message.existed());
  EXPECT_FALSE(client.unsubscribe(dag_, "nobody").message.existed());
}

TEST_F(Subscriptions, SurviveARestart) {
  {
    CacheProcess cache(alone());
    const CacheClient client(cache.grpc_address());
    ASSERT_EQ(client.subscribe(dag_, "first", 3600).code, code::kOk);
    ASSERT_EQ(client.subscribe(dag_, "second", 3600).code, code::kOk);
    ASSERT_EQ(client.unsubscribe(dag_, "second").code, code::kOk);
    cache.kill();
  }
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  EXPECT_TRUE(eventually_subscribed(client, dag_, {"first"}));
}

TEST_F(Subscriptions, EndWithTheirLeaseUnlessRenewed) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  ASSERT_EQ(client.subscribe(dag_, "short", 1).code, code::kOk);
  ASSERT_EQ(client.subscribe(dag_, "long", 3600).code, code::kOk);
  EXPECT_TRUE(eventually_subscribed(client, dag_, {"long"}));
  EXPECT_EQ(client.subscribe(dag_, "short", 3600).code, code::kOk);
  EXPECT_TRUE(eventually_subscribed(client, dag_, {"long", "short"}));
}

TEST_F(Subscriptions, AFirstPollOfTheOldServiceSubscribes) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  client.poll(dag_, "01h0000000000000000000job1");
  EXPECT_TRUE(eventually(kLong, [&] { return subscribers(client, dag_).size() == 1; }));
  client.poll(dag_, "01h0000000000000000000job2");
  EXPECT_EQ(subscribers(client, dag_).size(), 1U) << "the same poller counts once";
}

TEST_F(Subscriptions, AreListedPageByPageEachOnce) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  std::set<std::string> expected;
  for (int i = 0; i < 23; ++i) {
    const std::string name = "set-" + std::to_string(i);
    ASSERT_EQ(client.subscribe({"q-a", name}, "someone").code, code::kOk);
    expected.insert(name);
  }
  const auto all_pages = [&] {
    std::set<std::string> listed;
    v1::ListSubscriptionsRequest request;
    request.set_page_size(5);
    do {
      const auto page = client.subscriptions(request);
      EXPECT_EQ(page.code, code::kOk) << page.error;
      EXPECT_LE(page.message.subscriptions_size(), 5);
      for (const auto& one : page.message.subscriptions()) {
        EXPECT_TRUE(listed.insert(one.job_set().job_set()).second) << "listed twice";
      }
      request.set_page_token(page.message.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  };
  EXPECT_TRUE(eventually(kLong, [&] { return all_pages() == expected; }));
}

TEST_F(Subscriptions, RequestsThatNameNothingAreRefused) {
  CacheProcess cache(alone());
  const CacheClient client(cache.grpc_address());
  EXPECT_EQ(client.subscribe({"", "set"}, "me").code, code::kInvalidArgument);
  EXPECT_EQ(client.subscribe({"q-a", ""}, "me").code, code::kInvalidArgument);
  EXPECT_EQ(client.subscribe(dag_, "").code, code::kInvalidArgument);
  v1::ListSubscriptionsRequest request;
  request.set_page_token("no such page");
  EXPECT_EQ(client.subscriptions(request).code, code::kInvalidArgument);
}

}  // namespace
}  // namespace armada_cache
