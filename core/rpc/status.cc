#include "core/rpc/status.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/support/status.h>

#include <array>
#include <utility>

namespace armada_cache::rpc {
namespace {

using base::ErrorCode;

constexpr std::array<std::pair<ErrorCode, grpc::StatusCode>, 14> kCodes{{
    {ErrorCode::kCancelled, grpc::StatusCode::CANCELLED},
    {ErrorCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {ErrorCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {ErrorCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    {ErrorCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {ErrorCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {ErrorCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    {ErrorCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {ErrorCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {ErrorCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
    {ErrorCode::kInternal, grpc::StatusCode::INTERNAL},
    {ErrorCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {ErrorCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
    {ErrorCode::kUnknown, grpc::StatusCode::UNKNOWN},
}};

// The wire form of a few messages of google.rpc, whose generated classes no Debian package holds.
class WireMessage {
 public:
  WireMessage& varint(int field, std::uint64_t value) {
    append([&](auto& out) {
      out.WriteTag(static_cast<std::uint32_t>(field) << 3);
      out.WriteVarint64(value);
    });
    return *this;
  }

  WireMessage& bytes(int field, const std::string& value) {
    append([&](auto& out) {
      out.WriteTag((static_cast<std::uint32_t>(field) << 3) | 2U);
      out.WriteVarint32(static_cast<std::uint32_t>(value.size()));
      out.WriteString(value);
    });
    return *this;
  }

  const std::string& encoded() const { return encoded_; }

 private:
  template <typename Write>
  void append(Write write) {
    google::protobuf::io::StringOutputStream stream(&encoded_);
    google::protobuf::io::CodedOutputStream out(&stream);
    write(out);
  }

  std::string encoded_;
};

std::string status_with_retry_info(int code, const std::string& message,
                                   std::chrono::milliseconds retry_after) {
  const auto millis = static_cast<std::uint64_t>(retry_after.count());
  WireMessage delay;  // google.protobuf.Duration
  delay.varint(1, millis / 1000).varint(2, millis % 1000 * 1'000'000);
  WireMessage retry_info;  // google.rpc.RetryInfo
  retry_info.bytes(1, delay.encoded());
  WireMessage any;  // google.protobuf.Any
  any.bytes(1, "type.googleapis.com/google.rpc.RetryInfo").bytes(2, retry_info.encoded());
  WireMessage status;  // google.rpc.Status
  status.varint(1, static_cast<std::uint64_t>(code)).bytes(2, message).bytes(3, any.encoded());
  return status.encoded();
}

}  // namespace

grpc::Status to_grpc(const base::Error& error,
                     std::optional<std::chrono::milliseconds> retry_after) {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  for (const auto& [ours, theirs] : kCodes) {
    if (ours == error.code) code = theirs;
  }
  if (!retry_after) return grpc::Status(code, error.message);
  return grpc::Status(code, error.message,
                      status_with_retry_info(code, error.message, *retry_after));
}

base::Error from_grpc(const grpc::Status& status) {
  for (const auto& [ours, theirs] : kCodes) {
    if (theirs == status.error_code()) return base::Error{ours, status.error_message()};
  }
  return base::Error{ErrorCode::kUnknown, status.error_message()};
}

std::string_view name_of_code(int grpc_code) {
  constexpr std::array<std::string_view, 17> kNames{"OK",
                                                    "CANCELLED",
                                                    "UNKNOWN",
                                                    "INVALID_ARGUMENT",
                                                    "DEADLINE_EXCEEDED",
                                                    "NOT_FOUND",
                                                    "ALREADY_EXISTS",
                                                    "PERMISSION_DENIED",
                                                    "RESOURCE_EXHAUSTED",
                                                    "FAILED_PRECONDITION",
                                                    "ABORTED",
                                                    "OUT_OF_RANGE",
                                                    "UNIMPLEMENTED",
                                                    "INTERNAL",
                                                    "UNAVAILABLE",
                                                    "DATA_LOSS",
                                                    "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(grpc_code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

}  // namespace armada_cache::rpc
