// What the server tells of its schema. Pure.
#pragma once

#include <string>
#include <vector>

namespace grpc::reflection::v1alpha {
class ServerReflectionRequest;
class ServerReflectionResponse;
}  // namespace grpc::reflection::v1alpha

namespace armada_cache::rpc {

// From the generated classes' descriptors. `services` are the full names listed.
void answer_schema_request(const std::vector<std::string>& services,
                           const grpc::reflection::v1alpha::ServerReflectionRequest& request,
                           grpc::reflection::v1alpha::ServerReflectionResponse& response);

}  // namespace armada_cache::rpc
