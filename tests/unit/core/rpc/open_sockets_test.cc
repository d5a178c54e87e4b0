#include "core/rpc/open_sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace armada_cache::rpc {
namespace {

TEST(OpenSockets, CountsThoseThatAreStillOpen) {
  OpenSockets open;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  open.add(pair[0]);
  open.add(pair[1]);
  open.recount();
  EXPECT_EQ(open.at_most(), 2u);
  close(pair[0]);
  EXPECT_EQ(open.at_most(), 2u) << "nobody has looked yet";
  open.recount();
  EXPECT_EQ(open.at_most(), 1u);
  close(pair[1]);
  open.recount();
  EXPECT_EQ(open.at_most(), 0u);
}

TEST(OpenSockets, ANumberThatAnotherFileHasNowCountsNoMore) {
  OpenSockets open;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  open.add(pair[0]);
  open.add(pair[1]);
  const int file = ::open("/dev/null", O_RDONLY);
  int other[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
  ASSERT_EQ(dup2(file, pair[0]), pair[0]);
  ASSERT_EQ(dup2(other[0], pair[1]), pair[1]);
  open.recount();
  EXPECT_EQ(open.at_most(), 0u);
  for (const int each : {pair[0], pair[1], other[0], other[1], file}) close(each);
}

TEST(OpenSockets, ANumberThatComesAgainIsOneSocket) {
  OpenSockets open;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  open.add(pair[0]);
  ASSERT_EQ(dup2(pair[1], pair[0]), pair[0]);
  open.add(pair[0]);
  EXPECT_EQ(open.at_most(), 1u);
  open.recount();
  EXPECT_EQ(open.at_most(), 1u);
  close(pair[0]);
  close(pair[1]);
}

}  // namespace
}  // namespace armada_cache::rpc
