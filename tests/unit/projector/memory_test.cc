// The tables in memory and their building blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "projector/job_set_table.h"
#include "projector/layout.h"
#include "projector/live_table.h"
#include "projector/packing.h"
#include "projector/slab_pool.h"

namespace armada_cache::projector {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30;

TEST(LiveTable, HoldsWhatAModelHolds) {
  LiveTable table(kPlenty, kPlenty);
  std::map<std::string, std::pair<int, std::string>> model;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    const std::string id = "job-" + std::to_string(random() % 500);
    const int state = static_cast<int>(random() % 3);
    switch (random() % 4) {
      case 0:
      case 1: {
        std::string record(random() % 700, static_cast<char>('a' + random() % 26));
        table.put_live(id, {state, 7, 9}, record);
        model[id] = {state, std::move(record)};
        break;
      }
      case 2:
        table.put_finished(id, {3, 7, 9});
        model[id] = {3, "-"};
        break;
      default:
        table.erase(id);
        model.erase(id);
    }
    const std::string other = "job-" + std::to_string(random() % 500);
    const auto status = table.status(other);
    ASSERT_EQ(status.has_value(), model.contains(other));
    std::string record;
    const auto live = table.copy_live(other, record);
    if (!status) continue;
    EXPECT_EQ(status->state, model[other].first);
    EXPECT_EQ(status->job_set, 7U);
    EXPECT_EQ(live.has_value(), model[other].second != "-");
    if (live) {
      EXPECT_EQ(record, model[other].second);
    }
    EXPECT_EQ(table.peek_live(other).known, live.has_value());
  }
  std::size_t live = 0;
  for (const auto& [id, job] : model) live += job.second != "-" ? 1U : 0U;
  EXPECT_EQ(table.live_size(), live);
}

TEST(LiveTable, ManyAtATimeAreAnsweredAsOneByOneWhileTheyChange) {
  LiveTable table(kPlenty, kPlenty);
  std::vector<std::string> ids;
  for (int i = 0; i < 300; ++i) ids.push_back("job-" + std::to_string(i));
  for (std::size_t i = 0; i < ids.size(); i += 3) table.put_live(ids[i], {1, 7, 9}, "record");
  std::vector<std::string_view> asked(ids.begin(), ids.end());
  const auto check = [&] {
    for (const std::size_t count : {0U, 1U, 15U, 16U, 17U, 300U}) {
      std::vector<std::optional<JobStatus>> found(count);
      table.statuses(std::span(asked).first(count), found);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(found[i].has_value(), i % 3 == 0) << i;
      }
    }
  };
  check();
  std::atomic<bool> ended = false;
  std::thread writer([&] {
    for (int round = 0; round < 2000; ++round) {
      const std::string& id = ids[static_cast<std::size_t>(round) * 3 % 300];
      table.put_live(id, {round % 3, 7, 9},
                     std::string(static_cast<std::size_t>(round) % 600, 'r'));
    }
    ended = true;
  });
  std::thread other([&] {
    while (!ended) check();
  });
  while (!ended) check();
  writer.join();
  other.join();
}

TEST(LiveTable, StaysWithinItsBoundsAndSaysSo) {
  LiveTable table(32 * 1024, 16 * 1024);
  table.set_complete(true);
  for (int i = 0; i < 2000; ++i) {
    table.put_live("live-" + std::to_string(i), {1, 1, 1}, std::string(100, 'x'));
    table.put_finished("finished-" + std::to_string(i), {3, 1, 1});
  }
  EXPECT_LE(table.live_bytes(), 32U * 1024);
  EXPECT_LE(table.finished_bytes(), 16U * 1024);
  EXPECT_GT(table.live_size(), 100U);
  EXPECT_FALSE(table.complete());
  EXPECT_TRUE(table.status("live-0")) << "who is in stays in";
  EXPECT_FALSE(table.status("finished-0")) << "the oldest goes";
  EXPECT_TRUE(table.status("finished-1999"));
}

