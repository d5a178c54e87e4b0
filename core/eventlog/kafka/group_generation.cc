#include "core/eventlog/kafka/group_generation.h"

#include <algorithm>
#include <cstring>

namespace armada_cache::eventlog::kafka {
namespace {

using GroupMetadata =
    Owned<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;

void free_string(char* text) {
  rd_kafka_mem_free(nullptr, text);
}
using Text = Owned<char, free_string>;

// Each byte of the one differs from that of the other.
constexpr std::int32_t kOneGeneration = 0x11111111;
constexpr std::int32_t kOtherGeneration = 0x22222222;

std::string bytes_of(const GroupMetadata& metadata) {
  void* buffer = nullptr;
  std::size_t size = 0;
  if (!metadata) return {};
  const ErrorHandle error(rd_kafka_consumer_group_metadata_write(metadata.get(), &buffer, &size));
  if (error) return {};
  std::string bytes(static_cast<const char*>(buffer), size);
  rd_kafka_mem_free(nullptr, buffer);
  return bytes;
}

}  // namespace

std::optional<std::int32_t> generation_of(rd_kafka_t* member, const std::string& group,
                                          const std::string& instance_id) {
  const std::string actual = bytes_of(GroupMetadata(rd_kafka_consumer_group_metadata(member)));
  const Text name(rd_kafka_memberid(member));
  if (actual.empty() || !name) return std::nullopt;
  const auto written = [&](std::int32_t generation) {
    return bytes_of(GroupMetadata(rd_kafka_consumer_group_metadata_new_with_genid(
        group.c_str(), generation, name.get(),
        instance_id.empty() ? nullptr : instance_id.c_str())));
  };
  const std::string one = written(kOneGeneration);
  const std::string other = written(kOtherGeneration);
  if (one.size() != actual.size() || other.size() != actual.size()) return std::nullopt;
  const auto differs = std::ranges::mismatch(one, other).in1;
  std::int32_t generation = 0;
  if (one.end() - differs < static_cast<std::ptrdiff_t>(sizeof(generation))) return std::nullopt;
  std::memcpy(&generation, actual.data() + (differs - one.begin()), sizeof(generation));
  if (generation < 0 || written(generation) != actual) return std::nullopt;
  return generation;
}

}  // namespace armada_cache::eventlog::kafka
