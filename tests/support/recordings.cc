#include "tests/support/recordings.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "core/base/bytes.h"
#include "tests/support/base64.h"

namespace armada_cache::test_support {
namespace {

namespace json = boost::json;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

int state_of(std::string_view name) {
  constexpr std::array<std::string_view, 11> kNames = {
      "QUEUED",    "PENDING", "RUNNING",   "SUCCEEDED", "FAILED",  "UNKNOWN",
      "SUBMITTED", "LEASED",  "PREEMPTED", "CANCELLED", "REJECTED"};
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) throw std::runtime_error("unknown state " + std::string(name));
  return static_cast<int>(found - kNames.begin());
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

RecordedAnswer parse_answer(const json::object& line) {
  RecordedAnswer answer;
  answer.job_id = text_of(line, "job_id");
  answer.status = state_of(text_of(line, "status"));
  const json::value* error = line.if_contains("error");
  answer.has_error = error != nullptr && error->is_string();
  answer.error = text_of(line, "error");
  answer.details_response = decode_base64(text_of(line, "details_response_wire_b64"));
  return answer;
}

}  // namespace

std::vector<std::string> read_recording(const std::filesystem::path& binpb) {
  const std::string content = read_file(binpb);
  std::string_view rest = content;
  std::vector<std::string> messages;
  while (!rest.empty()) {
    std::uint64_t size = 0;
    std::string_view message;
    if (!base::take_varint(rest, size) || !base::take_bytes(rest, size, message)) {
      throw std::runtime_error("truncated: " + binpb.string());
    }
    messages.emplace_back(message);
  }
  return messages;
}

std::vector<RecordedAnswer> read_answers(const std::filesystem::path& jsonl) {
  std::istringstream lines(read_file(jsonl));
  std::vector<RecordedAnswer> answers;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) answers.push_back(parse_answer(json::parse(line).as_object()));
  }
  return answers;
}

std::vector<std::filesystem::path> list_recordings(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".binpb") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::filesystem::path answers_of(const std::filesystem::path& binpb) {
  std::filesystem::path answers = binpb;
  return answers.replace_extension(".answers.jsonl");
}

}  // namespace armada_cache::test_support
