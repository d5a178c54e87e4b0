#include "core/rpc/status.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

namespace armada_cache::rpc {
namespace {

using base::Error;
using base::ErrorCode;

TEST(Status, EveryCodeGoesThereAndBack) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kUnknown); ++code) {
    const Error error{static_cast<ErrorCode>(code), "what happened"};
    const grpc::Status status = to_grpc(error);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(from_grpc(status), error);
  }
}

TEST(Status, CodesThatAreNotOursBecomeUnknown) {
  EXPECT_EQ(from_grpc({grpc::StatusCode::ABORTED, "x"}), (Error{ErrorCode::kUnknown, "x"}));
}

// The bytes that google.rpc.Status, with a RetryInfo of 1.25 s, has.
TEST(Status, CarriesARetryHint) {
  const grpc::Status status =
      to_grpc({ErrorCode::kUnavailable, "later"}, std::chrono::milliseconds(1250));
  const std::string duration("\x08\x01\x10\x80\xe5\x9a\x77", 7);
  const std::string retry_info = std::string("\x0a\x07", 2) + duration;
  const std::string url = "type.googleapis.com/google.rpc.RetryInfo";
  const std::string any =
      std::string("\x0a\x28", 2) + url + std::string("\x12\x09", 2) + retry_info;
  EXPECT_EQ(status.error_details(), std::string("\x08\x0e\x12\x05later\x1a\x35", 11) + any);
  EXPECT_TRUE(to_grpc({ErrorCode::kUnavailable, "later"}).error_details().empty());
}

TEST(Status, CodesHaveTheirNames) {
  EXPECT_EQ(name_of_code(grpc::StatusCode::OK), "OK");
  EXPECT_EQ(name_of_code(grpc::StatusCode::UNAVAILABLE), "UNAVAILABLE");
  EXPECT_EQ(name_of_code(grpc::StatusCode::UNAUTHENTICATED), "UNAUTHENTICATED");
  EXPECT_EQ(name_of_code(99), "UNKNOWN");
}

}  // namespace
}  // namespace armada_cache::rpc
