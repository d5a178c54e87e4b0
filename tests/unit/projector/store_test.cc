// What becomes of readers while a database is opened anew.
#include "projector/store.h"

#include <gtest/gtest.h>

#include <chrono>

#include "projector/database.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::projector {
namespace {

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    auto memory = std::make_shared<SharedMemory>();
    memory->block_cache = rocksdb::NewLRUCache(1 << 20);
    memory->write_buffers = std::make_shared<rocksdb::WriteBufferManager>(8 << 20);
    memory->share.write_buffer_bytes = 1 << 20;
    memory->share.wal_max_bytes = 1 << 20;
    auto opened = Store::open(folder_.path() / "store", {0, 1}, memory);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    ChangeSet changes;
    changes.job_sets.push_back({{"queue", "set"}, {}});
    ASSERT_TRUE(store_->write(changes, {}, {}));
  }

  int job_sets() const {
    int seen = 0;
    EXPECT_TRUE(store_->each_job_set([&](const JobSetEntry&) { ++seen; }));
    return seen;
  }

  test_support::TempDir folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, AReadThatDoesNotEndKeepsItFromBeingOpenedAnewAndNobodyWaiting) {
  constexpr std::chrono::seconds kSoon{5};
  ASSERT_TRUE(store_->each_job_set([&](const JobSetEntry&) {
    const auto began = std::chrono::steady_clock::now();
    const auto reopened = store_->reopen();
    EXPECT_LT(std::chrono::steady_clock::now() - began, kSoon);
    ASSERT_FALSE(reopened);
    EXPECT_EQ(reopened.error().code, base::ErrorCode::kUnavailable);
    EXPECT_EQ(job_sets(), 1) << "others read on";
  }));
  EXPECT_TRUE(store_->reopen()) << "once it has ended";
  EXPECT_EQ(job_sets(), 1);
}

}  // namespace
}  // namespace armada_cache::projector
