#include "core/eventlog/kafka/topic_settings.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace armada_cache::eventlog::kafka {
namespace {

constexpr std::size_t kLongestName = 249;
// A topic takes batches of compressed records; a record alone may not compress at all.
constexpr std::size_t kBatchOverhead = std::size_t{64} << 10;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::optional<long long> number(const std::string& text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Compares a topic with what is wanted of it and gathers what differs.
class Comparison {
 public:
  Comparison(const TopicSpec& spec, const KafkaLogOptions& options, const TopicDescription& found)
      : spec_(spec), options_(options), found_(found), wanted_(wanted_topic(spec, options)) {}

  std::vector<std::string> all() {
    partitions();
    copies();
    equal("cleanup.policy", spec_.cleanup == Cleanup::kCompaction ? " (compaction)" : "");
    equal("message.timestamp.type", "");
    at_least("min.insync.replicas");
    at_least("max.message.bytes");
    if (spec_.cleanup == Cleanup::kRetention) {
      at_least("retention.ms");
      at_least("retention.bytes");
    }
    return std::move(lines_);
  }

 private:
  std::string tool(const char* name) const {
    return std::string(name) + " --bootstrap-server " + options_.brokers;
  }

  void partitions() {
    if (found_.partitions == spec_.partitions) return;
    lines_.push_back("it has " + std::to_string(found_.partitions) + " partitions, " +
                     std::to_string(spec_.partitions) +
                     " are wanted: the count of a topic in use cannot change, since keys would "
                     "move; ask for " +
                     std::to_string(found_.partitions) +
                     " partitions, or, to start from nothing, " + make_anew());
  }

  std::string make_anew() const {
    if (!options_.topics.make_anew.empty()) return options_.topics.make_anew;
    return "run " + tool("kafka-topics.sh") + " --delete --topic " + spec_.name;
  }

  void copies() {
    if (found_.copies >= wanted_.copies) return;
    lines_.push_back("it has replication factor " + std::to_string(found_.copies) + ", " +
                     std::to_string(wanted_.copies) +
                     " is the least wanted: " + tool("kafka-reassign-partitions.sh") +
                     " --execute --reassignment-json-file FILE, with more replicas in FILE");
  }

  std::string setting(const std::string& name) const {
    const auto found = found_.settings.find(name);
    return found == found_.settings.end() ? std::string() : found->second;
  }

  void equal(const std::string& name, const char* explanation) {
    if (setting(name) != wanted_.settings.at(name)) add(name, explanation);
  }

  // -1 is without bound.
  void at_least(const std::string& name) {
    const auto wanted = number(wanted_.settings.at(name));
    const auto found = number(setting(name));
    if (found && (*found == -1 || (*wanted != -1 && *found >= *wanted))) return;
    add(name, " or more");
  }

  void add(const std::string& name, const char* explanation) {
    const std::string& wanted = wanted_.settings.at(name);
    lines_.push_back(name + " is '" + setting(name) + "', '" + wanted + "'" + explanation +
                     " is wanted: " + tool("kafka-configs.sh") +
                     " --alter --entity-type topics --entity-name " + spec_.name +
                     " --add-config " + name + "=" + wanted);
  }

  const TopicSpec& spec_;
  const KafkaLogOptions& options_;
  const TopicDescription& found_;
  const TopicDescription wanted_;
  std::vector<std::string> lines_;
};

}  // namespace

base::Status check_spec(const TopicSpec& spec) {
  const bool named = !spec.name.empty() && spec.name.size() <= kLongestName && spec.name != "." &&
                     spec.name != ".." && std::ranges::all_of(spec.name, is_name_character);
  if (!named) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "'" + spec.name +
                          "' cannot be the name of a topic: 1 to 249 letters, "
                          "digits, '.', '_' and '-'");
  }
  if (spec.partitions < 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, "topic " + spec.name + " cannot have " +
                                                             std::to_string(spec.partitions) +
                                                             " partitions: at least 1");
  }
  return {};
}

TopicDescription wanted_topic(const TopicSpec& spec, const KafkaLogOptions& options) {
  TopicDescription wanted;
  wanted.partitions = spec.partitions;
  wanted.copies = options.topics.replication_factor;
  wanted.settings = {
      {"message.timestamp.type", "LogAppendTime"},
      {"min.insync.replicas", std::to_string(options.topics.min_insync_replicas)},
      {"max.message.bytes", std::to_string(options.max_record_bytes + kBatchOverhead)}};
  if (spec.cleanup == Cleanup::kCompaction) {
    // The segment that is written is not compacted: a new one each hour, so that reading the whole
    // topic stays short.
    wanted.settings["cleanup.policy"] = "compact";
    wanted.settings["segment.ms"] = "3600000";
    wanted.settings["min.cleanable.dirty.ratio"] = "0.2";
  } else {
    wanted.settings["cleanup.policy"] = "delete";
    wanted.settings["retention.ms"] = std::to_string(spec.retention.count());
    wanted.settings["retention.bytes"] = "-1";
  }
  return wanted;
}

std::vector<std::string> differences(const TopicSpec& spec, const KafkaLogOptions& options,
                                     const TopicDescription& found) {
  return Comparison(spec, options, found).all();
}

}  // namespace armada_cache::eventlog::kafka
