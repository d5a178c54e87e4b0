#include "query/routing/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::query {
namespace {

using base::from_unix_micros;
using lookup::Freshness;
using testing::ElementsAre;

Freshness fresh(std::int64_t as_of, const std::string& doubt = "") {
  Freshness made;
  made.as_of = from_unix_micros(as_of);
  made.doubt = doubt;
  made.certain = doubt.empty();
  return made;
}

TEST(Merge, IsAsOldAsTheOldestAndAsDoubtfulAsAny) {
  std::vector<Freshness> parts{fresh(5), fresh(3, "why"), fresh(4, "why"), fresh(9, "because")};
  parts[1].resting = {{"q", "one"}};
  parts[2].resting = {{"q", "one"}, {"q", "two"}};
  const Freshness merged = merge(parts);
  EXPECT_EQ(merged.as_of, from_unix_micros(3));
  EXPECT_FALSE(merged.certain);
  EXPECT_EQ(merged.doubt, "why; because");
  EXPECT_THAT(merged.resting, ElementsAre(base::JobSet{"q", "one"}, base::JobSet{"q", "two"}));
}

TEST(Merge, OfAJobSetTheRelaysHomeTellsHowOldItIsUnlessAnotherIsBehind) {
  std::vector<Freshness> parts{fresh(0), fresh(7)};
  parts[0].followed = false;
  const Freshness merged = merge_job_set(parts, 1);
  EXPECT_TRUE(merged.certain);
  EXPECT_TRUE(merged.followed);
  EXPECT_EQ(merged.as_of, from_unix_micros(7));
  parts[0] = fresh(2, "behind");
  const Freshness behind = merge_job_set(parts, 1);
  EXPECT_FALSE(behind.certain);
  EXPECT_EQ(behind.as_of, from_unix_micros(2));
  EXPECT_EQ(behind.doubt, "behind");
}

lookup::ListAnswer page(const std::vector<std::string>& ids, const std::string& go_on_after = "") {
  lookup::ListAnswer made;
  for (const std::string& id : ids) made.jobs.push_back({id, 0, {}, {}});
  made.more = !go_on_after.empty();
  made.go_on_after = go_on_after;
  return made;
}

std::vector<std::string> ids_of(const lookup::ListAnswer& answer) {
  std::vector<std::string> ids;
  for (const lookup::ListedJob& job : answer.jobs) ids.push_back(job.job_id);
  return ids;
}

TEST(Merge, APageEndsWhereAPartMayHoldMore) {
  const auto merged = merge({page({"a", "d", "f"}), page({"b"}, "c")}, 0, 10);
  EXPECT_THAT(ids_of(merged), ElementsAre("a", "b"));
  EXPECT_TRUE(merged.more);
  EXPECT_EQ(merged.go_on_after, "c");
}

TEST(Merge, APageEndsAtItsLimit) {
  const auto merged = merge({page({"a", "d"}), page({"b", "c"})}, 0, 3);
  EXPECT_THAT(ids_of(merged), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(merged.more);
  EXPECT_EQ(merged.go_on_after, "c");
  EXPECT_FALSE(merge({page({"a"}), page({"b"})}, 0, 2).more);
}

TEST(Merge, AskedJobSetsEndWhereAPartDoes) {
  const auto set = [](const char* name) { return base::JobSet{"q", name}; };
  const lookup::AskedAnswer first{{set("a"), set("d")}, std::nullopt, from_unix_micros(9), {}};
  const lookup::AskedAnswer second{{set("a"), set("b")}, set("b"), from_unix_micros(8), {}};
  const auto merged = merge({first, second}, 10);
  EXPECT_THAT(merged.job_sets, ElementsAre(set("a"), set("b")));
  EXPECT_EQ(merged.next, set("b"));
  EXPECT_EQ(merged.as_of, from_unix_micros(8));
  const auto limited = merge({first, first}, 1);
  EXPECT_THAT(limited.job_sets, ElementsAre(set("a")));
  EXPECT_EQ(limited.next, set("a"));
}

TEST(Merge, SumsEachState) {
  lookup::JobSetSummary first;
  first.jobs_by_state = {1, 2, 3};
  lookup::JobSetSummary second;
  second.jobs_by_state = {10, 20, 30};
  second.relay.emplace();
  const auto merged = merge({first, second}, 1);
  EXPECT_THAT(merged.jobs_by_state, ElementsAre(11, 22, 33));
  EXPECT_TRUE(merged.relay);
}

}  // namespace
}  // namespace armada_cache::query
