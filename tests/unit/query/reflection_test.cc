// What grpcurl and its like ask.
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/create_channel.h>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

class ReflectionTest : public QueryTest {
 protected:
  void SetUp() override {
    start();
    stub_ = ServerReflection::NewStub(
        grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    stream_ = stub_->ServerReflectionInfo(&context_);
  }

  ServerReflectionResponse ask(const ServerReflectionRequest& request) {
    ServerReflectionResponse response;
    EXPECT_TRUE(stream_->Write(request) && stream_->Read(&response));
    return response;
  }

  grpc::ClientContext context_;
  std::unique_ptr<ServerReflection::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<ServerReflectionRequest, ServerReflectionResponse>>
      stream_;
};

TEST_F(ReflectionTest, TellsServicesAndTheirFiles) {
  ServerReflectionRequest list;
  list.set_list_services("");
  std::vector<std::string> names;
  const ServerReflectionResponse listed = ask(list);
  for (const auto& service : listed.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"api.Jobs", "jobservice.JobService",
                                            "armada_cache.v1.Cache", "grpc.health.v1.Health"}));
  for (const std::string& name : names) {
    ServerReflectionRequest symbol;
    symbol.set_file_containing_symbol(name);
    const ServerReflectionResponse answer = ask(symbol);
    const auto& files = answer.file_descriptor_response().file_descriptor_proto();
    ASSERT_FALSE(files.empty()) << name;
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(files[0]));
    EXPECT_EQ(name.rfind(file.package() + ".", 0), 0U) << "the file itself comes first";
  }
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(ReflectionTest, UnknownNamesAreErrorsNotFailures) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol("no.such.Thing");
  EXPECT_EQ(ask(request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_file_by_filename("nosuch.proto");
  EXPECT_EQ(ask(request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_all_extension_numbers_of_type("api.Job");
  EXPECT_EQ(ask(request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask({}).error_response().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ReflectionTest, AnOpenStreamDoesNotHoldUpTheDrain) {
  ServerReflectionRequest list;
  list.set_list_services("");
  ask(list);
  const auto began = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace armada_cache::query
