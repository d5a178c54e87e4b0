// Errors are values: a code for the program and a message for the person who must act.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace armada_cache::base {

// The codes of gRPC that this system distinguishes; core/rpc translates them one to one.
enum class ErrorCode {
  kCancelled,
  kInvalidArgument,
  kDeadlineExceeded,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kUnauthenticated,
  kResourceExhausted,
  kFailedPrecondition,
  kUnimplemented,
  kInternal,
  kUnavailable,
  kDataLoss,
  kUnknown,
};

// "unavailable", "data_loss", ...: for logs and metric labels.
std::string_view name_of(ErrorCode code);

// `message` says what failed, where, with which value, and what to do about it.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// return fail(ErrorCode::kNotFound, "...") works for a Result of any type.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace armada_cache::base
