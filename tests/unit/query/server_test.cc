// What holds for every method: bad input, bounds, deadlines, draining.
#include <grpcpp/create_channel.h>

#include <atomic>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

class ServerTest : public QueryTest {
 protected:
  static inline const std::vector<std::string> kMethods{"/api.Jobs/GetJobStatus",
                                                        "/api.Jobs/GetJobStatusUsingExternalJobUri",
                                                        "/api.Jobs/GetJobDetails",
                                                        "/api.Jobs/GetJobErrors",
                                                        "/api.Jobs/GetJobRunDetails",
                                                        "/api.Jobs/GetActiveQueues",
                                                        "/jobservice.JobService/GetJobStatus",
                                                        "/jobservice.JobService/Health",
                                                        "/armada_cache.v1.Cache/Subscribe",
                                                        "/armada_cache.v1.Cache/Unsubscribe",
                                                        "/armada_cache.v1.Cache/ListSubscriptions",
                                                        "/armada_cache.v1.Cache/ListJobs",
                                                        "/armada_cache.v1.Cache/GetJobSetSummary",
                                                        "/grpc.health.v1.Health/Check"};

  std::shared_ptr<grpc::Channel> channel() {
    return grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  }

  HealthCheckResponse::ServingStatus health(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    const auto answer =
        client().call_raw("/grpc.health.v1.Health/Check", request.SerializeAsString());
    HealthCheckResponse response;
    EXPECT_TRUE(answer.ok() && response.ParseFromString(answer.message)) << answer.error;
    return response.status();
  }
};

TEST_F(ServerTest, MalformedBytesAreAnErrorOfEveryMethod) {
  start();
  for (const std::string& method : kMethods) {
    for (const std::string& bytes : {std::string("\x0a\xff"), std::string("\x0f\x01"),
                                     std::string("\xff\xff\xff\xff\xff\xff")}) {
      const auto answer = client().call_raw(method, bytes);
      EXPECT_EQ(answer.code, code::kInvalidArgument) << method << ": " << answer.error;
    }
  }
  EXPECT_EQ(client().call_raw("/api.Jobs/GetJobStatus", "\x0a\x01\xff").code,
            code::kInvalidArgument);
  EXPECT_EQ(client().call_raw("/api.Jobs/GetJobDetails", "\x0a\x01\xff").code,
            code::kInvalidArgument);
}

TEST_F(ServerTest, EveryAnswerTellsItsFreshness) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  ASSERT_TRUE(client().statuses({"job"}).ok());
  for (const std::string& method : kMethods) {
    for (const std::string& bytes : {std::string(), std::string("\x0a\xff")}) {
      const auto answer = client().call_raw(method, bytes);
      EXPECT_EQ(metadata(answer, "armada-cache-as-of"), std::to_string(FakeReader::kAsOfMillis))
          << method;
    }
  }
}

TEST_F(ServerTest, UnknownFieldsAreNoError) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  const auto answer =
      client().call_raw("/api.Jobs/GetJobStatus", "\x0a\x03job\x78\x07\x82\x01\x01x");
  api::JobStatusResponse response;
  ASSERT_TRUE(answer.ok() && response.ParseFromString(answer.message)) << answer.error;
  EXPECT_EQ(response.job_states().at("job"), api::RUNNING);
}

TEST_F(ServerTest, UnknownMethodsAndOversizedMessagesAreRefused) {
  start();
  EXPECT_EQ(client().call_raw("/api.Submit/SubmitJobs", "").code, code::kUnimplemented);
  EXPECT_EQ(client().call_raw("/api.Jobs/GetJobStatus", std::string(5'000'000, 'x')).code,
            code::kResourceExhausted);
  EXPECT_TRUE(client().statuses({}).ok());
}

TEST_F(ServerTest, HugeNumbersOfIdsAreRefused) {
  start();
  std::string bytes;
  for (int i = 0; i < 1'900'000; ++i) bytes += std::string("\x0a\x00", 2);
  EXPECT_EQ(client().call_raw("/api.Jobs/GetJobStatus", bytes).code, code::kUnknown);
  EXPECT_EQ(client().call_raw("/api.Jobs/GetJobDetails", bytes).code, code::kUnknown);
}

