#include "core/rpc/calls/access_gate.h"

#include <boost/asio/ip/address.hpp>
#include <string_view>

namespace armada_cache::rpc {
namespace {

// "127.0.0.1:50000" -> "127.0.0.1"; "%5B::1%5D:50000" and "[::1]:50000" -> "::1".
std::string host_of(std::string_view address) {
  const auto colon = address.rfind(':');
  std::string host(address.substr(0, colon));
  for (const std::string_view bracket : {"%5B", "%5D", "[", "]"}) {
    if (const auto at = host.find(bracket); at != std::string::npos) host.erase(at, bracket.size());
  }
  return host;
}

bool is_local(std::string_view peer) {
  if (peer.starts_with("unix:")) return true;
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return false;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_of(peer.substr(5)), error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .is_loopback();
  }
  return address.is_loopback();
}

}  // namespace

base::Status LoopbackOnly::admit(const Caller& caller) const {
  if (is_local(caller.peer())) return {};
  return base::fail(base::ErrorCode::kPermissionDenied,
                    "this server answers callers on its own machine only; its operator can open it "
                    "to others with the setting access=open");
}

std::unique_ptr<AccessGate> make_gate(Access access) {
  if (access == Access::kOpen) return std::make_unique<OpenToAll>();
  return std::make_unique<LoopbackOnly>();
}

}  // namespace armada_cache::rpc
