#include "core/rpc/calls/access_gate.h"

#include <gtest/gtest.h>

namespace armada_cache::rpc {
namespace {

class FakeCaller final : public Caller {
 public:
  explicit FakeCaller(std::string peer) : peer_(std::move(peer)) {}
  std::string peer() const override { return peer_; }
  std::string authorization() const override { return "basic c2VjcmV0"; }

 private:
  std::string peer_;
};

TEST(LoopbackOnly, Invariant5AdmitsThisMachine) {
  const LoopbackOnly gate;
  for (const char* peer :
       {"ipv4:127.0.0.1:50000", "ipv4:127.1.2.3:1", "ipv6:%5B::1%5D:50000", "ipv6:[::1]:50000",
        "ipv6:%5B::ffff:127.0.0.1%5D:50000", "unix:/tmp/socket", "unix:"}) {
    EXPECT_TRUE(gate.admit(FakeCaller(peer))) << peer;
  }
}

TEST(LoopbackOnly, Invariant5RefusesAllOthersWithoutTellingOfTheirCredentials) {
  const LoopbackOnly gate;
  for (const char* peer :
       {"ipv4:10.0.0.1:50000", "ipv4:128.0.0.1:50000", "ipv6:%5B2001:db8::1%5D:1",
        "ipv6:%5B::ffff:10.0.0.1%5D:1", "", "unknown", "ipv4:localhost:1",
        "ipv4:127.0.0.1.example.org:1", "dns:127.0.0.1:1"}) {
    const base::Status admitted = gate.admit(FakeCaller(peer));
    ASSERT_FALSE(admitted) << peer;
    EXPECT_EQ(admitted.error().code, base::ErrorCode::kPermissionDenied);
    EXPECT_EQ(admitted.error().message.find("c2VjcmV0"), std::string::npos);
  }
}

TEST(OpenToAll, Invariant5AdmitsEverybody) {
  EXPECT_TRUE(OpenToAll().admit(FakeCaller("ipv4:10.0.0.1:50000")));
}

}  // namespace
}  // namespace armada_cache::rpc
