// The cells of a partition's job sets by their numbers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "projector/job_set_cell.h"
#include "projector/state.h"

namespace armada_cache::projector {

// Readers are any threads and never wait; one writer at a time. Nothing that a reader may hold is
// freed: what is no longer used is used again, so memory grows with the job sets there are at once
// (and by eight bytes for a thousand numbers ever given).
class JobSetCells {
 public:
  JobSetCells();
  ~JobSetCells();
  JobSetCells(const JobSetCells&) = delete;
  JobSetCells& operator=(const JobSetCells&) = delete;

  // Null where there is none.
  JobSetCell* find(JobSetNumber number) const {
    const Directory& directory = *directory_.load(std::memory_order_acquire);
    const std::size_t at = number / kChunk;
    if (at >= directory.size) return nullptr;
    const Chunk* chunk = directory.chunks[at].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr
                            : chunk->cells[number % kChunk].load(std::memory_order_acquire);
  }

  // See JobSetCell::limit_at(); 0 where there is none. A cell that is used again while it is read
  // is found under its old number no more, and numbers are given but once.
  std::int64_t limit_at(JobSetNumber number, base::Time visible) const {
    const JobSetCell* cell = find(number);
    if (cell == nullptr) return 0;
    const std::int64_t limit = cell->limit_at(visible);
    return find(number) == cell ? limit : 0;
  }

  // The writer.
  void put(JobSetNumber number, JobSetCell* cell);
  void erase(JobSetNumber number);

 private:
  static constexpr std::size_t kChunk = 1024;
  struct Chunk {
    std::array<std::atomic<JobSetCell*>, kChunk> cells{};
    std::size_t used = 0;
  };
  struct Directory {
    explicit Directory(std::size_t count) : size(count), chunks(new std::atomic<Chunk*>[count]()) {}
    const std::size_t size;
    const std::unique_ptr<std::atomic<Chunk*>[]> chunks;
  };

  Directory& with_room_for(std::size_t chunk);
  Chunk* unused_chunk();

  std::atomic<Directory*> directory_;
  std::vector<std::unique_ptr<Directory>> directories_;  // each at least twice the one before
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<Chunk*> unused_;
};

}  // namespace armada_cache::projector
