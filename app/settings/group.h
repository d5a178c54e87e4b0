// How processes of a tier share out their work: by consumer groups of Kafka.
#pragma once

#include <string>
#include <vector>

#include "app/group/group_share.h"
#include "core/base/settings.h"

namespace armada_cache::app {

struct GroupSettings {
  std::string prefix = "armada-cache";
  // Who joins which group for what is filled in by spread().
  GroupShareOptions share;
};

void declare_group_prefix(std::string& target, base::Settings& settings);

void declare(GroupSettings& values, base::Settings& settings);
void spread(GroupSettings& values);
base::Status check(const GroupSettings& values);

// Of a group's name, or a part of it; kInvalidArgument names the setting.
base::Status check_group_name(const std::string& setting, const std::string& value);
// Of a name that brokers know an instance by; as above.
base::Status check_instance_id(const std::string& setting, const std::string& value);

// "a,b" as a list.
std::vector<std::string> parse_replica_groups(const std::string& list);

// Of this machine.
std::string host_name();
// The same for each start of a process on this machine over this folder, another one otherwise.
std::string default_instance_id(const std::string& host, const std::string& folder);

}  // namespace armada_cache::app