TEST_F(ServerTest, EveryCallEndsAtTheServersDeadline) {
  options_.server.call_deadline = std::chrono::milliseconds(100);
  start();
  reader_.hold();
  const auto statuses = client().statuses({"job"});
  EXPECT_EQ(statuses.code, code::kDeadlineExceeded);
  EXPECT_THAT(statuses.error, HasSubstr("100 ms"));
  EXPECT_EQ(client().details({"job"}, false, false).code, code::kDeadlineExceeded);
  reader_.release();
  EXPECT_TRUE(client().statuses({"job"}).ok()) << "a late answer harms no later call";
}

TEST_F(ServerTest, ShedsWhatIsTooMuch) {
  options_.server.max_calls = 8;
  options_.status_slots = 2;
  start();
  reader_.hold();
  std::vector<std::thread> callers;
  std::atomic<int> answered{0};
  std::atomic<int> shed{0};
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const auto answer = client().statuses({"nosuch"});
      answered += answer.ok() ? 1 : 0;
      shed += answer.code == code::kResourceExhausted && answer.retry_hint ? 1 : 0;
    });
  }
  EXPECT_TRUE(test_support::eventually(kSoon, [&] { return shed == 12 && reader_.held() == 8; }));
  reader_.release();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, 8);
  EXPECT_TRUE(client().statuses({}).ok());
}

// Invariant 7: no request that was accepted fails because of a planned stop.
TEST_F(ServerTest, DrainAnswersWhatWasAccepted) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  reader_.hold();
  std::vector<std::thread> callers;
  std::vector<std::string> errors(20);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    callers.emplace_back([&, i] {
      errors[i] = i % 2 == 0 ? client().statuses({"job"}).error
                             : client().details({"job"}, false, false).error;
    });
  }
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return reader_.held() == 20; }));
  std::atomic<bool> stopped{false};
  std::thread stopping([&] {
    stop();
    stopped = true;
  });
  // A new connection is refused once the drain has begun.
  EXPECT_TRUE(test_support::eventually(kSoon, [&] {
    return !test_support::CacheClient(address_, std::chrono::milliseconds(500)).statuses({}).ok();
  }));
  EXPECT_FALSE(stopped);
  reader_.release();
  for (std::thread& caller : callers) caller.join();
  stopping.join();
  EXPECT_THAT(errors, testing::Each(""));
}

// Invariant 7, as clients see it: a call that crosses the stop on the wire is answered; only a new
// connection is refused.
TEST_F(ServerTest, NoCallIsLostThatCrossesTheDrain) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  std::atomic<int> answered{0};
  std::vector<int> codes(16, code::kOk);
  std::vector<std::thread> callers;
  for (int& ended_with : codes) {
    callers.emplace_back([&] {
      const test_support::CacheClient own(address_);
      while (ended_with == code::kOk) {
        ended_with = own.statuses({"job"}).code;
        ++answered;
      }
    });
  }
  EXPECT_TRUE(test_support::eventually(kSoon, [&] { return answered > 200; }));
  stop();
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(codes, testing::Each(code::kUnavailable));
}

TEST_F(ServerTest, DrainEndsAtItsDeadline) {
  options_.server.drain_deadline = std::chrono::hours(1);
  start();
  reader_.hold();
  std::thread caller([&] { EXPECT_FALSE(client().statuses({"job"}).ok()); });
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return reader_.held() == 1; }));
  const auto began = std::chrono::steady_clock::now();
  server_->stop(began + std::chrono::milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  caller.join();
  reader_.release();
}

