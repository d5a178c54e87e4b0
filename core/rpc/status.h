// Errors of this system as gRPC statuses, and back: one to one.
#pragma once

#include <chrono>
#include <optional>

#include "core/base/error.h"

namespace grpc {
class Status;
}

namespace armada_cache::rpc {

// With `retry_after`, the status carries a google.rpc.RetryInfo in its details.
grpc::Status to_grpc(const base::Error& error,
                     std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

// Of a status that is not OK. Codes that this system does not distinguish become kUnknown.
base::Error from_grpc(const grpc::Status& status);

// "OK", "UNAVAILABLE", ...: as gRPC's documentation writes the code, for metric labels.
std::string_view name_of_code(int grpc_code);

}  // namespace armada_cache::rpc
