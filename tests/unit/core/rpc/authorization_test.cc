#include "core/rpc/authorization.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace armada_cache::rpc {
namespace {

class AuthorizationTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& secret) {
    const auto file = folder_.path() / "secret";
    std::ofstream(file) << secret;
    return file;
  }

  test_support::TempDir folder_;
};

TEST_F(AuthorizationTest, NoneIsEmpty) {
  EXPECT_EQ(Authorization({}).value(), "");
}

TEST_F(AuthorizationTest, BasicEncodesUserAndPassword) {
  Authorization one({CredentialKind::kBasic, "user", write("pass\n")});
  EXPECT_EQ(one.value(), "basic dXNlcjpwYXNz");
  Authorization two({CredentialKind::kBasic, "user", write("passw")});
  EXPECT_EQ(two.value(), "basic dXNlcjpwYXNzdw==");
  Authorization three({CredentialKind::kBasic, "user", write("passwo")});
  EXPECT_EQ(three.value(), "basic dXNlcjpwYXNzd28=");
}

TEST_F(AuthorizationTest, BearerIsReadAgainWhenTheFileChanges) {
  const auto file = write("one\r\n");
  Authorization authorization({CredentialKind::kBearer, "", file});
  EXPECT_EQ(authorization.value(), "Bearer one");
  const auto before = std::filesystem::last_write_time(file);
  write("two");
  std::filesystem::last_write_time(file, before);
  EXPECT_EQ(authorization.value(), "Bearer one");
  authorization.invalidate();
  EXPECT_EQ(authorization.value(), "Bearer two");
  write("three");
  std::filesystem::last_write_time(file, before + std::chrono::seconds(1));
  EXPECT_EQ(authorization.value(), "Bearer three");
}

TEST_F(AuthorizationTest, AnUnusableFileIsNamedAndItsContentIsNot) {
  for (const std::string& secret : {std::string(" \n"), std::string("hush\nhush"),
                                    std::string("hush\x01"), std::string(70'000, 's')}) {
    const auto file = write(secret);
    const auto value = Authorization({CredentialKind::kBearer, "", file}).value();
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().code, base::ErrorCode::kUnauthenticated);
    EXPECT_NE(value.error().message.find(file.string()), std::string::npos);
    EXPECT_EQ(value.error().message.find("hush"), std::string::npos);
  }
  const auto missing =
      Authorization({CredentialKind::kBearer, "", folder_.path() / "missing"}).value();
  EXPECT_EQ(missing.error().code, base::ErrorCode::kUnauthenticated);
}

}  // namespace
}  // namespace armada_cache::rpc
