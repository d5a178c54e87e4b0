#include "core/eventlog/embedded/arena.h"

#include <cstring>

namespace armada_cache::eventlog::embedded {
namespace {

constexpr std::size_t kAlignment = alignof(std::max_align_t);

}  // namespace

std::string_view Arena::copy(std::string_view bytes) {
  auto* to = static_cast<char*>(allocate(bytes.size()));
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

void* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes > kBlockBytes / 4) {
    return oversized_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(bytes)).get();
  }
  if (blocks_.empty() || used_ + bytes > kBlockBytes) {
    if (!blocks_.empty()) ++current_;
    if (current_ == blocks_.size()) {
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
    }
    used_ = 0;
  }
  void* at = blocks_[current_].get() + used_;
  used_ += bytes;
  return at;
}

void Arena::reset() {
  oversized_.clear();
  current_ = 0;
  used_ = 0;
}

}  // namespace armada_cache::eventlog::embedded
