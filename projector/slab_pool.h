// Memory for many small blocks whose sizes change often: no header a block, no search, and pages
// that become empty serve blocks of any other size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace armada_cache::projector {

// Blocks are aligned to 16 bytes. Memory goes back to the system with the pool. One thread at a
// time.
class SlabPool {
 public:
  SlabPool() = default;
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  // What a block of this size takes: its size class.
  static std::size_t rounded(std::size_t size);

  void* allocate(std::size_t size);
  // `size` is of the same class as the one it was allocated with.
  void release(void* block, std::size_t size);

 private:
  struct Block {
    Block* next;
  };
  struct Page {
    Page* previous = nullptr;  // in the list of its class's pages with room
    Page* next = nullptr;
    Block* free = nullptr;        // given back
    std::uint32_t untouched = 0;  // where the part begins that was never given out
    std::uint32_t used = 0;       // blocks
  };
  struct FreeDeleter {
    void operator()(std::byte* memory) const { std::free(memory); }
  };

  static constexpr std::size_t kPageBytes = std::size_t{16} << 10;
  static constexpr std::size_t kPagesAtOnce = 16;
  static constexpr std::size_t kFirstBlock = (sizeof(Page) + 15) / 16 * 16;
  static constexpr std::size_t kFineStep = 16;
  static constexpr std::size_t kFineMax = 512;
  static constexpr std::size_t kCoarseStep = 64;
  static constexpr std::size_t kCoarseMax = 2048;
  static constexpr std::size_t kClasses =
      kFineMax / kFineStep + (kCoarseMax - kFineMax) / kCoarseStep;

  static std::size_t class_of(std::size_t rounded_size);
  static bool full(const Page& page, std::size_t rounded_size);
  Page& empty_page();
  void link(Page& page, Page*& list);
  void unlink(Page& page, Page*& list);

  std::array<Page*, kClasses> with_room_{};
  std::vector<Page*> empty_;
  std::vector<std::unique_ptr<std::byte, FreeDeleter>> memory_;
};

}  // namespace armada_cache::projector
