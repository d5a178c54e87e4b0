// Streams and answers recorded from a real Armada: tests/data/recordings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace armada_cache::test_support {

// One line of NAME.answers.jsonl: what the real Armada said of a job at the end of the stream.
struct RecordedAnswer {
  std::string job_id;
  int status = 0;     // api.JobState
  std::string error;  // of GetJobErrors
  bool has_error = false;
  std::string details_response;  // the bytes of an api.JobDetailsResponse with both expansions
};

// Both throw std::runtime_error, naming the file, when it cannot be read: the test cannot run.
// Each message is the bytes of one api.EventStreamMessage, exactly as they came off the wire.
std::vector<std::string> read_recording(const std::filesystem::path& binpb);
std::vector<RecordedAnswer> read_answers(const std::filesystem::path& jsonl);

// The .binpb files of a folder in the order of their names, and the answers that belong to one.
std::vector<std::filesystem::path> list_recordings(const std::filesystem::path& folder);
std::filesystem::path answers_of(const std::filesystem::path& binpb);

}  // namespace armada_cache::test_support
