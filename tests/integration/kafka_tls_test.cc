// An ingest process whose brokers want TLS, on a real Kafka.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/eventually.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/temp_dir.h"
#include "tests/support/three_tiers.h"
#include "tests/support/tier_process.h"

namespace armada_cache {
namespace {

using test_support::KafkaCluster;
using test_support::TierProcess;
using testing::HasSubstr;

constexpr const char* kCertificate = TEST_DATA_DIR "/tls/server.pem";
constexpr const char* kKey = TEST_DATA_DIR "/tls/server.key";
constexpr std::chrono::seconds kLong{60};

class KafkaTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = std::make_unique<KafkaCluster>(test_support::KafkaClusterOptions{
        .users = {{"ann", "secret"}}, .tls_certificate = kCertificate, .tls_key = kKey});
    const test_support::KafkaAdmin admin(cluster_->servers());
    for (const char* topic : {"armada.events", "armada.relays", "armada.subscriptions"}) {
      admin.allow("ann", test_support::KafkaAdmin::Operation::kAll, topic);
    }
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  std::unique_ptr<TierProcess> start(const std::string& servers,
                                     const std::vector<std::string>& more) {
    std::vector<std::string> arguments = test_support::kafka_arguments(servers);
    arguments.insert(arguments.end(), {"--armada=127.0.0.1:1", "--partitions-here=0-3",
                                       "--kafka-answer-timeout=2s"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<TierProcess>(
        test_support::TierOptions{"ingest", std::move(arguments), folder_.path()});
  }

  // What it says while it waits to be ready holds the words, and it lives.
  void expect_waits(TierProcess& tier, const std::string& words) {
    EXPECT_TRUE(test_support::eventually(kLong, [&] {
      return tier.process().standard_error().find(words) != std::string::npos;
    })) << tier.process().standard_error();
    EXPECT_TRUE(tier.process().running());
  }

  std::string file_with(const std::string& name, const std::string& text) const {
    const auto file = folder_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }

  static inline std::unique_ptr<KafkaCluster> cluster_;
  test_support::TempDir folder_;
};

const std::string kTls = "--kafka-tls=true";
const std::string kCa = std::string("--kafka-ca-file=") + kCertificate;

TEST_F(KafkaTls, ACertificateIsAllThatAClientNeeds) {
  const auto ingest = start(cluster_->tls_servers(),
                            {kTls, kCa, std::string("--kafka-certificate-file=") + kCertificate,
                             std::string("--kafka-key-file=") + kKey});
  ingest->wait_until_ready();
}

TEST_F(KafkaTls, APasswordGoesOverTls) {
  const auto ingest = start(cluster_->sasl_tls_servers(),
                            {kTls, kCa, "--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=ann",
                             "--kafka-sasl-password-file=" + file_with("password", "secret")});
  ingest->wait_until_ready();
}

TEST_F(KafkaTls, AWrongPasswordEndsTheProcess) {
  const auto ingest = start(cluster_->sasl_tls_servers(),
                            {kTls, kCa, "--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=ann",
                             "--kafka-sasl-password-file=" + file_with("password", "guessed")});
  EXPECT_EQ(ingest->process().wait_for_exit(kLong), (test_support::ExitStatus{.code = 1}));
  EXPECT_THAT(ingest->process().standard_error(),
              HasSubstr("check security.protocol, the SASL user and password"));
  EXPECT_THAT(ingest->process().standard_error(), testing::Not(HasSubstr("guessed")));
}

TEST_F(KafkaTls, BrokersThatAreNotTrustedAreNotSpokenTo) {
  const auto ingest =
      start(cluster_->tls_servers(), {kTls, "--kafka-ca-file=" TEST_DATA_DIR "/tls/stranger.pem"});
  expect_waits(*ingest, "broker certificate could not be verified");
  expect_waits(*ingest, "certificates that both sides trust");
}

TEST_F(KafkaTls, AClientThatIsNotTrustedIsToldSo) {
  const auto ingest = start(cluster_->tls_servers(), {kTls, kCa});
  expect_waits(*ingest, "alert bad certificate");
  expect_waits(*ingest, "certificates that both sides trust");
}

TEST_F(KafkaTls, WhoSpeaksNoTlsIsToldOfIt) {
  const auto ingest = start(cluster_->tls_servers(), {});
  expect_waits(*ingest, "with or without TLS");
}

}  // namespace
}  // namespace armada_cache
