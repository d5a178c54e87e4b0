#include "core/rpc/library_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>

namespace armada_cache::rpc {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class LibraryLog : public testing::Test {
 protected:
  LibraryLog() {
    take_over_library_logs();
    grpc_init();  // before it gRPC logs nothing
    testing::internal::CaptureStderr();
  }
  ~LibraryLog() override {
    gpr_set_log_function(nullptr);
    google::protobuf::SetLogHandler(nullptr);
    grpc_shutdown();
  }
  static std::string written() { return testing::internal::GetCapturedStderr(); }
};

TEST_F(LibraryLog, BecomesLinesOfOurs) {
  gpr_log_message("/src/file.cc", 7, GPR_LOG_SEVERITY_ERROR, "a client did this");
  GOOGLE_LOG(ERROR) << "a field is not UTF-8" << std::string(1000, 'x');
  const std::string text = written();
  EXPECT_THAT(text, AllOf(HasSubstr(R"("level":"warn","event":"a library tells","library":"gRPC")"),
                          HasSubstr(R"("file":"file.cc","line":7,"text":"a client did this")"),
                          HasSubstr(R"("library":"Protobuf")"), HasSubstr("is not UTF-8xxx")));
  EXPECT_LT(text.size(), 1000u);
}

TEST_F(LibraryLog, LeavesOutWhatIsForDebugging) {
  gpr_log_message("/src/file.cc", 7, GPR_LOG_SEVERITY_INFO, "a detail");
  GOOGLE_LOG(INFO) << "another one";
  EXPECT_EQ(written(), "");
}

}  // namespace
}  // namespace armada_cache::rpc
