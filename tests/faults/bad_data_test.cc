// Invariant 6: a folder that cannot be used is refused in words that tell why; nothing in it is
// harmed, and what can be made again is made again.
#include <fstream>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"
#include "tests/support/raw_rocksdb.h"

namespace armada_cache {
namespace {

using std::filesystem::path;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using test_support::ExitStatus;
using testing::HasSubstr;
using testing::IsEmpty;

class BadData : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.load = {.queues = {"q-a"}, .prefix = "set-", .job_sets = 2, .jobs = 300};
    return options;
  }

  // A data folder with all of the load in it, left behind by a cache that was stopped properly.
  void fill() {
    CacheProcess cache(cache_options());
    const CacheClient client(cache.grpc_address());
    for (const char* name : {"set-0", "set-1"}) {
      ASSERT_TRUE(client.subscribe({"q-a", name}, "test", 3600).ok());
    }
    ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
    expect_all_answered(client);
    ASSERT_EQ(cache.stop(), (ExitStatus{0, 0})) << cache.process().standard_error();
  }

  void expect_all_answered(const CacheClient& client) {
    EXPECT_THAT(compare_answers_until(kLong, client, sim_.account()), IsEmpty());
  }

  void expect_refused(const std::string& word) {
    const auto process = test_support::launch_cache(cache_options());
    EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{1, 0})) << process->standard_error();
    EXPECT_THAT(process->standard_error(), HasSubstr(word));
    EXPECT_THAT(process->standard_error(), HasSubstr(data_dir().string()));
    EXPECT_EQ(process->standard_output().find("ready"), std::string::npos);
  }

  void expect_works() {
    CacheProcess cache(cache_options());
    expect_all_answered(CacheClient(cache.grpc_address()));
  }

  test_support::CacheOptions cache_options() const { return options(address_, {"--partitions=2"}); }

  static std::vector<path> files(const path& folder, const std::string& part_of_name) {
    std::vector<path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name.find(part_of_name) != std::string::npos) {
        found.push_back(entry.path());
      }
    }
    return found;
  }
  static void overwrite(const path& file, const std::string& with) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << with;
  }

  simulator::Simulator sim_{world()};
  std::string address_ = sim_.start().value();
};

TEST_F(BadData, Invariant6AFolderThatAnotherProcessHoldsIsRefusedAndTheOtherGoesOn) {
  CacheProcess first(cache_options());
  expect_refused("another process");
  EXPECT_TRUE(CacheClient(first.grpc_address()).statuses({}).ok());
  EXPECT_EQ(first.stop(), (ExitStatus{0, 0}));
}

TEST_F(BadData, Invariant6ALogOfANewerFormatIsRefused) {
  ASSERT_NO_FATAL_FAILURE(fill());
  overwrite(data_dir() / "log" / "FORMAT", "armada-cache event log, format 999\n");
  expect_refused("999");
  overwrite(data_dir() / "log" / "FORMAT", "armada-cache event log, format 1\n");
  expect_works();
}

// A format of the future may have column families that are not known here.
TEST_F(BadData, Invariant6AProjectionOfANewerFormatIsRefused) {
  ASSERT_NO_FATAL_FAILURE(fill());
  test_support::RawRocksdb(data_dir() / "projection" / "1").add_family("of_the_future");
  expect_refused("projection");
  expect_refused("format");
  std::filesystem::remove_all(data_dir() / "projection");
  expect_works();
}

TEST_F(BadData, Invariant6ADamagedLogIsRefusedByItsFolder) {
  ASSERT_NO_FATAL_FAILURE(fill());
  const auto manifests = files(data_dir() / "log", "MANIFEST");
  ASSERT_FALSE(manifests.empty());
  overwrite(manifests.front(), "this is no manifest");
  expect_refused("log");
}

TEST_F(BadData, Invariant6ADamagedProjectionIsRefusedAndCanBeMadeAgainFromTheLog) {
  ASSERT_NO_FATAL_FAILURE(fill());
  const auto manifests = files(data_dir() / "projection", "MANIFEST");
  ASSERT_FALSE(manifests.empty());
  overwrite(manifests.front(), "this is no manifest");
  expect_refused("projection");
  std::filesystem::remove_all(data_dir() / "projection");
  sim_.stop();
  expect_works();
}

TEST_F(BadData, Invariant6ATruncatedDataFileIsRefusedAndCanBeMadeAgainFromTheLog) {
  ASSERT_NO_FATAL_FAILURE(fill());
  const auto tables = files(data_dir() / "projection", ".sst");
  ASSERT_FALSE(tables.empty());
  std::filesystem::resize_file(tables.front(), std::filesystem::file_size(tables.front()) / 2);
  expect_refused("projection");
  std::filesystem::remove_all(data_dir() / "projection");
  expect_works();
}

TEST_F(BadData, Invariant6AFolderThatCannotBeMadeIsRefused) {
  overwrite(data_dir(), "a file, not a folder");
  expect_refused("");
}

TEST_F(BadData, Invariant6AnotherPartitionCountIsRefused) {
  ASSERT_NO_FATAL_FAILURE(fill());
  auto other = cache_options();
  other.more = {"--partitions=3"};
  const auto process = test_support::launch_cache(other);
  EXPECT_EQ(process->wait_for_exit(kLong), (ExitStatus{1, 0})) << process->standard_error();
  EXPECT_THAT(process->standard_error(), HasSubstr("partition"));
  expect_works();
}

}  // namespace
}  // namespace armada_cache
