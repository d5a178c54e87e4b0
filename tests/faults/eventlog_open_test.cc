// Folders that cannot be opened as a log, each with its own clear error.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/eventlog/embedded/embedded_log.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::eventlog::embedded {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

constexpr std::chrono::seconds kDeadline(30);

class OpenFaultTest : public testing::Test {
 protected:
  // With room in memory for all that fill() appends: its second half stays in the write-ahead log.
  base::Result<std::unique_ptr<EventLog>> open() {
    return open_embedded_log(
        {.directory = folder_, .clock = clock_, .write_buffer_bytes = 16u << 20});
  }

  // Records 0 to 49 in a table file, where opening puts them, the others in the write-ahead log.
  void fill() {
    append(0, 50);
    append(50, 100);
    ASSERT_FALSE(files("", ".sst").empty());
  }
  void append(int from, int to) {
    const auto log = open().value();
    ASSERT_TRUE(log->ensure_topic({.name = "topic"}));
    const auto appender = log->appender();
    std::mt19937 random(1);  // bytes that do not compress
    for (int i = from; i < to; ++i) {
      std::string value(10'000, '\0');
      for (char& each : value) each = static_cast<char>(random());
      appender->append({"topic", 0}, {{std::to_string(i), value, {}}},
                       [](const base::Result<Offset>& last) { EXPECT_TRUE(last); });
    }
  }

  std::vector<fs::path> files(const std::string& start, const std::string& extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const fs::path& path = entry.path();
      if (path.filename().string().starts_with(start) && path.extension() == extension) {
        found.push_back(path);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static void overwrite(const fs::path& file, std::streamoff at, std::size_t bytes) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << std::string(bytes, '\x5a');
    ASSERT_TRUE(stream.flush());
  }

  void expect_refused(ErrorCode code, const std::string& part) {
    const auto opened = open();
    ASSERT_FALSE(opened) << "opened after all";
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_THAT(opened.error().message, HasSubstr(folder_.string()));
    EXPECT_THAT(opened.error().message, HasSubstr(part));
  }
  void expect_damaged() { expect_refused(ErrorCode::kDataLoss, "restore the folder from a copy"); }

  test_support::TempDir directory_;
  fs::path folder_ = directory_.path() / "log";
  base::SystemClock clock_;
};

TEST_F(OpenFaultTest, HeldByThisProcess) {
  const auto holder = open();
  ASSERT_TRUE(holder);
  expect_refused(ErrorCode::kFailedPrecondition, "held by another process");
}

TEST_F(OpenFaultTest, HeldByAnotherProcess) {
  test_support::Process holder({.program = fs::path(TEST_BIN_DIR) / "eventlog_appending",
                                .arguments = {folder_.string()},
                                .environment = {}},
                               directory_.path());
  ASSERT_TRUE(holder.wait_for_line("ready", kDeadline)) << holder.standard_error();
  expect_refused(ErrorCode::kFailedPrecondition, "held by another process");
  holder.send(SIGKILL);
  ASSERT_TRUE(holder.wait_for_exit(kDeadline));
  EXPECT_TRUE(open());
}

TEST_F(OpenFaultTest, NewerFormat) {
  fill();
  std::ofstream(folder_ / "FORMAT") << "armada-cache event log, format 2\n";
  expect_refused(ErrorCode::kFailedPrecondition, "has format 2");
}

TEST_F(OpenFaultTest, UnreadableFormat) {
  fill();
  std::ofstream(folder_ / "FORMAT") << "armada-cache event log, format x\n";
  expect_damaged();
}

TEST_F(OpenFaultTest, AnotherDatabase) {
  fill();
  fs::remove(folder_ / "FORMAT");
  expect_refused(ErrorCode::kFailedPrecondition, "no event log");
}

TEST_F(OpenFaultTest, AFileInTheFoldersPlace) {
  std::ofstream(folder_) << "a file";
  expect_refused(ErrorCode::kFailedPrecondition, "is a file");
}

TEST_F(OpenFaultTest, AFolderBelowAFile) {
  std::ofstream(directory_.path() / "file") << "a file";
  folder_ = directory_.path() / "file" / "log";
  expect_refused(ErrorCode::kFailedPrecondition, "is a file");
}

TEST_F(OpenFaultTest, LostCurrentFile) {
  fill();
  fs::remove(folder_ / "CURRENT");
  expect_damaged();
}

TEST_F(OpenFaultTest, DamagedManifest) {
  fill();
  const fs::path manifest = files("MANIFEST", "").back();
  overwrite(manifest, 10, 16);
  expect_damaged();
}

TEST_F(OpenFaultTest, LostTableFile) {
  fill();
  fs::remove(files("", ".sst").front());
  expect_damaged();
}

TEST_F(OpenFaultTest, ShortenedTableFile) {
  fill();
  const fs::path table = files("", ".sst").front();
  fs::resize_file(table, fs::file_size(table) / 2);
  expect_damaged();
}

TEST_F(OpenFaultTest, DamagedMiddleOfTheWriteAheadLog) {
  fill();
  const fs::path log = files("", ".log").back();
  ASSERT_GT(fs::file_size(log), 400'000u);
  overwrite(log, 5000, 16);
  expect_damaged();
}

TEST_F(OpenFaultTest, ATornEndOfTheWriteAheadLogIsNoDamage) {
  fill();
  const fs::path log = files("", ".log").back();
  fs::resize_file(log, fs::file_size(log) - 100);
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  const Offset end = (*opened)->end_offset({"topic", 0}).value();
  EXPECT_GE(end, 50) << "only the last write is torn";
  EXPECT_LT(end, 100);
}

TEST_F(OpenFaultTest, DamagedRecordsAreReportedByTheReaderAlone) {
  fill();
  const auto tables = files("", ".sst");
  const fs::path records = *std::ranges::max_element(
      tables, {}, [](const fs::path& table) { return fs::file_size(table); });
  overwrite(records, static_cast<std::streamoff>(fs::file_size(records) / 2), 16);
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE((*opened)->ensure_topic({.name = "sound"}));
  const auto reader = (*opened)->reader({{{"topic", 0}, 0}}).value();
  Offset next = 0;
  auto polled = reader->poll(10, kDeadline);
  for (; polled && !polled->empty(); polled = reader->poll(10, kDeadline)) {
    for (const RecordView& view : *polled) EXPECT_EQ(view.offset, next++);
  }
  ASSERT_FALSE(polled);
  EXPECT_GT(next, 0);
  EXPECT_EQ(polled.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(polled.error().message, HasSubstr("partition 0 of topic topic"));
}

}  // namespace
}  // namespace armada_cache::eventlog::embedded
