#include "tests/simulator/playback.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "tests/simulator/wire.h"

namespace armada_cache::simulator {
namespace {

namespace fs = std::filesystem;

struct Recording {
  base::JobSet job_set;
  bool is_snapshot = false;
  fs::path file;
};

// "q-a__held3.snap-held" is of the queue q-a and the job set held3.
std::optional<Recording> recording_of(const fs::path& file) {
  const std::string stem = file.stem().string();
  const std::size_t between = stem.find("__");
  if (file.extension() != ".binpb" || between == std::string::npos) return std::nullopt;
  const std::string name = stem.substr(between + 2);
  const std::size_t snapshot = name.find(".snap-");
  return Recording{
      {stem.substr(0, between), name.substr(0, snapshot)}, snapshot != std::string::npos, file};
}

// One recording of each job set: the full one, if there is one.
base::Result<std::map<base::JobSet, Recording>> choose(const std::string& folder) {
  std::error_code error;
  std::map<base::JobSet, Recording> chosen;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto recording = recording_of(entry.path());
    if (!recording) continue;
    const auto [at, is_new] = chosen.try_emplace(recording->job_set, *recording);
    if (is_new) continue;
    if (recording->is_snapshot && at->second.is_snapshot) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        entry.path().string() + " and " + at->second.file.string() +
                            " are of the same job set; leave one of them in the folder");
    }
    if (!recording->is_snapshot) at->second = *recording;
  }
  if (error) return base::fail(base::ErrorCode::kNotFound, "cannot read the folder " + folder);
  return chosen;
}

}  // namespace

base::Result<Playback> Playback::open(const std::string& folder, World& world) {
  const auto chosen = choose(folder);
  if (!chosen) return tl::unexpected(chosen.error());
  Playback playback(world);
  for (const auto& [job_set, recording] : *chosen) {
    auto messages = read_delimited(recording.file);
    if (!messages) return tl::unexpected(messages.error());
    world.queues().add(queue_from({job_set.queue}));
    playback.tracks_.push_back({job_set, {messages->begin(), messages->end()}});
  }
  return playback;
}

void Playback::emit(std::size_t messages_each) {
  for (Track& track : tracks_) {
    for (std::size_t i = 0; i < messages_each && !track.messages.empty(); ++i) {
      world_->emit_recorded(track.job_set, std::move(track.messages.front()));
      track.messages.pop_front();
    }
  }
  std::erase_if(tracks_, [](const Track& track) { return track.messages.empty(); });
}

}  // namespace armada_cache::simulator
