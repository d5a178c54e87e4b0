// Databases that are damaged, or another partition's.
#include <array>
#include <fstream>

#include "core/topics/partitioner.h"
#include "projector/layout.h"
#include "tests/support/raw_rocksdb.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr std::uint64_t kJobs = 2000;

class DamageTest : public ProjectorTest {
 protected:
  fs::path folder(eventlog::Partition partition) {
    return folder_.path() / "projection" / std::to_string(partition);
  }
  static std::vector<std::string> ids_in(eventlog::Partition partition) {
    std::vector<std::string> ids;
    for (std::uint64_t i = 0; i < kJobs; ++i) {
      if (topics::partition_of_job(job_id(i), kPartitions) == partition) ids.push_back(job_id(i));
    }
    return ids;
  }
  // Finished jobs, in files.
  void project_some() {
    start();
    Stream stream(kSet);
    std::vector<eventlog::Record> events;
    for (std::uint64_t i = 0; i < kJobs; ++i) {
      events.push_back(stream.submitted(job_id(i)));
      events.push_back(stream.event("succeeded", job_id(i)));
    }
    append(std::move(events));
    settle();
    projector_->stop();
    stop();
  }
  // In the middle of the largest file of the partition, as a bad disk would.
  void spoil_a_block(eventlog::Partition partition) {
    fs::path largest;
    for (const auto& file : fs::directory_iterator(folder(partition))) {
      if (file.path().extension() != ".sst") continue;
      if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path();
    }
    ASSERT_FALSE(largest.empty());
    std::fstream bytes(largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(largest) / 2);
    std::array<char, 16> some{};
    bytes.seekg(middle).read(some.data(), some.size());
    for (char& byte : some) byte = static_cast<char>(byte ^ 0x5a);
    bytes.seekp(middle).write(some.data(), some.size());
  }
  // Of the questions for one job each, with all that is known of it.
  std::vector<base::Error> errors_of(const std::vector<std::string>& ids) {
    std::vector<base::Error> errors;
    for (const std::string& id : ids) {
      if (const auto answer = details({id}, true); !answer) errors.push_back(answer.error());
    }
    return errors;
  }
};

TEST_F(DamageTest, ABlockThatCannotBeReadIsToldOnceAndForAsLongAsTheProcessLives) {
  project_some();
  ASSERT_NO_FATAL_FAILURE(spoil_a_block(1));
  start();
  settle();
  EXPECT_TRUE(projector_->advances()) << "nobody has come across it";
  ::testing::internal::CaptureStderr();
  const auto errors = errors_of(ids_in(1));
  const std::string told = ::testing::internal::GetCapturedStderr();
  ASSERT_GT(errors.size(), 1U);
  EXPECT_LT(errors.size(), ids_in(1).size()) << "the other blocks are as they were";
  for (const base::Error& error : errors) {
    ASSERT_EQ(error.code, base::ErrorCode::kDataLoss);
    ASSERT_THAT(error.message,
                AllOf(HasSubstr("partition 1 cannot be read"), HasSubstr("delete this folder"),
                      Not(HasSubstr("try again")), Not(HasSubstr("now"))));
  }
  const auto first = told.find("a database is damaged");
  ASSERT_NE(first, std::string::npos) << told;
  EXPECT_EQ(told.find("a database is damaged", first + 1), std::string::npos) << "once";
  EXPECT_THAT(told, AllOf(HasSubstr("\"level\":\"error\""), HasSubstr(folder(1).string()),
                          HasSubstr("delete this folder")));
  const auto advances = projector_->advances();
  ASSERT_FALSE(advances);
  EXPECT_THAT(advances.error().message, AllOf(HasSubstr("partition 1 of the projection is damaged"),
                                              HasSubstr(folder(1).string())));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(30), [&] {
    return metric("armada_cache_projector_damaged{partition=\"1\"}") == 1;
  }));
  EXPECT_EQ(metric("armada_cache_projector_damaged{partition=\"0\"}"), 0);
  EXPECT_TRUE(errors_of(ids_in(0)).empty());
}

TEST_F(DamageTest, ItIsMendedAsItIsToldTo) {
  project_some();
  ASSERT_NO_FATAL_FAILURE(spoil_a_block(1));
  ASSERT_TRUE(open());
  ASSERT_FALSE(errors_of(ids_in(1)).empty());
  stop();
  fs::remove_all(folder(1));
  start();
  settle();
  EXPECT_TRUE(errors_of(ids_in(1)).empty());
  EXPECT_TRUE(projector_->advances());
}

TEST_F(DamageTest, AnEntryThatMakesNoSenseIsDamageToo) {
  project_some();
  const std::string inside = ids_in(1).front();
  test_support::RawRocksdb(folder(1)).put("status", inside, "x");
  ASSERT_TRUE(open());
  const auto answer = statuses({inside});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::kDataLoss);
  EXPECT_THAT(answer.error().message, HasSubstr("partition 1 cannot be read"));
  EXPECT_FALSE(projector_->advances());
}

TEST_F(DamageTest, ADamagedPartitionGoesOnWithWhatItCanReadAndWrite) {
  project_some();
  test_support::RawRocksdb(folder(1)).put("status", ids_in(1).front(), "x");
  options_.sweep_interval = std::chrono::microseconds(1);
  start();
  const std::string failed = "armada_cache_projector_failures_total{doing=\"forget old jobs in\"}";
  ASSERT_TRUE(
      test_support::eventually(std::chrono::seconds(30), [&] { return metric(failed) == 1; }));
  Stream stream(kOther);
  for (std::uint64_t i = kJobs; i < kJobs + 100; ++i) {
    append(stream.submitted(job_id(i)));
    settle();
  }
  EXPECT_EQ(metric(failed), 1) << "where it comes across the damage, not again and again";
}

TEST_F(DamageTest, AFolderOfAnotherPartitionIsRefused) {
  project_some();
  fs::rename(folder(0), folder_.path() / "aside");
  fs::rename(folder(1), folder(0));
  fs::rename(folder_.path() / "aside", folder(1));
  const base::Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("of 3; put each folder back where it was"),
                                            HasSubstr("it is of partition ")));
}

// An older program wrote no mark.
TEST_F(DamageTest, AFolderWithoutAMarkIsTakenForWhatItsJobsSay) {
  project_some();
  for (const eventlog::Partition partition : {0, 1}) {
    test_support::RawRocksdb(folder(partition)).erase("default", std::string(kPlaceKey));
  }
  fs::rename(folder(0), folder_.path() / "aside");
  fs::rename(folder(1), folder(0));
  const base::Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(opened.error().message, HasSubstr("which belongs to partition 1"));
  fs::remove_all(folder(1));  // made anew meanwhile
  fs::rename(folder(0), folder(1));
  fs::rename(folder_.path() / "aside", folder(0));
  ASSERT_TRUE(open());
  stop();
  fs::remove_all(folder(0));
  fs::rename(folder(1), folder(0));
  const base::Status marked = open();
  ASSERT_FALSE(marked);
  EXPECT_THAT(marked.error().message, HasSubstr("it is of partition 1 of 3"));
}

}  // namespace
}  // namespace armada_cache::projector::testing
