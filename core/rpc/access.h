// Whom a server answers.
#pragma once

namespace armada_cache::rpc {

enum class Access {
  kLoopbackOnly,  // callers on this machine
  kOpen           // everybody; to be said explicitly
};

}  // namespace armada_cache::rpc
