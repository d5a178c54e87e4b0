#include "core/base/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "tests/support/temp_dir.h"

namespace armada_cache::base {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(FolderLock, OneAtATimeHasTheFolder) {
  const test_support::TempDir parent;
  const auto folder = parent.path() / "made" / "data";
  std::optional<FolderLock> first(std::move(FolderLock::take(folder).value()));
  const auto second = FolderLock::take(folder);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr(folder.string()), HasSubstr("in use by another process"),
                    HasSubstr("'data-dir' of its own")));
  EXPECT_TRUE(FolderLock::take(parent.path() / "other"));
  first.reset();
  EXPECT_TRUE(FolderLock::take(folder));
}

TEST(FolderLock, GoesWithWhomeverItIsMovedTo) {
  const test_support::TempDir folder;
  FolderLock held;
  {
    auto taken = FolderLock::take(folder.path());
    ASSERT_TRUE(taken);
    held = std::move(*taken);
  }
  EXPECT_FALSE(FolderLock::take(folder.path()));
}

TEST(FolderLock, AFolderThatCannotBeMadeIsAnErrorThatStays) {
  const test_support::TempDir parent;
  std::ofstream(parent.path() / "file") << "in the way";
  const auto taken = FolderLock::take(parent.path() / "file" / "data");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(taken.error().message,
              AllOf(HasSubstr((parent.path() / "file" / "data").string()), HasSubstr("data-dir")));
}

}  // namespace
}  // namespace armada_cache::base
