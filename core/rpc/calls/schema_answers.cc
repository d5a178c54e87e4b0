#include "core/rpc/calls/schema_answers.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status.h>

#include <set>

#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace armada_cache::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1alpha::FileDescriptorResponse;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

const DescriptorPool& pool() {
  return *DescriptorPool::generated_pool();
}

void set_error(grpc::StatusCode code, const std::string& message,
               ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

// The file, then all that it imports.
void add_with_imports(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
                      FileDescriptorResponse& response) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto encoded;
  file.CopyTo(&encoded);
  response.add_file_descriptor_proto(encoded.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    add_with_imports(*file.dependency(i), added, response);
  }
}

void answer_file(const FileDescriptor* file, ServerReflectionResponse& response) {
  if (file == nullptr) return set_error(grpc::StatusCode::NOT_FOUND, "not found", response);
  std::set<const FileDescriptor*> added;
  add_with_imports(*file, added, *response.mutable_file_descriptor_response());
}

}  // namespace

void answer_schema_request(const std::vector<std::string>& services,
                           const ServerReflectionRequest& request,
                           ServerReflectionResponse& response) {
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      return answer_file(pool().FindFileByName(request.file_by_filename()), response);
    case ServerReflectionRequest::kFileContainingSymbol:
      return answer_file(pool().FindFileContainingSymbol(request.file_containing_symbol()),
                         response);
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      return;
    case ServerReflectionRequest::kFileContainingExtension:
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      return set_error(grpc::StatusCode::NOT_FOUND, "this schema has no extensions", response);
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  set_error(grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing", response);
}

}  // namespace armada_cache::rpc
