#include "core/lookup/wire.h"

#include <gtest/gtest.h>

#include "armada_cache/internal/v1/lookup.pb.h"

namespace armada_cache::lookup {
namespace {

// Partitions 2 and 5.
Freshness somewhere() {
  Freshness made;
  made.partitions = {2, 5};
  made.extents = {7, {{2, 10, 12}, {5, 3, 3}}};
  return made;
}

template <typename Answer>
Answer of(Freshness freshness) {
  Answer made;
  made.freshness = std::move(freshness);
  return made;
}
template <>
AskedAnswer of<AskedAnswer>(Freshness freshness) {
  AskedAnswer made;
  made.partitions = std::move(freshness.partitions);
  return made;
}

// There and back; what is left of "everything", as readers in process say it, must not be taken for
// that at the other end.
template <typename Response, typename Answer, typename... Asked>
void expect_named_partitions(const Asked&... asked) {
  Response named;
  write(of<Answer>(somewhere()), named);
  EXPECT_TRUE(read(std::move(named), asked...));
  Response nameless;
  write(of<Answer>({}), nameless);
  const auto refused = read(std::move(nameless), asked...);
  ASSERT_FALSE(refused) << Response().GetTypeName();
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
}

TEST(LookupWire, AnAnswerOfNoPartitionIsRefused) {
  expect_named_partitions<wire::DetailsResponse, DetailsAnswer>();
  expect_named_partitions<wire::ListResponse, ListAnswer>();
  expect_named_partitions<wire::SummarizeResponse, JobSetSummary>(base::JobSet{"q", "s"});
  expect_named_partitions<wire::RelaysResponse, RelaysAnswer>(std::vector<base::JobSet>());
  expect_named_partitions<wire::AskedResponse, AskedAnswer>();
  expect_named_partitions<wire::ActiveQueuesResponse, ActiveQueuesAnswer>();
}

TEST(LookupWire, StatusesAreOfWhatTheirExtentsSay) {
  wire::StatusesResponse response;
  write(of<StatusAnswer>({}), response);
  wire::Extents extents;
  const auto refused = read(response, extents, 0, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
  write_extents(somewhere(), extents);
  const auto told = read(response, extents, 0, false);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->freshness.partitions, somewhere().partitions);
  EXPECT_EQ(told->freshness.extents.incarnation, 7);
  ASSERT_EQ(told->freshness.extents.partitions.size(), 2u);
  EXPECT_EQ(told->freshness.extents.partitions[0].most, 12);
}

}  // namespace
}  // namespace armada_cache::lookup
