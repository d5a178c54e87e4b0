// Copies of ids, in one piece of memory.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace armada_cache::lookup {

class KeptIds {
 public:
  KeptIds() = default;
  explicit KeptIds(std::span<const std::string_view> ids) {
    std::size_t size = 0;
    for (const std::string_view id : ids) size += id.size();
    bytes_.reserve(size);  // so that nothing moves while views are made
    views_.reserve(ids.size());
    for (const std::string_view id : ids) {
      views_.emplace_back(bytes_.data() + bytes_.size(), id.size());
      bytes_.insert(bytes_.end(), id.begin(), id.end());
    }
  }
  KeptIds(const KeptIds&) = delete;
  KeptIds& operator=(const KeptIds&) = delete;
  KeptIds(KeptIds&&) = default;
  KeptIds& operator=(KeptIds&&) = default;

  // Valid until this is destroyed, wherever it is moved to.
  std::span<const std::string_view> views() const { return views_; }

 private:
  std::vector<char> bytes_;
  std::vector<std::string_view> views_;
};

}  // namespace armada_cache::lookup
