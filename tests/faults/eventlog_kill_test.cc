// What a killed process had acknowledged is in its log: in order, without a gap or a repeat.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <sstream>
#include <thread>

#include "core/eventlog/embedded/embedded_log.h"
#include "tests/faults/eventlog_numbered.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::eventlog {
namespace {

using numbered::Contents;
using std::chrono::milliseconds;

constexpr int kRounds = 20;
constexpr unsigned kSeed = 20'240'601;
constexpr std::chrono::seconds kDeadline(60);

// Checks every acknowledgement that was printed; how many there were.
int check_acknowledged(const std::string& output, Contents& contents) {
  int checked = 0;
  std::istringstream lines(output.substr(0, output.rfind('\n') + 1));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string topic;
    Partition partition = 0;
    std::string key;
    long number = 0;
    words >> topic >> partition;
    if (topic == "latest") words >> key;
    words >> number;
    if (topic == "events") {
      EXPECT_LT(number, contents.next[partition]) << line;
    } else if (topic == "latest") {
      EXPECT_LE(number, contents.latest[partition][key]) << line;
    }
    checked += topic != "ready";
  }
  return checked;
}

TEST(EventLogKill, NothingAcknowledgedIsLostByKillMinus9AtAnyMoment) {
  test_support::TempDir directory;
  const std::filesystem::path folder = directory.path() / "log";
  std::mt19937 random(kSeed);
  const base::SystemClock clock;
  int checked = 0;
  for (int round = 0; round < kRounds; ++round) {
    test_support::Process child(
        {.program = std::filesystem::path(TEST_BIN_DIR) / "eventlog_appending",
         .arguments = {folder.string(), std::to_string(kSeed + round)},
         .environment = {}},
        directory.path());
    ASSERT_TRUE(child.wait_for_line("events", kDeadline)) << child.standard_error();
    // The moment of the kill is what is random here; nothing is waited for.
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution(0, 250)(random)));
    child.send(SIGKILL);
    ASSERT_EQ(child.wait_for_exit(kDeadline)->signal, SIGKILL);

    const auto log = embedded::open_embedded_log({.directory = folder, .clock = clock});
    ASSERT_TRUE(log) << log.error().message;
    Contents contents = numbered::read_contents(**log);
    EXPECT_EQ(contents.fault, "") << "in round " << round;
    checked += check_acknowledged(child.standard_output(), contents);
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
  EXPECT_GT(checked, kRounds * 10);
}

}  // namespace
}  // namespace armada_cache::eventlog
