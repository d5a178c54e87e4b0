#include "app/settings/group.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "app/settings/order.h"
#include "app/settings/ranges.h"
#include "core/topics/partitioner.h"

namespace armada_cache::app {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxIdBytes = 200;  // brokers take 249

// What brokers take in names of groups and instances.
bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
}

base::Status check_name(const std::string& setting, const std::string& value, std::size_t most) {
  if (!value.empty() && value.size() <= most && std::ranges::all_of(value, is_plain)) return {};
  return wrong("setting '" + setting + "' has the name '" + value + "'; allowed: 1 to " +
               std::to_string(most) + " of a-z, A-Z, 0-9, '.', '_', '-'");
}

base::Status check_heartbeat(const eventlog::kafka::GroupOptions& member) {
  if (member.heartbeat_interval * 2 <= member.session_timeout) return {};
  const auto text = [](std::chrono::milliseconds time) {
    return base::number_text(time.count(), base::Unit::kMillis);
  };
  return wrong("setting 'group-heartbeat-interval' is " + text(member.heartbeat_interval) +
               "; allowed: at most half of 'group-session-timeout', which is " +
               text(member.session_timeout));
}

}  // namespace

void declare_group_prefix(std::string& target, base::Settings& settings) {
  settings.add("group-prefix", target,
               "Begin of the names of consumer groups: the same for all processes of a cache.");
}

void declare(GroupSettings& values, base::Settings& settings) {
  eventlog::kafka::GroupOptions& member = values.share.member;
  settings.section("What it is");
  declare_group_prefix(values.prefix, settings);
  settings.add("group-session-timeout", member.session_timeout, {100, 3'600'000},
               "A process that is silent for so long loses its partitions to others of its group.");
  settings.rarely_needed();
  settings.add("group-heartbeat-interval", member.heartbeat_interval, {10, 600'000},
               "How often it shows that it lives; also how soon it learns of a new sharing.");
  settings.add("group-rebalance-timeout", member.rebalance_timeout, {1000, 3'600'000},
               "How long a new sharing waits for a process that is slow.");
  settings.add("group-leave-timeout", member.leave_timeout, {100, 600'000},
               "How long leaving a group may take.");
  settings.add("group-retry-pause", values.share.handover.retry_pause, {1, 600'000},
               "Pause after partitions could not be taken.");
}

void spread(GroupSettings& values) {
  values.share.handover.patience = values.share.member.session_timeout;
}

base::Status check(const GroupSettings& values) {
  if (auto checked = check_group_name("group-prefix", values.prefix); !checked) return checked;
  return check_heartbeat(values.share.member);
}

base::Status check_group_name(const std::string& setting, const std::string& value) {
  return check_name(setting, value, kMaxNameBytes);
}

base::Status check_instance_id(const std::string& setting, const std::string& value) {
  return check_name(setting, value, kMaxIdBytes);
}

std::vector<std::string> parse_replica_groups(const std::string& list) {
  std::vector<std::string> groups;
  std::istringstream in(list);
  for (std::string group; std::getline(in, group, ',');) groups.push_back(group);
  return groups;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::string default_instance_id(const std::string& host, const std::string& folder) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(folder, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::string id = host + path.string();
  // What is replaced or cut off makes no two of them one.
  std::ostringstream sum;
  sum << '-' << std::hex << std::setw(8) << std::setfill('0') << topics::murmur2(id);
  id.resize(std::min(id.size(), kMaxIdBytes - sum.str().size()));
  id += sum.str();
  std::ranges::replace_if(
      id, [](char letter) { return !is_plain(letter); }, '-');
  return id;
}

}  // namespace armada_cache::app