TEST(LiveTable, AJobThatOutgrowsItsPlaceLeaves) {
  LiveTable table(16 * 1024, 0);
  table.set_complete(true);
  table.put_live("job", {1, 1, 1}, "small");
  EXPECT_TRUE(table.complete());
  table.put_live("job", {2, 1, 1}, std::string(20'000, 'x'));
  EXPECT_FALSE(table.complete());
  EXPECT_FALSE(table.status("job")) << "an old state would be a wrong answer";
  EXPECT_EQ(table.live_size(), 0U);
}

TEST(SlabPool, BlocksDoNotOverlapAndPagesServeAnySize) {
  SlabPool pool;
  std::mt19937 random(2);
  std::map<std::byte*, std::size_t> blocks;
  for (int step = 0; step < 50'000; ++step) {
    if (random() % 2 == 0 || blocks.empty()) {
      const std::size_t size = 1 + random() % (random() % 10 == 0 ? 5000 : 400);
      auto* block = static_cast<std::byte*>(pool.allocate(size));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0U);
      const auto [at, added] = blocks.emplace(block, size);
      ASSERT_TRUE(added);
      if (at != blocks.begin()) {
        ASSERT_LE(std::prev(at)->first + std::prev(at)->second, block);
      }
      if (std::next(at) != blocks.end()) {
        ASSERT_LE(block + size, std::next(at)->first);
      }
      std::fill_n(block, size, std::byte{0xab});
    } else {
      auto at = blocks.begin();
      std::advance(
          at, static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(blocks.size(), 50)));
      pool.release(at->first, at->second);
      blocks.erase(at);
    }
  }
  for (const auto& [block, size] : blocks) pool.release(block, size);
}

TEST(JobSetTable, FindsByNameAndNumberAndForgets) {
  JobSetTable table;
  const base::JobSet a{"q", "a:/ b"};
  const base::JobSet b{"q", "b"};
  table.put(std::vector<JobSetEntry>{{a, {1, {}, {}}}, {b, {5, {}, {}}}});
  EXPECT_EQ(table.find(b)->number, 5U);
  EXPECT_EQ(table.name_of(1), a);
  EXPECT_EQ(table.queue_of(5), "q");
  EXPECT_EQ(table.queue_of(2), "");
  EXPECT_EQ(table.next_number(), 6U);
  EXPECT_EQ(table.peek_after(1)->name, b);
  EXPECT_EQ(table.peek_after(5), nullptr);
  table.erase(std::vector<base::JobSet>{a});
  EXPECT_FALSE(table.find(a));
  EXPECT_FALSE(table.name_of(1));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.next_number(), 6U);
}

TEST(Layout, ValuesComeBackAndCutOnesDoNot) {
  const JobSetState state{7, {1'700'000'000'123, 5, 300}, {1, 0, 200, 0, 70'000}};
  const std::string packed = pack_job_set(state);
  const auto unpacked = unpack_job_set(packed);
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(unpacked->last_id, state.last_id);
  EXPECT_EQ(unpacked->jobs_by_state, state.jobs_by_state);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(unpack_job_set(std::string_view(packed).substr(0, size))) << size;
  }
  RejectedRecord rejected;
  rejected.reason = Rejection::kWrongKey;
  rejected.topic = "topic";
  rejected.offset = 42;
  rejected.payload = std::string("a\0b", 3);
  rejected.headers = {{"name", "value"}, {"", ""}};
  const std::string bytes = pack_rejected(rejected);
  EXPECT_EQ(unpack_rejected(bytes)->payload, rejected.payload);
  EXPECT_EQ(unpack_rejected(bytes)->headers, rejected.headers);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(unpack_rejected(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_EQ(unpack_positions(pack_positions({12, 34})), (Positions{12, 34}));
  const base::Time time = base::from_unix_micros(-7);
  EXPECT_EQ(unpack_time(pack_time(time)), time);
  EXPECT_FALSE(unpack_time("1234567"));
  EXPECT_FALSE(unpack_status("12345678"));
}

TEST(Layout, KeysOfOneUriAreNotKeysOfAnother) {
  const std::string prefix = uri_prefix(1, "a");
  EXPECT_TRUE(uri_key(1, "a", "b").starts_with(prefix));
  EXPECT_FALSE(uri_key(1, "ab", "").starts_with(prefix));
  EXPECT_FALSE(uri_key(2, "a", "b").starts_with(prefix));
  EXPECT_LT(job_set_key(1, "z"), job_set_key(2, "a"));
  EXPECT_LT(rejected_key(255), rejected_key(256));
}

TEST(Packing, VarintsOfAllLengthsComeBack) {
  for (int shift = 0; shift < 64; ++shift) {
    const std::uint64_t value = std::uint64_t{1} << shift;
    std::string out;
    Packer(out).varint(value).varint(value - 1);
    Unpacker in(out);
    EXPECT_EQ(in.varint(), value);
    EXPECT_EQ(in.varint(), value - 1);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.rest(), "");
  }
  Unpacker endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
  endless.varint();
  EXPECT_FALSE(endless.ok());
}

}  // namespace
}  // namespace armada_cache::projector
