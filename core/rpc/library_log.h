// The lines that gRPC and Protobuf write of themselves go into the process's log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace armada_cache::rpc {

// To be called once, before either library is used. Their errors become warnings, since they are
// mostly what clients do wrong; the rest is for debugging. What a line says is cut to 256 bytes,
// and of many lines some are left out and counted: a client can provoke as many as it likes.
void take_over_library_logs();

// So many lines in each interval. Pure; not thread-safe.
class LineBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  LineBudget(std::uint64_t lines, std::chrono::milliseconds interval)
      : lines_(lines), interval_(interval) {}

  // How many were left out since the last one that was not; empty: leave this one out.
  std::optional<std::uint64_t> take(Time now);

 private:
  const std::uint64_t lines_;
  const std::chrono::milliseconds interval_;
  Time since_;
  std::uint64_t taken_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace armada_cache::rpc
