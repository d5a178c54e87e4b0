#include "projector/job_set_cells.h"

#include <algorithm>

namespace armada_cache::projector {

JobSetCells::JobSetCells() {
  directories_.push_back(std::make_unique<Directory>(1));
  directory_.store(directories_.back().get(), std::memory_order_release);
}

JobSetCells::~JobSetCells() = default;

void JobSetCells::put(JobSetNumber number, JobSetCell* cell) {
  const std::size_t at = number / kChunk;
  Directory& directory = with_room_for(at);
  Chunk* chunk = directory.chunks[at].load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = unused_chunk();
    directory.chunks[at].store(chunk, std::memory_order_release);
  }
  auto& slot = chunk->cells[number % kChunk];
  if (slot.load(std::memory_order_relaxed) == nullptr) ++chunk->used;
  slot.store(cell, std::memory_order_release);
}

void JobSetCells::erase(JobSetNumber number) {
  Directory& directory = *directory_.load(std::memory_order_relaxed);
  const std::size_t at = number / kChunk;
  if (find(number) == nullptr) return;
  Chunk* chunk = directory.chunks[at].load(std::memory_order_relaxed);
  chunk->cells[number % kChunk].store(nullptr, std::memory_order_release);
  if (--chunk->used > 0) return;
  directory.chunks[at].store(nullptr, std::memory_order_release);
  unused_.push_back(chunk);
}

JobSetCells::Directory& JobSetCells::with_room_for(std::size_t chunk) {
  Directory& now = *directory_.load(std::memory_order_relaxed);
  if (chunk < now.size) return now;
  auto larger = std::make_unique<Directory>(std::max(chunk + 1, now.size * 2));
  for (std::size_t i = 0; i < now.size; ++i) {
    larger->chunks[i].store(now.chunks[i].load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
  }
  directories_.push_back(std::move(larger));
  directory_.store(directories_.back().get(), std::memory_order_release);
  return *directories_.back();
}

JobSetCells::Chunk* JobSetCells::unused_chunk() {
  if (unused_.empty()) {
    chunks_.push_back(std::make_unique<Chunk>());
    return chunks_.back().get();
  }
  Chunk* chunk = unused_.back();
  unused_.pop_back();
  return chunk;
}

}  // namespace armada_cache::projector
