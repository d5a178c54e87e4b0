#include "ingest/backoff.h"

#include <algorithm>

namespace armada_cache::ingest {
namespace {

constexpr int kMaxDoublings = 20;

}  // namespace

base::Duration Backoff::next(base::Duration max) {
  const base::Duration ceiling = std::min(max, options_.base * (std::int64_t{1} << tries_));
  tries_ = std::min(tries_ + 1, kMaxDoublings);
  return base::Duration(std::uniform_int_distribution<std::int64_t>(0, ceiling.count())(random_));
}

base::Duration Backoff::around(base::Duration around) {
  const std::int64_t half = around.count() / 2;
  return base::Duration(
      half + std::uniform_int_distribution<std::int64_t>(0, around.count() - half)(random_));
}

}  // namespace armada_cache::ingest
