// Memory for what one poll returns, used again by the next poll.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace armada_cache::eventlog::embedded {

// Not thread-safe.
class Arena {
 public:
  // Both are valid until reset().
  std::string_view copy(std::string_view bytes);
  template <typename T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(count * sizeof(T))) T[count];
  }

  // Keeps the ordinary blocks for use again, frees the oversized ones.
  void reset();

 private:
  static constexpr std::size_t kBlockBytes = 256u << 10;
  using Block = std::unique_ptr<std::byte[]>;

  void* allocate(std::size_t bytes);

  std::vector<Block> blocks_;
  std::vector<Block> oversized_;
  std::size_t current_ = 0;  // index of the block in use
  std::size_t used_ = kBlockBytes;
};

}  // namespace armada_cache::eventlog::embedded
