#include "core/eventlog/embedded/topic.h"

#include <mutex>

#include "core/base/bytes.h"

namespace armada_cache::eventlog::embedded {
namespace {

using base::ErrorCode;

constexpr std::size_t kSpecBytes = 4 + 1 + 8;

std::string_view name_of(Cleanup cleanup) {
  return cleanup == Cleanup::kRetention ? "retention" : "compaction";
}

}  // namespace

TopicSpec Topic::spec() const {
  return {name, static_cast<Partition>(partitions.size()), cleanup, retention.load()};
}

PartitionState* Topic::partition(Partition number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < partitions.size() ? &partitions[index] : nullptr;
}

Topic* TopicTable::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second.get();
}

Topic* TopicTable::add(std::unique_ptr<Topic> topic) {
  const std::unique_lock lock(mutex_);
  Topic* added = topic.get();
  topics_.emplace(added->name, std::move(topic));
  return added;
}

std::vector<Topic*> TopicTable::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<Topic*> topics;
  for (const auto& [name, topic] : topics_) topics.push_back(topic.get());
  return topics;
}

std::string encode_spec(const TopicSpec& spec) {
  std::string bytes;
  base::append_fixed(bytes, static_cast<std::uint32_t>(spec.partitions));
  bytes.push_back(spec.cleanup == Cleanup::kRetention ? 'r' : 'c');
  base::append_fixed(bytes, static_cast<std::uint64_t>(spec.retention.count()));
  return bytes;
}

base::Result<TopicSpec> decode_spec(std::string_view name, std::string_view bytes) {
  if (bytes.size() != kSpecBytes || (bytes[4] != 'r' && bytes[4] != 'c')) {
    return base::fail(ErrorCode::kDataLoss,
                      "the stored specification of topic " + std::string(name) + " is damaged");
  }
  TopicSpec spec;
  spec.name = name;
  spec.partitions = static_cast<Partition>(base::get_fixed<std::uint32_t>(bytes.data()));
  spec.cleanup = bytes[4] == 'r' ? Cleanup::kRetention : Cleanup::kCompaction;
  spec.retention = std::chrono::milliseconds(
      static_cast<std::int64_t>(base::get_fixed<std::uint64_t>(bytes.data() + 5)));
  return spec;
}

base::Status check_spec(const TopicSpec& spec) {
  if (spec.name.empty()) {
    return base::fail(ErrorCode::kInvalidArgument, "a topic needs a name");
  }
  if (spec.partitions < 1) {
    return base::fail(ErrorCode::kInvalidArgument, "topic " + spec.name +
                                                       " needs at least one partition, not " +
                                                       std::to_string(spec.partitions));
  }
  if (spec.cleanup == Cleanup::kRetention && spec.retention.count() <= 0) {
    return base::fail(ErrorCode::kInvalidArgument,
                      "topic " + spec.name + " needs a retention above zero, not " +
                          std::to_string(spec.retention.count()) + " ms");
  }
  return {};
}

base::Status check_same(const TopicSpec& stored, const TopicSpec& wanted) {
  std::string differs;
  if (stored.partitions != wanted.partitions) {
    differs = "has " + std::to_string(stored.partitions) + " partitions, but " +
              std::to_string(wanted.partitions) + " are wanted";
  }
  if (stored.cleanup != wanted.cleanup) {
    if (!differs.empty()) differs += ", and ";
    differs += "is cleaned up by " + std::string(name_of(stored.cleanup)) + ", but " +
               std::string(name_of(wanted.cleanup)) + " is wanted";
  }
  if (differs.empty()) return {};
  return base::fail(ErrorCode::kFailedPrecondition,
                    "topic " + stored.name + " " + differs +
                        ": neither can change later; set what the topic has, or begin in an empty "
                        "data directory");
}

}  // namespace armada_cache::eventlog::embedded
