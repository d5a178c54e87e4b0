// Decides when questions leave: at once while little is under way, else together with the next
// answer's turn. No timer: an idle system sends each question as it comes, a busy one gathers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

namespace armada_cache::query {

struct GathererOptions {
  std::size_t batches_max = 1;     // under way at a time
  std::size_t batch_max = 500;     // questions in one
  std::size_t waiting_max = 4096;  // questions that have not left
};

// Not thread-safe.
template <typename Question>
class Gatherer {
 public:
  using Batch = std::vector<Question>;

  explicit Gatherer(const GathererOptions& options) : options_(options) {}

  // Whether one more question finds room.
  bool full() const { return waiting_.size() >= options_.waiting_max; }
  // What is to be sent now, perhaps nothing. Only while not full.
  Batch add(Question question) {
    waiting_.push_back(std::move(question));
    return next();
  }
  // A batch is answered or has failed. What is to be sent now, perhaps nothing.
  Batch finished() {
    --under_way_;
    return next();
  }

 private:
  Batch next() {
    if (waiting_.empty() || under_way_ >= options_.batches_max) return {};
    ++under_way_;
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch_max));
    Batch batch(std::make_move_iterator(waiting_.begin()),
                std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    return batch;
  }

  const GathererOptions options_;
  std::size_t under_way_ = 0;
  std::deque<Question> waiting_;
};

}  // namespace armada_cache::query
