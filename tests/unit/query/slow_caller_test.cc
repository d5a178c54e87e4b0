// Callers that ask and do not take their answers.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "core/base/address.h"
#include "tests/unit/query/query_fixture.h"

namespace armada_cache::query {
namespace {

// A caller by hand: HTTP/2 with a window of no bytes, so that no answer's message can be sent.
class Unwilling {
 public:
  explicit Unwilling(const std::string& address) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const auto at = base::parse_address(address);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(at->port);
    inet_pton(AF_INET, at->host.c_str(), &to.sin_addr);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    constexpr char kInitialWindow = 4;
    say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
        frame(kSettings, 0, 0, std::string{0, kInitialWindow, 0, 0, 0, 0}));
  }
  ~Unwilling() { close(socket_); }
  Unwilling(const Unwilling&) = delete;
  Unwilling& operator=(const Unwilling&) = delete;

  void ask(const std::string& path, const std::string& message) {
    constexpr char kEndOfHeaders = 4;
    constexpr char kEndOfStream = 1;
    say(frame(kHeaders, kEndOfHeaders, next_stream_, headers(path)) +
        frame(kData, kEndOfStream, next_stream_,
              std::string(4, '\0') + static_cast<char>(message.size()) + message));
    next_stream_ += 2;
  }

 private:
  static constexpr char kData = 0;
  static constexpr char kHeaders = 1;
  static constexpr char kSettings = 4;

  static std::string counted(const std::string& text) {
    return static_cast<char>(text.size()) + text;
  }
  // Without a dynamic table: RFC 7541, section 6.2.2, and the static entries of its appendix A.
  static std::string headers(const std::string& path) {
    return std::string("\x83\x86\x04") + counted(path) + "\x01" + counted("test") + "\x0f\x10" +
           counted("application/grpc") + std::string(1, '\0') + counted("te") + counted("trailers");
  }
  static std::string frame(char type, char flags, int stream, const std::string& payload) {
    const std::string length{0, static_cast<char>(payload.size() >> 8),
                             static_cast<char>(payload.size())};
    return length + type + flags + std::string{0, 0, 0, static_cast<char>(stream)} + payload;
  }
  void say(const std::string& bytes) const {
    EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  const int socket_;
  int next_stream_ = 1;
};

class SlowCallerTest : public QueryTest {
 protected:
  void SetUp() override {
    reader_.put("job", kJobSet, api::RUNNING);
    options_.status_slots = 4;
    options_.server.call_deadline = std::chrono::milliseconds(300);
  }
  void flood(Unwilling& caller, int calls) {
    for (int i = 0; i < calls; ++i) caller.ask("/api.Jobs/GetJobStatus", "\x0a\x03job");
  }
};

TEST_F(SlowCallerTest, Invariant6TakesNoSlotFromOthers) {
  options_.server.call_deadline = kSoon;
  start();
  Unwilling caller(address_);
  flood(caller, 20);
  for (int i = 0; i < 20; ++i) {
    const auto answer = client().statuses({"job"});
    ASSERT_TRUE(answer.ok()) << answer.error;
  }
}

TEST_F(SlowCallerTest, Invariant6IsGivenUpAfterItsTime) {
  options_.server.max_calls = 8;
  start();
  Unwilling caller(address_);
  flood(caller, 30);
  EXPECT_TRUE(test_support::eventually(kSoon, [&] { return !client().statuses({"job"}).ok(); }));
  EXPECT_TRUE(test_support::eventually(kSoon, [&] { return client().statuses({"job"}).ok(); }));
}

}  // namespace
}  // namespace armada_cache::query
