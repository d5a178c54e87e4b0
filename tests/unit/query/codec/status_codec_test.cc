// The hand-written codec against the generated classes.
#include "query/codec/status_codec.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "armada/api/job.pb.h"
#include "query/codec/utf8.h"

namespace armada_cache::query {
namespace {

using testing::ElementsAre;

constexpr std::size_t kAll = 1'000'000;

std::string encoded(const std::vector<std::string>& ids) {
  api::JobStatusRequest request;
  request.mutable_job_ids()->Assign(ids.begin(), ids.end());
  return request.SerializeAsString();
}

// Both take the same bytes and find the same ids in them.
void expect_as_generated(const std::string& bytes) {
  api::JobStatusRequest oracle;
  const bool valid = oracle.ParseFromString(bytes);
  const auto parsed = parse_status_request(bytes, kAll);
  ASSERT_EQ(parsed.has_value(), valid) << testing::PrintToString(bytes);
  if (!valid) return;
  EXPECT_EQ(parsed->asked, static_cast<std::size_t>(oracle.job_ids_size()));
  std::vector<std::string> once;
  for (const std::string& id : oracle.job_ids()) {
    if (std::ranges::find(once, id) == once.end()) once.push_back(id);
  }
  EXPECT_EQ(std::vector<std::string>(parsed->job_ids.begin(), parsed->job_ids.end()), once);
}

// A valid request with unknown fields of every kind, groups in groups among them.
std::string with_unknown_fields() {
  api::JobStatusRequest request;
  request.add_job_ids("job-1");
  auto& unknown = *request.GetReflection()->MutableUnknownFields(&request);
  unknown.AddVarint(7, ~0ULL);
  unknown.AddFixed32(8, 1);
  unknown.AddFixed64(9, 1);
  unknown.AddLengthDelimited(10, "bytes \xff");
  auto* group = unknown.AddGroup(11);
  group->AddVarint(1, 5);
  group->AddGroup(12)->AddLengthDelimited(1, "x");
  unknown.AddVarint(1, 5);
  return request.SerializeAsString() + encoded({"j\xc3\xb6"
                                                "b-2",
                                                ""});
}

std::string mutated(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
    const auto byte = static_cast<char>(below(256));
    const std::size_t at = below(bytes.size() + 1);
    switch (below(4)) {
      case 0:
        bytes.insert(at, 1, byte);
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        if (at < bytes.size()) bytes.erase(at, 1);
        break;
      default:
        if (at < bytes.size()) bytes[at] = byte;
    }
  }
  return bytes;
}

TEST(StatusRequestCodec, ReadsWhatGeneratedCodeWrites) {
  expect_as_generated("");
  expect_as_generated(encoded({""}));
  expect_as_generated(encoded({"job-1", "job-2", "job-1"}));
  expect_as_generated(with_unknown_fields());
  expect_as_generated(encoded({std::string(100'000, 'x'), "j"}));
}

TEST(StatusRequestCodec, RefusesWhatGeneratedCodeRefuses) {
  expect_as_generated(encoded({"job-1"}).substr(0, 4));
  expect_as_generated(std::string("\x0a\xff\xff\xff\xff\x0f", 6));
  expect_as_generated(std::string("\x0a\x01\xff", 3));
  expect_as_generated(std::string("\x00\x01", 2));
  expect_as_generated("\x0c");
  expect_as_generated("\x0e");
  expect_as_generated(std::string(200, '\x5b'));
  expect_as_generated(std::string(90, '\x5b') + std::string(90, '\x5c'));
  expect_as_generated("\x8a\x80\x80\x80\x80\x80\x01\x01x");
}

TEST(StatusRequestCodec, AgreesWithGeneratedCodeOnMutations) {
  const google::protobuf::LogSilencer quiet;  // it logs each string that is no UTF-8
  std::mt19937 random(20'240'731);
  const std::vector<std::string> seeds{
      encoded({"01hzq3vfx5rb2c0e5gj4nbd9qw", "01hzq3vfx5rb2c0e5gj4nbd9qx"}), with_unknown_fields(),
      encoded({"", "\xe2\x82\xac", "\xf0\x9f\x9a\x80"}), ""};
  for (int i = 0; i < 200'000 && !HasFailure(); ++i) {
    expect_as_generated(mutated(seeds[static_cast<std::size_t>(i) % seeds.size()], random));
  }
}

TEST(StatusRequestCodec, KeepsNoMoreIdsThanAskedFor) {
  const std::string bytes = encoded({"a", "b", "c", "d"});
  const auto parsed = parse_status_request(bytes, 2);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->asked, 4U);
  EXPECT_THAT(parsed->job_ids, ElementsAre("a", "b"));
}

TEST(StatusResponseCodec, WritesWhatGeneratedCodeReads) {
  std::vector<std::string> ids{"",
                               "j",
                               std::string(127, 'a'),
                               std::string(128, 'b'),
                               std::string(20'000, 'c'),
                               "unknown",
                               "odd",
                               "negative"};
  std::vector<lookup::JobStatus> statuses{{0},   {1}, {4}, {9}, {10}, {lookup::JobStatus::kNone},
                                          {300}, {-7}};
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  std::string bytes(status_response_size(views, statuses), '\0');
  write_status_response(views, statuses, reinterpret_cast<std::uint8_t*>(bytes.data()));
  api::JobStatusResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  ASSERT_EQ(response.job_states_size(), static_cast<int>(ids.size()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const int expected = statuses[i].state == lookup::JobStatus::kNone
                             ? static_cast<int>(api::UNKNOWN)
                             : statuses[i].state;
    EXPECT_EQ(static_cast<int>(response.job_states().at(ids[i])), expected);
  }
  EXPECT_EQ(response.ByteSizeLong(), bytes.size());
}

TEST(Utf8, IsWhatProtobufTakes) {
  for (const std::string good : {"", "plain ascii text", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << testing::PrintToString(good);
  }
  for (const std::string bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "12345678\xff", "1234567\xe2\x82", "\xc2"}) {
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace armada_cache::query
