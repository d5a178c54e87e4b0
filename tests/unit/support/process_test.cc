// What the other tests here stand on: processes that are watched and always ended.
#include "tests/support/process.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/cache_process.h"
#include "tests/support/http_get.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::test_support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ProcessTest : public testing::Test {
 protected:
  std::unique_ptr<Process> shell(const std::string& script, std::uint64_t max_file_bytes = 0) {
    Command command;
    command.program = "/bin/sh";
    command.arguments = {"-c", script};
    command.environment = {{"GREETING", "hello"}};
    command.max_file_bytes = max_file_bytes;
    return std::make_unique<Process>(command, folder_.path());
  }
  TempDir folder_;
};

TEST_F(ProcessTest, TellsALineAndTheExitStatus) {
  const auto process = shell("echo first; echo \"$GREETING world\"; echo oops >&2; exit 3");
  EXPECT_EQ(process->wait_for_line("hello", seconds(10)), "hello world");
  EXPECT_EQ(process->wait_for_exit(seconds(10)), (ExitStatus{3, 0}));
  EXPECT_EQ(process->standard_error(), "oops\n");
}

TEST_F(ProcessTest, ALineThatNeverComesEndsWithTheProgram) {
  EXPECT_EQ(shell("echo other")->wait_for_line("ready", seconds(10)), std::nullopt);
}

TEST_F(ProcessTest, SignalsArriveAndShow) {
  const auto process = shell("echo up; exec sleep 60");
  ASSERT_TRUE(process->wait_for_line("up", seconds(10)));
  EXPECT_TRUE(process->running());
  EXPECT_GT(process->peak_resident_bytes(), 0U);
  process->send(SIGTERM);
  EXPECT_EQ(process->wait_for_exit(seconds(10)), (ExitStatus{0, SIGTERM}));
}

TEST_F(ProcessTest, EndsWithItsObject) {
  auto process = shell("echo up; exec sleep 60");
  ASSERT_TRUE(process->wait_for_line("up", seconds(10)));
  const pid_t pid = process->pid();
  process.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ProcessTest, FilesCanBeLimited) {
  const auto process =
      shell("head -c 100000 /dev/zero >" + (folder_.path() / "big").string(), 4096);
  EXPECT_NE(process->wait_for_exit(seconds(10)), (ExitStatus{0, 0}));
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "big"), 4096U);
}

TEST(ReadyLine, NamesAddresses) {
  EXPECT_EQ(addresses_in("ready: gRPC on 127.0.0.1:60003, HTTP on 127.0.0.1:60080"),
            (std::vector<std::string>{"127.0.0.1:60003", "127.0.0.1:60080"}));
}

TEST(Scrape, SamplesAreReadByNameAndSummed) {
  const std::string scrape = "# HELP a b\na{x=\"1\"} 2\na{x=\"2\"} 3.5\nab 7\n";
  EXPECT_EQ(metric(scrape, "a{x=\"1\"}"), 2);
  EXPECT_EQ(metric(scrape, "missing"), -1);
  EXPECT_EQ(metric_sum(scrape, "a"), 5.5);
}

}  // namespace
}  // namespace armada_cache::test_support
