// Who may ask: every method of every service passes here, and nowhere else.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/rpc/access.h"

namespace armada_cache::rpc {

// Who asks. What it tells is looked up only when asked for, and only during admit().
class Caller {
 public:
  virtual ~Caller() = default;
  // As gRPC writes it: "ipv4:127.0.0.1:50000", "ipv6:%5B::1%5D:50000", "unix:/path".
  virtual std::string peer() const = 0;
  // The metadata "authorization", "" where there is none. A secret: never logged.
  virtual std::string authorization() const = 0;
};

// Thread-safe; must not block.
class AccessGate {
 public:
  virtual ~AccessGate() = default;
  // kPermissionDenied or kUnauthenticated: what the caller is told.
  virtual base::Status admit(const Caller& caller) const = 0;
};

// Whoever is on this machine: 127.0.0.0/8, ::1 or a Unix socket.
class LoopbackOnly final : public AccessGate {
 public:
  base::Status admit(const Caller& caller) const override;
};

// Everybody. To be chosen explicitly.
class OpenToAll final : public AccessGate {
 public:
  base::Status admit(const Caller&) const override { return {}; }
};

std::unique_ptr<AccessGate> make_gate(Access access);

}  // namespace armada_cache::rpc
