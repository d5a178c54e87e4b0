// A network that loses everything and says nothing.
#include "armada/api/submit.pb.h"
#include "tests/simulator/simulator.h"
#include "tests/support/end_to_end.h"
#include "tests/support/stalling_proxy.h"

namespace armada_cache {
namespace {

using base::JobSet;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
namespace code = test_support::code;

class SilentNetwork : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.job_seconds = 0.3;
    options.queues = {{"q-a"}};
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 1, .jobs = 20};
    return options;
  }
  static std::int64_t now_millis() { return base::to_unix_millis(base::SystemClock().now()); }
  template <typename Message>
  static std::int64_t as_of(const test_support::Answer<Message>& answer) {
    const auto found = answer.metadata.find("armada-cache-as-of");
    return found == answer.metadata.end() ? -1 : std::stoll(found->second);
  }
  // Negative where the call failed.
  int state_of(const std::string& id) const {
    const auto answer = client_.statuses({id});
    return answer.ok() ? static_cast<int>(answer.message.job_states().at(id)) : -answer.code;
  }

  simulator::Simulator sim_{world()};
  test_support::StallingProxy network_{sim_.start().value()};
  // The keepalive of the connection is out of reach: what is shown does not rest on it.
  CacheProcess cache_{
      options(network_.address(), {"--armada-keepalive-time=1h", "--armada-probe-interval=200ms",
                                   "--armada-probe-timeout=1s", "--retry-max=500ms"})};
  CacheClient client_{cache_.grpc_address()};
  const JobSet job_set_{"q-a", "set-0"};
};

TEST_F(SilentNetwork, Invariant4NothingIsSaidToBeNewerThanTheLastSignOfLife) {
  ASSERT_TRUE(client_.subscribe(job_set_, "test", 3600).ok());
  ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended() && client_.caught_up(job_set_); }));
  const auto job = sim_.account().jobs.front();
  const std::string known = job.id;
  const std::int64_t caught_up = now_millis();
  ASSERT_TRUE(eventually(kLong, [&] { return as_of(client_.statuses({known})) > caught_up; }));

  network_.fall_silent();
  const std::int64_t silent = now_millis();
  const auto unheard = sim_.submit(job_set_, {});
  ASSERT_TRUE(unheard) << unheard.error().message;
  EXPECT_TRUE(eventually(kLong, [&] { return state_of(*unheard) == -code::kUnavailable; }));
  EXPECT_EQ(state_of(known), static_cast<int>(job.expected)) << "what is known is answered";
  EXPECT_LE(as_of(client_.statuses({known})), silent);
  EXPECT_GE(as_of(client_.statuses({known})), caught_up - 5000);

  network_.recover();
  EXPECT_TRUE(eventually(kLong, [&] {
    const int state = state_of(*unheard);
    EXPECT_NE(state, static_cast<int>(api::UNKNOWN));
    return state == static_cast<int>(api::SUCCEEDED);
  }));
}

}  // namespace
}  // namespace armada_cache
