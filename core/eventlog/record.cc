#include "core/eventlog/record.h"

namespace armada_cache::eventlog {

std::string name_of(const TopicPartition& at) {
  return "partition " + std::to_string(at.partition) + " of topic " + at.topic;
}

std::size_t Record::bytes() const {
  std::size_t total = key.size() + (value ? value->size() : 0);
  for (const Header& header : headers) total += header.name.size() + header.value.size();
  return total;
}

std::optional<std::string_view> RecordView::header(std::string_view name) const {
  for (const HeaderView& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

}  // namespace armada_cache::eventlog
