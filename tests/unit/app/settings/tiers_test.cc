#include "app/settings/tiers.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/app/settings/option_effects.h"

namespace armada_cache::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::set<std::string> options_of_ingest(const IngestSettings& settings) {
  std::set<std::string> lines;
  write("kafka", settings.kafka, lines);
  write("group", settings.group, lines);
  write("ingest", settings.ingest, lines);
  write("process", settings.process, lines);
  return lines;
}

std::set<std::string> options_of_projector(const ProjectorSettings& settings) {
  std::set<std::string> lines;
  write("group", settings.group, lines);
  write("projector", settings.projector, lines);
  write("lookups", settings.lookups, lines);
  return lines;
}

std::set<std::string> options_of_query(const QuerySettings& settings) {
  std::set<std::string> lines;
  write("directory", settings.directory, lines);
  write("query", settings.query, lines);
  write("routing", settings.routing, lines);
  write("remote", settings.remote, lines);
  return lines;
}

template <typename Values>
base::Status load(std::vector<std::string> arguments, Values& values) {
  base::Settings settings;
  declare(values, settings);
  arguments.insert(arguments.begin(), "--kafka-brokers=127.0.0.1:9092");
  if (auto loaded = settings.load(arguments, kNoEnvironment); !loaded) return loaded;
  spread(values);
  return check(values);
}

TEST(IngestSettings, EachOptionHasASetting) {
  // What its group is for, and what goes with topics that are made anew; and as of standalone: the
  // kind of the credentials, and the connections.
  EXPECT_THAT(unreached<IngestSettings>(options_of_ingest, {"--armada-user=user"}),
              ElementsAre("group.1.0.1 armada.subscriptions", "group.1.0.3 ", "group.1.1.0 1",
                          StartsWith("ingest.2.0 "), StartsWith("ingest.3.1 "), "kafka.0.2.2 "));
}

TEST(ProjectorSettings, EachOptionHasASetting) {
  // What its group is for.
  EXPECT_THAT(unreached<ProjectorSettings>(options_of_projector, {}),
              ElementsAre("group.1.0.1 armada.events", "group.1.1.0 0"));
}

TEST(QuerySettings, EachOptionHasASetting) {
  // Each projector's own address, and credentials that no projector asks for.
  EXPECT_THAT(unreached<QuerySettings>(options_of_query, {}),
              ElementsAre(StartsWith("remote.0.0 "), StartsWith("remote.0.3 ")));
}

TEST(TierSettings, DefaultsGoTogether) {
  IngestSettings ingest;
  EXPECT_TRUE(load({"--armada=a:1"}, ingest));
  ProjectorSettings projector;
  EXPECT_TRUE(load({"--data-dir=/tmp/data"}, projector));
  QuerySettings query;
  EXPECT_TRUE(load({}, query));
  // So that what a projector cannot be sure of reaches who asked.
  EXPECT_LT(projector.projector.ends_wait + projector.projector.certainty_wait,
            query.remote.call_timeout);
}