TEST_F(ServerTest, StopsWithLookupsUnderWay) {
  reader_.put("job", kJobSet, api::RUNNING);
  start();
  std::atomic<bool> done{false};
  std::atomic<int> answered{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        answered += client().statuses({"job"}).ok() ? 1 : 0;
        answered += client().subscribe(kJobSet, "dag").ok() ? 1 : 0;
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    const int before = answered;
    EXPECT_TRUE(test_support::eventually(kSoon, [&] { return answered > before + 20; }));
    server_->stop();
    options_.server.transport.listen = address_;
    server_ = std::make_unique<QueryServer>(options_, reader_, *log_, clock_, metrics_);
    ASSERT_TRUE(server_->start());
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
}

TEST_F(ServerTest, HealthOfEveryServiceAndOfTheWhole) {
  start();
  for (const char* service : {"", "api.Jobs", "jobservice.JobService", "armada_cache.v1.Cache"}) {
    EXPECT_EQ(health(service), HealthCheckResponse::SERVING) << service;
  }
  HealthCheckRequest unknown;
  unknown.set_service("nosuch");
  EXPECT_EQ(client().call_raw("/grpc.health.v1.Health/Check", unknown.SerializeAsString()).code,
            code::kNotFound);
}

TEST_F(ServerTest, HealthWatchersAreToldOfTheDrain) {
  start();
  const auto stub = Health::NewStub(channel());
  grpc::ClientContext context;
  const auto stream = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::thread stopping([this] { stop(); });
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
}

TEST_F(ServerTest, HealthWatchersAreBoundedInNumberAndAge) {
  options_.server.transport.max_health_watches = 1;
  options_.server.transport.max_health_watch_age = std::chrono::seconds(2);
  start();
  const auto stub = Health::NewStub(channel());
  grpc::ClientContext first_context;
  const auto first = stub->Watch(&first_context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(first->Read(&response));
  grpc::ClientContext second_context;
  const auto second = stub->Watch(&second_context, HealthCheckRequest());
  EXPECT_FALSE(second->Read(&response));
  EXPECT_EQ(second->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(first->Read(&response));
  EXPECT_EQ(first->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, HealthWatchersThatGoAwayAreForgotten) {
  start();
  const auto stub = Health::NewStub(channel());
  for (int i = 0; i < 200; ++i) {
    grpc::ClientContext context;
    const auto stream = stub->Watch(&context, HealthCheckRequest());
    HealthCheckResponse response;
    ASSERT_TRUE(stream->Read(&response)) << i;
    context.TryCancel();
    stream->Finish();
  }
}

TEST_F(ServerTest, PortInUseIsAClearError) {
  start();
  options_.server.transport.listen = address_;
  QueryServer second(options_, reader_, *log_, clock_, metrics_);
  const auto address = second.start();
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(address.error().message, HasSubstr(address_));
}

TEST_F(ServerTest, WrongOptionsAreClearErrors) {
  const auto error_of = [this](const rpc::ServerSettings& settings) {
    options_.server.transport = settings;
    QueryServer server(options_, reader_, *log_, clock_, metrics_);
    const auto started = server.start();
    return started ? base::Error{} : started.error();
  };
  EXPECT_EQ(error_of({.listen = "nonsense"}).code, base::ErrorCode::kInvalidArgument);
  const auto half = error_of({.listen = "127.0.0.1:0", .tls_certificate_file = "/nosuch.pem"});
  EXPECT_EQ(half.code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(half.message, HasSubstr("key"));
  const auto missing = error_of({.listen = "127.0.0.1:0",
                                 .tls_certificate_file = "/nosuch.pem",
                                 .tls_key_file = "/nosuch.key"});
  EXPECT_THAT(missing.message, HasSubstr("/nosuch.pem"));
}

TEST_F(ServerTest, CountsLookups) {
  start();
  client().statuses({});
  client().statuses(std::vector<std::string>(501, "x"));
  const std::string text = metrics_.text();
  EXPECT_THAT(
      text,
      HasSubstr("armada_cache_lookups_total{code=\"OK\",method=\"api.Jobs/GetJobStatus\"} 1"));
  EXPECT_THAT(
      text,
      HasSubstr("armada_cache_lookups_total{code=\"UNKNOWN\",method=\"api.Jobs/GetJobStatus\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("armada_cache_lookup_seconds_count{method=\"api.Jobs/GetJobStatus\"} 2"));
}

}  // namespace
}  // namespace armada_cache::query
