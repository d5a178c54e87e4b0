#include "projector/slab_pool.h"

#include <new>

namespace armada_cache::projector {

std::size_t SlabPool::rounded(std::size_t size) {
  const std::size_t step = size <= kFineMax ? kFineStep : kCoarseStep;
  return (size + step - 1) / step * step;
}

std::size_t SlabPool::class_of(std::size_t rounded_size) {
  if (rounded_size <= kFineMax) return rounded_size / kFineStep - 1;
  return kFineMax / kFineStep + (rounded_size - kFineMax) / kCoarseStep - 1;
}

bool SlabPool::full(const Page& page, std::size_t rounded_size) {
  return page.free == nullptr && page.untouched + rounded_size > kPageBytes;
}

void* SlabPool::allocate(std::size_t size) {
  const std::size_t taken = rounded(size);
  if (taken > kCoarseMax) return ::operator new(taken);
  Page*& list = with_room_[class_of(taken)];
  if (list == nullptr) link(empty_page(), list);
  Page& page = *list;
  ++page.used;
  void* block = page.free;
  if (block != nullptr) {
    page.free = page.free->next;
  } else {
    block = reinterpret_cast<std::byte*>(&page) + page.untouched;
    page.untouched += static_cast<std::uint32_t>(taken);
  }
  if (full(page, taken)) unlink(page, list);
  return block;
}

void SlabPool::release(void* block, std::size_t size) {
  const std::size_t taken = rounded(size);
  if (taken > kCoarseMax) return ::operator delete(block);
  Page& page = *reinterpret_cast<Page*>(reinterpret_cast<std::uintptr_t>(block) &
                                        ~(std::uintptr_t{kPageBytes} - 1));
  Page*& list = with_room_[class_of(taken)];
  if (full(page, taken)) link(page, list);
  page.free = new (block) Block{page.free};
  if (--page.used > 0) return;
  unlink(page, list);
  empty_.push_back(&page);
}

SlabPool::Page& SlabPool::empty_page() {
  if (empty_.empty()) {
    auto* fresh =
        static_cast<std::byte*>(std::aligned_alloc(kPageBytes, kPageBytes * kPagesAtOnce));
    if (fresh == nullptr) throw std::bad_alloc();
    memory_.emplace_back(fresh);
    for (std::size_t i = kPagesAtOnce; i > 0; --i) {
      empty_.push_back(reinterpret_cast<Page*>(fresh + (i - 1) * kPageBytes));
    }
  }
  Page* page = new (empty_.back()) Page{};
  empty_.pop_back();
  page->untouched = kFirstBlock;
  return *page;
}

void SlabPool::link(Page& page, Page*& list) {
  page.previous = nullptr;
  page.next = list;
  if (list != nullptr) list->previous = &page;
  list = &page;
}

void SlabPool::unlink(Page& page, Page*& list) {
  if (page.previous != nullptr) page.previous->next = page.next;
  if (page.next != nullptr) page.next->previous = page.previous;
  if (list == &page) list = page.next;
}

}  // namespace armada_cache::projector
