// Invariant 6: no request, however malformed or large, gets anything but a clear error.
#include <random>

#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::CacheProcess;
using testing::HasSubstr;
namespace code = test_support::code;

class BadRequest : public test_support::EndToEnd {
 protected:
  void TearDown() override {
    EXPECT_TRUE(client_->statuses({}).ok()) << "it does not answer any more";
    client_.reset();  // an idle connection is told of the stop only when its owner looks
    EXPECT_EQ(cache_.stop(), (test_support::ExitStatus{0, 0})) << cache_.process().standard_error();
  }

  static CacheClient::Ids ids(std::size_t count) {
    CacheClient::Ids ids;
    for (std::size_t i = 0; i < count; ++i)
      ids.push_back("01h000000000000000000" + std::to_string(10000 + i));
    return ids;
  }
  // A string field of a message, by hand.
  static std::string field(char number, const std::string& value) {
    std::string bytes{static_cast<char>(number << 3 | 2)};
    for (std::size_t rest = value.size();; rest >>= 7) {
      bytes.push_back(static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
      if (rest <= 0x7f) break;
    }
    return bytes + value;
  }

  CacheProcess cache_{alone()};
  std::optional<CacheClient> client_{cache_.grpc_address()};
};

const std::vector<std::string> kMethods = {"/api.Jobs/GetJobStatus",
                                           "/api.Jobs/GetJobStatusUsingExternalJobUri",
                                           "/api.Jobs/GetJobDetails",
                                           "/api.Jobs/GetJobErrors",
                                           "/api.Jobs/GetJobRunDetails",
                                           "/api.Jobs/GetActiveQueues",
                                           "/jobservice.JobService/GetJobStatus",
                                           "/armada_cache.v1.Cache/Subscribe",
                                           "/armada_cache.v1.Cache/Unsubscribe",
                                           "/armada_cache.v1.Cache/ListSubscriptions",
                                           "/armada_cache.v1.Cache/ListJobs",
                                           "/armada_cache.v1.Cache/GetJobSetSummary",
                                           "/grpc.health.v1.Health/Check"};

TEST_F(BadRequest, Invariant6FiveHundredAndOneIdsAreRefusedAsArmadaDoes) {
  const auto statuses = client_->statuses(ids(501));
  EXPECT_EQ(statuses.code, code::kUnknown);
  EXPECT_THAT(statuses.error, HasSubstr("request contained more than 500 jobIds"));
  EXPECT_EQ(client_->details(ids(501), true, true).code, code::kUnknown);
  EXPECT_EQ(client_->errors(ids(501)).code, code::kUnknown);
  EXPECT_EQ(client_->run_details(ids(501)).code, code::kUnknown);
  EXPECT_TRUE(client_->statuses(ids(500)).ok());
}

TEST_F(BadRequest, Invariant6EmptyRequestsAreAnsweredWithEmptyMaps) {
  const auto statuses = client_->statuses({});
  EXPECT_TRUE(statuses.ok() && statuses.message.job_states().empty());
  const auto details = client_->details({}, true, true);
  EXPECT_TRUE(details.ok() && details.message.job_details().empty());
  const auto errors = client_->errors({});
  EXPECT_TRUE(errors.ok() && errors.message.job_errors().empty());
  const auto runs = client_->run_details({});
  EXPECT_TRUE(runs.ok() && runs.message.job_run_details().empty());
}

TEST_F(BadRequest, Invariant6AnEmptyUriIsRefusedAsArmadaDoes) {
  const auto answer = client_->statuses_by_uri({"q-a", "set"}, "");
  EXPECT_FALSE(answer.ok());
  EXPECT_THAT(answer.error, HasSubstr("request must contain external job uri"));
}

TEST_F(BadRequest, Invariant6StrangeIdsAreJustUnknown) {
  const CacheClient::Ids strange = {"",
                                    " ",
                                    "../../etc/passwd",
                                    "ünïcödé ✓",
                                    "a-run-99999999999999999999",
                                    std::string(1000, 'x'),
                                    std::string("zero\0inside", 11)};
  const auto statuses = client_->statuses(strange);
  ASSERT_TRUE(statuses.ok()) << statuses.error;
  for (const std::string& id : strange) {
    EXPECT_EQ(statuses.message.job_states().at(id), api::UNKNOWN);
  }
  EXPECT_TRUE(client_->details(strange, true, true).ok());
  EXPECT_TRUE(client_->errors(strange).ok());
  EXPECT_TRUE(client_->run_details(strange).ok());
}

TEST_F(BadRequest, Invariant6TextThatIsNotUtf8IsAnError) {
  for (const char* method : {"/api.Jobs/GetJobStatus", "/api.Jobs/GetJobDetails"}) {
    EXPECT_NE(client_->call_raw(method, field(1, "\xff\xfe")).code, code::kOk) << method;
  }
}

TEST_F(BadRequest, Invariant6TruncatedRequestsAreErrors) {
  const std::string whole = field(1, "01h00000000000000000000000");
  for (const char* method :
       {"/api.Jobs/GetJobStatus", "/api.Jobs/GetJobDetails", "/jobservice.JobService/GetJobStatus",
        "/armada_cache.v1.Cache/Subscribe"}) {
    const auto answer = client_->call_raw(method, whole.substr(0, whole.size() / 2));
    EXPECT_NE(answer.code, code::kOk) << method;
    EXPECT_NE(answer.code, code::kDeadlineExceeded) << method;
  }
}

TEST_F(BadRequest, Invariant6AFiveMegabyteRequestIsRefused) {
  const std::string big = field(1, std::string(5'000'000, 'x'));
  for (const std::string& method : kMethods) {
    EXPECT_EQ(client_->call_raw(method, big).code, code::kResourceExhausted) << method;
  }
}

TEST_F(BadRequest, Invariant6UnknownMethodsAreUnimplemented) {
  EXPECT_EQ(client_->call_raw("/api.Jobs/NoSuch", "").code, code::kUnimplemented);
  EXPECT_EQ(client_->call_raw("/no.Such/Thing", "").code, code::kUnimplemented);
}

TEST_F(BadRequest, Invariant6RandomBytesNeverHarm) {
  std::mt19937_64 random(6);
  for (const std::string& method : kMethods) {
    for (int i = 0; i < 100; ++i) {
      std::string bytes(random() % 64, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      const auto answer = client_->call_raw(method, bytes);
      EXPECT_NE(answer.code, code::kDeadlineExceeded) << method;
    }
  }
}

}  // namespace
}  // namespace armada_cache
