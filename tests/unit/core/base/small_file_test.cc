#include "core/base/small_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace armada_cache::base {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SmallFileTest : public testing::Test {
 protected:
  std::filesystem::path made(const std::string& content) {
    const auto path = folder_.path() / "file";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string refusal(const std::filesystem::path& path) {
    const auto read = read_small_file("setting 'x' names", path, 2048);
    if (read) return "read";
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(read.error().message,
                StartsWith("setting 'x' names " + path.string() + ", which "));
    return read.error().message;
  }
  test_support::TempDir folder_;
};

TEST_F(SmallFileTest, ReadsAllUpToTheLimit) {
  const std::string content("\0line\r\n", 7);
  EXPECT_EQ(*read_small_file("", made(content), 7), content);
  EXPECT_EQ(*read_small_file("", made(""), 7), "");
  EXPECT_EQ(*read_small_file("", made(std::string(2048, 'x')), 2048), std::string(2048, 'x'));
  EXPECT_THAT(refusal(made(std::string(2049, 'x'))), HasSubstr("has more than 2 KiB"));
}

TEST_F(SmallFileTest, WhatIsNoFileIsRefusedAndNeverWaitedFor) {
  EXPECT_THAT(refusal(folder_.path() / "none"), HasSubstr("No such file"));
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("no file but a folder"));
  EXPECT_THAT(refusal("/dev/zero"), HasSubstr("no file but a folder, a device"));
  const auto pipe = folder_.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal(pipe), HasSubstr("no file but"));
}

}  // namespace
}  // namespace armada_cache::base