TEST(TierSettings, TellWhatIsWrong) {
  const std::map<std::string, std::string> wrong{
      {"--partitions-here=7-9", "setting 'partitions-here' is '7-9'; allowed: ranges"},
      {"--armada-max-message-bytes=8MiB", "less than 'kafka-max-record-bytes', which is 8MiB"},
      {"--relay-buffer-bytes-total=65MiB", "at most 'kafka-queue-bytes', which is 64MiB"},
      {"--relay-record-retry=2s", "at most 'kafka-doubt', which is 1s"},
      {"--kafka-brokers=", "setting 'kafka-brokers' is not set"},
      {"--kafka-brokers=a:1,b", "setting 'kafka-brokers'"},
      {"--kafka-min-insync-replicas=4", "at most 'kafka-replication-factor', which is 3"},
      {"--kafka-sasl-mechanism=PLAIN", "need each other"},
      {"--kafka-key-file=/k", "'kafka-certificate-file' and 'kafka-key-file' need each other"},
      {"--kafka-ca-file=/k", "need 'kafka-tls'"},
      {"--kafka-property=sasl.password=hidden", "setting 'kafka-property'"}};
  for (const auto& [argument, message] : wrong) {
    IngestSettings values;
    const auto loaded = load({"--armada=a:1", argument}, values);
    ASSERT_FALSE(loaded) << argument;
    EXPECT_EQ(loaded.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
}

TEST(TierSettings, WhereAndWhoAProjectorIsMustBeWhatOthersTake) {
  const std::map<std::string, std::string> wrong{
      {"--advertise=h:0", "setting 'advertise' is h:0"},
      {"--advertise=h", "setting 'advertise'"},
      {"--instance-id=a b", "setting 'instance-id' has the name 'a b'; allowed: 1 to 200 of"},
      {"--instance-id=a\n", "setting 'instance-id'"},
      {"--instance-id=" + std::string(201, 'x'), "setting 'instance-id'"}};
  for (const auto& [argument, message] : wrong) {
    ProjectorSettings values;
    const auto loaded = load({"--data-dir=/d", argument}, values);
    ASSERT_FALSE(loaded) << argument;
    EXPECT_EQ(loaded.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
  ProjectorSettings values;
  EXPECT_TRUE(load({"--data-dir=/d", "--instance-id=" + std::string(200, 'x')}, values));
}

TEST(TierSettings, QueryTellsWhatIsWrong) {
  const std::map<std::string, std::string> wrong{
      {"--projectors=a:b:1=0-6", "have 7 of 8 partitions"},
      {"--certainty-wait=400ms", "less than 'hedge-after', which is 400ms"},
      {"--call-deadline=5s", "less than 'call-deadline', which is 5s"}};
  for (const auto& [argument, message] : wrong) {
    QuerySettings values;
    const auto loaded = load({"--projectors=a:b:1=0-7", argument}, values);
    ASSERT_FALSE(loaded) << argument;
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
}

TEST(TierSettings, GroupsAreNamedByThePrefixAndTheReplicaGroup) {
  IngestSettings ingest;
  ASSERT_TRUE(load({"--armada=a:1", "--group-prefix=p"}, ingest));
  EXPECT_EQ(ingest.group.share.member.group, "p-ingest");
  EXPECT_EQ(ingest.group.share.member.instance_id, "");
  ProjectorSettings projector;
  ASSERT_TRUE(load({"--data-dir=/d", "--group-prefix=p", "--replica-group=r", "--advertise=h:1"},
                   projector));
  EXPECT_EQ(projector.group.share.member.group, "p-projector-r");
  EXPECT_EQ(projector.group.share.member.client_id, "h:1");
}

TEST(TierSettings, AWriterLetsGoOfWhatOthersMayHaveAndAReaderGoesOn) {
  IngestSettings ingest;
  ASSERT_TRUE(load({"--armada=a:1", "--group-session-timeout=9s"}, ingest));
  EXPECT_TRUE(ingest.group.share.handover.release_when_lost);
  EXPECT_EQ(ingest.group.share.handover.patience, std::chrono::seconds(9));
  ProjectorSettings projector;
  ASSERT_TRUE(load({"--data-dir=/d"}, projector));
  EXPECT_FALSE(projector.group.share.handover.release_when_lost);
}

TEST(TierSettings, AnInstanceIsTheSameAfterARestartAndAnotherOneElsewhere) {
  const std::string known = default_instance_id("host", "/var/data");
  EXPECT_EQ(known, "host-var-data-48af0ff6");
  EXPECT_EQ(default_instance_id("host", "/var/./data/"), known);
  EXPECT_NE(default_instance_id("host", "/p/1"), default_instance_id("host", "/p-1"));
  EXPECT_NE(default_instance_id("host", "/var/data2"), default_instance_id("host", "/var/data"));
  const std::string folder(300, 'x');
  const std::string id = default_instance_id("host", "/" + folder + "1");
  EXPECT_LE(id.size(), 249U);
  EXPECT_NE(id, default_instance_id("host", "/" + folder + "2"));
  ProjectorSettings given;
  ASSERT_TRUE(load({"--data-dir=/d", "--instance-id=mine"}, given));
  EXPECT_EQ(given.group.share.member.instance_id, "mine");
}

TEST(TierSettings, ProjectorTellsWhatIsWrong) {
  const std::map<std::string, std::string> wrong{
      {"--group-prefix=a b", "setting 'group-prefix' has the name 'a b'; allowed: 1 to 64"},
      {"--replica-group=", "setting 'replica-group' has the name ''"},
      {"--advertise=here", "setting 'advertise'"},
      {"--grpc-listen=0.0.0.0:60004", "setting 'advertise' is not set"},
      {"--group-session-timeout=900ms", "at most half of 'group-session-timeout'"}};
  for (const auto& [argument, message] : wrong) {
    ProjectorSettings values;
    const auto loaded = load({"--data-dir=/d", "--access=open", argument}, values);
    ASSERT_FALSE(loaded) << argument;
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
}

TEST(TierSettings, QueryTellsWhatIsWrongWithReplicaGroups) {
  const std::map<std::string, std::string> wrong{
      {"--replica-groups=", "setting 'replica-groups' has the name ''"},
      {"--replica-groups=a,,b", "setting 'replica-groups' has the name ''"},
      {"--replica-groups=a,b,a", "setting 'replica-groups' has the name 'a' twice"},
      {"--group-prefix=ä", "setting 'group-prefix' has the name 'ä'"},
      {"--directory-pause=3s", "at most 'directory-interval', which is 2s"}};
  for (const auto& [argument, message] : wrong) {
    QuerySettings values;
    const auto loaded = load({argument}, values);
    ASSERT_FALSE(loaded) << argument;
    EXPECT_THAT(loaded.error().message, HasSubstr(message));
  }
}

class KafkaSecurity : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << content;
    return path;
  }
  base::Result<eventlog::kafka::KafkaLogOptions> options(std::vector<std::string> arguments) {
    arguments.push_back("--armada=a:1");
    IngestSettings values;
    if (auto loaded = load(arguments, values); !loaded) return tl::unexpected(loaded.error());
    return kafka_log_options(values.kafka);
  }

  test_support::TempDir folder_;
};

TEST_F(KafkaSecurity, NoneSetsNoProperty) {
  EXPECT_THAT(options({}).value().properties, IsEmpty());
}

TEST_F(KafkaSecurity, TlsAndPasswordsBecomeProperties) {
  const auto made = options(
      {"--kafka-tls=true", "--kafka-ca-file=" + file("ca", "x"),
       "--kafka-certificate-file=" + file("cert", "x"), "--kafka-key-file=" + file("key", "x"),
       "--kafka-key-password-file=" + file("key-password", "one\n"),
       "--kafka-sasl-mechanism=SCRAM-SHA-256", "--kafka-sasl-user=me",
       "--kafka-sasl-password-file=" + file("password", "two three \r\n"),
       "--kafka-property=ssl.cipher.suites=a,b", "--kafka-property=sasl.username=other"});
  ASSERT_TRUE(made) << made.error().message;
  const base::Settings::Properties expected{{"security.protocol", "sasl_ssl"},
                                            {"ssl.ca.location", folder_.path() / "ca"},
                                            {"ssl.certificate.location", folder_.path() / "cert"},
                                            {"ssl.key.location", folder_.path() / "key"},
                                            {"ssl.key.password", "one"},
                                            {"sasl.mechanisms", "SCRAM-SHA-256"},
                                            {"sasl.username", "other"},
                                            {"sasl.password", "two three"},
                                            {"ssl.cipher.suites", "a,b"}};
  EXPECT_EQ(made->properties, expected);
}

TEST_F(KafkaSecurity, APasswordLeavesThisMachineOnlyEncryptedOrOnPurpose) {
  const std::vector<std::string> login{"--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=me",
                                       "--kafka-sasl-password-file=" + file("password", "x")};
  EXPECT_EQ(options(login).value().properties.at("security.protocol"), "sasl_plaintext");
  auto elsewhere = login;
  elsewhere.emplace_back("--kafka-brokers=127.0.0.1:1,kafka:9092");
  EXPECT_THAT(options(elsewhere).error().message, HasSubstr("would send a password unencrypted"));
  elsewhere.emplace_back("--kafka-plaintext-credentials=true");
  EXPECT_TRUE(options(elsewhere));
}

TEST_F(KafkaSecurity, AFileThatHoldsNoSecretIsNamed) {
  for (const std::string& path : {std::string("/nonexistent"), folder_.path().string(),
                                  file("empty", " \n"), file("large", std::string(70'000, 'x'))}) {
    const auto made = options({"--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-user=me",
                               "--kafka-sasl-password-file=" + path});
    ASSERT_FALSE(made) << path;
    EXPECT_THAT(made.error().message,
                HasSubstr("setting 'kafka-sasl-password-file' names " + path + ", which "));
  }
}

}  // namespace
}  // namespace armada_cache::app
