// The settings of `armada-cache show`.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "core/base/settings.h"
#include "core/rpc/channel.h"

namespace armada_cache::app {

struct ShowSettings {
  rpc::ChannelOptions cache{.target = "127.0.0.1:60003"};
  std::string job_sets;
  std::string headline;
  std::size_t limit = 40;
  std::chrono::milliseconds refresh = std::chrono::seconds(1);
  std::chrono::milliseconds total{0};
};

void declare(ShowSettings& values, base::Settings& settings);

}  // namespace armada_cache::app
