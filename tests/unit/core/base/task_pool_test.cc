#include "core/base/task_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace armada_cache::base {
namespace {

// A pool of one thread that is busy until release().
class TaskPoolTest : public testing::Test {
 protected:
  void start(TaskPool::AtStop at_stop) {
    pool_ = std::make_unique<TaskPool>(TaskPool::Options{1, 2, at_stop}, &waiting_);
    std::promise<void> begun;
    ASSERT_TRUE(pool_->try_post([&] {
      begun.set_value();
      released_.get_future().wait();
    }));
    begun.get_future().wait();
  }
  bool post() {
    return pool_->try_post([this] { ++done_; });
  }
  void release() { released_.set_value(); }

  prometheus::Gauge waiting_;
  std::promise<void> released_;
  std::atomic<int> done_{0};
  std::unique_ptr<TaskPool> pool_;
};

TEST_F(TaskPoolTest, TurnsAwayWhatItsQueueDoesNotHold) {
  start(TaskPool::AtStop::kFinish);
  EXPECT_TRUE(post());
  EXPECT_TRUE(post());
  EXPECT_FALSE(post());
  EXPECT_EQ(waiting_.Value(), 2);
  release();
  pool_->stop();
  EXPECT_EQ(done_, 2) << "what was taken is done";
  EXPECT_EQ(waiting_.Value(), 0);
  EXPECT_FALSE(post()) << "after the stop";
}

TEST_F(TaskPoolTest, DropsWhatIsNotDueAtItsStop) {
  start(TaskPool::AtStop::kDrop);
  pool_->after(std::chrono::hours(1), [this] { ++done_; });
  release();
  pool_->stop();
  EXPECT_EQ(done_, 0);
}

TEST(TaskPool, RunsTimersOnItsThreads) {
  TaskPool pool({1, 1, TaskPool::AtStop::kDrop});
  std::promise<std::thread::id> pools;
  ASSERT_TRUE(pool.try_post([&] { pools.set_value(std::this_thread::get_id()); }));
  std::promise<std::thread::id> rung;
  pool.after(std::chrono::milliseconds(1), [&] { rung.set_value(std::this_thread::get_id()); });
  auto where = rung.get_future();
  ASSERT_EQ(where.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(where.get(), pools.get_future().get());
}

}  // namespace
}  // namespace armada_cache::base
