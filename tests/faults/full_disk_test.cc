// Invariant 6: a full disk is reported and survived; nothing that was acknowledged is lost.
#include <sys/mount.h>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"
#include "tests/support/http_get.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using test_support::ExitStatus;
using testing::IsEmpty;

// A file system of its own where the system lets us have one.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1g") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return mounted_; }
  // So many bytes beyond what is used now.
  void leave(std::uint64_t bytes) {
    const auto space = std::filesystem::space(folder_);
    const std::string size = "size=" + std::to_string(space.capacity - space.free + bytes);
    ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()), 0);
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

const std::string kUnknown = "01hzzzzzzzzzzzzzzzzzzzzzzz";

class FullDisk : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 4, .jobs = 2000};
    options.life.spec_bytes = 3000;
    return options;
  }
  test_support::CacheOptions cache_options() const { return options(address_, {"--partitions=2"}); }

  void subscribe(const CacheClient& client) {
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(client.subscribe({"q-a", "set-" + std::to_string(i)}, "test", 3600).ok());
    }
  }
  static std::string scrape(const CacheProcess& cache, const std::string& target) {
    return test_support::http_get(cache.http_address(), target).body;
  }
  static bool is_ready(const CacheProcess& cache) {
    return test_support::http_get(cache.http_address(), "/readyz").status == 200;
  }
  void expect_doubt(const CacheProcess& cache, const CacheClient& client) {
    const auto unknown = client.statuses({kUnknown});
    EXPECT_EQ(unknown.code, test_support::code::kUnavailable) << unknown.error;
    const auto ready = test_support::http_get(cache.http_address(), "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, testing::HasSubstr("disk is full; make room"));
    EXPECT_THAT(ready.body, testing::HasSubstr(data_dir().string()));
    EXPECT_EQ(test_support::metric(scrape(cache, "/metrics"), "armada_cache_log_writable"), 0);
  }
  // Everything is taken in after all, by a cache that has room.
  void expect_complete() {
    CacheProcess cache(cache_options());
    const CacheClient client(cache.grpc_address());
    EXPECT_THAT(compare_answers_until(kLong, client, account_), IsEmpty());
    ASSERT_EQ(cache.stop(), (ExitStatus{0, 0})) << cache.process().standard_error();
    const auto log = test_support::read_log(data_dir(), 2);
    EXPECT_THAT(compare_log(log, account_), IsEmpty());
  }

  simulator::Simulator sim_{world()};
  std::string address_ = sim_.start().value();
  simulator::Account account_;
};

TEST_F(FullDisk, Invariant6IsReportedAndGoneOnFromWhenThereIsRoom) {
  ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
  account_ = sim_.account();
  SmallDisk disk(data_dir());
  if (!disk.is_mounted()) {
    std::cout << "no file system can be mounted here: see Invariant6WritesThatFail\n";
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  {
    CacheProcess cache(cache_options());
    const CacheClient client(cache.grpc_address());
    disk.leave(1 << 20);
    subscribe(client);
    ASSERT_TRUE(eventually(kLong, [&] {
      return cache.process().standard_error().find("No space left") != std::string::npos ||
             !cache.process().running();
    }));
    // It lives on and answers, but is not sure of what it does not have, and says so.
    EXPECT_TRUE(client.statuses({}).ok()) << cache.process().standard_error();
    expect_doubt(cache, client);
    disk.leave(512 << 20);
    // It takes up again by itself where it stopped.
    EXPECT_TRUE(eventually(kLong, [&] { return is_ready(cache); })) << scrape(cache, "/readyz");
    EXPECT_TRUE(eventually(kLong, [&] { return client.statuses({kUnknown}).ok(); }));
    EXPECT_THAT(compare_answers_until(kLong, client, account_), IsEmpty())
        << cache.process().standard_error();
    EXPECT_EQ(cache.stop(), (ExitStatus{0, 0})) << cache.process().standard_error();
  }
  expect_complete();
}

// The same with files that may not grow, which needs no rights: the limit goes with the process.
TEST_F(FullDisk, Invariant6WritesThatFailAreReportedAndNothingIsLost) {
  ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
  account_ = sim_.account();
  auto limited = cache_options();
  limited.max_file_bytes = 2 << 20;
  {
    CacheProcess cache(limited);
    const CacheClient client(cache.grpc_address());
    subscribe(client);
    ASSERT_TRUE(eventually(kLong, [&] {
      return cache.process().standard_error().find("File too large") != std::string::npos ||
             !cache.process().running();
    }));
    cache.process().send(SIGTERM);
    const auto exit = cache.process().wait_for_exit(kLong);
    ASSERT_TRUE(exit.has_value());
    EXPECT_EQ(exit->signal, 0) << "it must not crash: " << cache.process().standard_error();
  }
  expect_complete();
}

}  // namespace
}  // namespace armada_cache
