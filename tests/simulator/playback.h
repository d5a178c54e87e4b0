// Streams that were recorded, played again byte for byte.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Not thread-safe.
class Playback {
 public:
  // Reads every QUEUE__JOBSET.binpb of the folder, QUEUE__JOBSET.snap-NAME.binpb where the full one
  // is not there, and makes their queues. Fails if one cannot be read or two snapshots are of the
  // same job set. The world must live as long as the result.
  static base::Result<Playback> open(const std::string& folder, World& world);

  // Plays up to so many further messages of each job set.
  void emit(std::size_t messages_each);
  bool done() const { return tracks_.empty(); }

 private:
  struct Track {
    base::JobSet job_set;
    std::deque<std::string> messages;
  };
  explicit Playback(World& world) : world_(&world) {}

  World* world_;
  std::vector<Track> tracks_;
};

}  // namespace armada_cache::simulator
