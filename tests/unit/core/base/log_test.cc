#include "core/base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace armada_cache::base {
namespace {

using testing::HasSubstr;

// Standard error into a pipe that nobody reads but the test.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(pipe_.data()), 0);
    fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    terminal_ = dup(STDERR_FILENO);
    dup2(pipe_[1], STDERR_FILENO);
  }
  void TearDown() override {
    dup2(terminal_, STDERR_FILENO);
    for (const int file : {pipe_[0], pipe_[1], terminal_}) close(file);
  }

  std::string read_all() const {
    std::string text;
    std::array<char, 4096> some{};
    for (ssize_t n = 0; (n = read(pipe_[0], some.data(), some.size())) > 0;) {
      text.append(some.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  std::array<int, 2> pipe_{};
  int terminal_ = -1;
};

TEST_F(LogTest, ALineIsOneJsonObject) {
  log_info("it happened", {{"queue", "a\nb"}, {"jobs", 3}});
  const std::string text = read_all();
  EXPECT_EQ(text.back(), '\n');
  EXPECT_THAT(text, HasSubstr(R"("event":"it happened","queue":"a\nb","jobs":3})"));
}

TEST_F(LogTest, Invariant6WhoDoesNotReadTheLogHoldsNobodyUp) {
  const std::string long_text(900, 'x');
  for (int i = 0; i < 1000; ++i) log_info("a line", {{"number", i}, {"text", long_text}});
  const std::string first = read_all();
  EXPECT_THAT(first, HasSubstr(R"("number":0,)"));
  EXPECT_THAT(first, testing::Not(HasSubstr(R"("number":999,)")));

  log_info("read again");
  log_info("and again");
  const std::string after = read_all();
  EXPECT_THAT(after, HasSubstr("log lines were dropped"));
  EXPECT_THAT(after, HasSubstr("read again"));
  EXPECT_THAT(after, HasSubstr("and again"));
}

TEST_F(LogTest, LongTextsAreCut) {
  log_info("a name", {{"name", std::string(100'000, 'x')}});
  EXPECT_LT(read_all().size(), 2000U);
}

}  // namespace
}  // namespace armada_cache::base
