// armada-sim as a program: what whoever starts it relies on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/simulator/client.h"

namespace armada_cache::simulator {
namespace {

using std::chrono::seconds;
using test_support::ExitStatus;
using testing::HasSubstr;

class ProgramTest : public testing::Test {
 protected:
  test_support::Process start(std::vector<std::string> arguments) {
    return {{std::filesystem::path(TEST_BIN_DIR) / "armada-sim", std::move(arguments), {}},
            folder_.path()};
  }

  test_support::TempDir folder_;
};

TEST_F(ProgramTest, SaysThatItIsReadyAndEndsOnSigterm) {
  const std::string account = folder_.path() / "account.jsonl";
  auto program = start({"--listen=127.0.0.1:0", "--job-sets=1", "--account=" + account});
  const std::string prefix = "armada-sim ready on ";
  const auto line = program.wait_for_line(prefix, seconds(20));
  ASSERT_TRUE(line) << program.standard_error();
  const Client client(line->substr(prefix.size()));
  EXPECT_THAT(client.read(request_for("sim", "load-0", "", true), 100).messages,
              testing::SizeIs(100));
  program.send(SIGTERM);
  EXPECT_EQ(program.wait_for_exit(seconds(20)), (ExitStatus{0, 0}));
  EXPECT_TRUE(std::filesystem::exists(account));
}

TEST_F(ProgramTest, RefusesAnAddressThatIsTaken) {
  auto first = start({"--listen=127.0.0.1:0"});
  const auto line = first.wait_for_line("ready", seconds(20));
  ASSERT_TRUE(line);
  const test_support::TempDir other;
  const std::string address = line->substr(line->rfind(' ') + 1);
  test_support::Process second(
      {std::filesystem::path(TEST_BIN_DIR) / "armada-sim", {"--listen=" + address}, {}},
      other.path());
  EXPECT_EQ(second.wait_for_exit(seconds(20)), (ExitStatus{1, 0}));
  EXPECT_THAT(second.standard_error(), HasSubstr(address));
}

TEST_F(ProgramTest, NamesAWrongFlag) {
  auto program = start({"--outcomes=nosuch=1"});
  EXPECT_EQ(program.wait_for_exit(seconds(20)), (ExitStatus{2, 0}));
  EXPECT_THAT(program.standard_error(), HasSubstr("--outcomes=nosuch=1"));
}

}  // namespace
}  // namespace armada_cache::simulator
