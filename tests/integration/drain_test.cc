// Invariant 7: SIGTERM drains: no request that was accepted fails because of a planned stop.
#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::chrono::seconds;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using testing::HasSubstr;
using testing::IsEmpty;
namespace code = test_support::code;

constexpr int kCallers = 50;

// Callers that look jobs up, each over a connection of its own, until one of their calls fails.
class Callers {
 public:
  Callers(const std::string& address, const std::vector<std::string>& ids) {
    for (int i = 0; i < kCallers; ++i) {
      threads_.emplace_back([this, address, &ids] { call_until_gone(address, ids); });
    }
  }
  ~Callers() { join(); }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  std::uint64_t answered() const { return answered_; }
  // What those calls failed with that did.
  std::multiset<std::string> failures() const { return failures_; }

 private:
  void call_until_gone(const std::string& address, const std::vector<std::string>& ids) {
    const CacheClient client(address, seconds(20));
    for (;;) {
      const auto answer = client.statuses(ids);
      if (!answer.ok()) {
        const std::lock_guard lock(mutex_);
        // Every answer of the cache's own says as of when it is true, errors too.
        const bool ours = answer.metadata.contains("armada-cache-as-of");
        failures_.insert(std::string(ours ? "answered " : "") + std::to_string(answer.code) + ": " +
                         answer.error);
        return;
      }
      ++answered_;
    }
  }

  std::atomic<std::uint64_t> answered_{0};
  std::mutex mutex_;
  std::multiset<std::string> failures_;
  std::vector<std::thread> threads_;
};

class Drain : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 4, .jobs = 500};
    return options;
  }

  void follow_to_the_end(const CacheClient& client) {
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(client.subscribe({"q-a", "set-" + std::to_string(i)}, "test", 3600).ok());
    }
    ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
    account_ = sim_.account();
    ASSERT_THAT(compare_answers_until(kLong, client, account_), IsEmpty());
  }

  simulator::Simulator sim_{world()};
  std::string address_ = sim_.start().value();
  simulator::Account account_;
};

TEST_F(Drain, Invariant7NoAcceptedLookupFailsAndEverythingIsKept) {
  {
    CacheProcess cache(options(address_));
    const CacheClient client(cache.grpc_address());
    ASSERT_NO_FATAL_FAILURE(follow_to_the_end(client));
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 100; ++i) ids.push_back(account_.jobs[i].id);

    Callers callers(cache.grpc_address(), ids);
    ASSERT_TRUE(eventually(kLong, [&] { return callers.answered() > kCallers * 20; }));
    EXPECT_EQ(cache.stop(seconds(20)), (test_support::ExitStatus{0, 0}))
        << cache.process().standard_error();
    callers.join();
    // Each caller ends at a call that was never taken: there was no server any more, or gRPC turned
    // it away unread, which it does with this code and no words.
    for (const std::string& failure : callers.failures()) {
      EXPECT_THAT(failure, testing::AnyOf(testing::MatchesRegex("14: .*[Cc]onnect.*"),
                                          testing::Eq("1: CANCELLED")));
      EXPECT_THAT(failure, testing::Not(HasSubstr("reset")));
      EXPECT_THAT(failure, testing::Not(HasSubstr("Socket closed")));
    }
  }
  CacheProcess cache(options("127.0.0.1:1"));
  const CacheClient client(cache.grpc_address());
  EXPECT_THAT(compare_answers_until(kLong, client, account_), IsEmpty());
}

TEST_F(Drain, Invariant7AStopWhileArmadaHangsIsStillQuick) {
  CacheProcess cache(options(address_));
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(client.subscribe({"q-a", "set-0"}, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return client.caught_up({"q-a", "set-0"}); }));
  // Its stream is open and silent; nothing that Armada does or does not do may hold the stop up.
  EXPECT_EQ(cache.stop(seconds(20)), (test_support::ExitStatus{0, 0}));
}

}  // namespace
}  // namespace armada_cache
