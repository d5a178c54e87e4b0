// How Armada is reached.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/settings.h"
#include "core/rpc/authorization.h"
#include "core/rpc/channel.h"

namespace armada_cache::app {

struct ArmadaCredentials {
  std::string user;
  std::filesystem::path password_file;
  std::filesystem::path token_file;
};

void declare(rpc::ChannelOptions& armada, ArmadaCredentials& credentials, base::Settings& settings);
base::Status check(const rpc::ChannelOptions& armada, const ArmadaCredentials& credentials);

rpc::Credentials to_rpc(const ArmadaCredentials& credentials);

}  // namespace armada_cache::app
