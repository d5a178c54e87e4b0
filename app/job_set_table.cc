#include "app/job_set_table.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace armada_cache::app {
namespace {

struct Column {
  int state;
  const char* title;
};
// In the order of a job's life; numbers are those of JobState.
constexpr Column kColumns[] = {{0, "QUEUED"},    {7, "LEASED"},    {1, "PENDING"},
                               {2, "RUNNING"},   {3, "SUCCEEDED"}, {4, "FAILED"},
                               {9, "CANCELLED"}, {8, "PREEMPTED"}, {10, "REJECTED"}};
constexpr int kNumberWidth = 10;

std::string age(base::Time as_of, base::Time now) {
  if (as_of == base::Time{}) return "never";
  const auto millis =
      std::max<std::int64_t>(0, base::to_unix_millis(now) - base::to_unix_millis(as_of));
  if (millis < 10'000) return std::to_string(millis) + " ms";
  return std::to_string(millis / 1000) + " s";
}

int name_width(const std::vector<JobSetLine>& lines) {
  std::size_t widest = 7;
  for (const JobSetLine& line : lines) widest = std::max(widest, line.name.size());
  return static_cast<int>(std::min<std::size_t>(widest, 40)) + 2;
}

// Names come from whoever subscribed: they must not speak to the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

std::string render(const std::vector<JobSetLine>& lines, base::Time now) {
  std::ostringstream out;
  const int width = name_width(lines);
  out << std::left << std::setw(width) << "JOB SET" << std::right;
  for (const Column& column : kColumns) out << std::setw(kNumberWidth) << column.title;
  out << std::setw(kNumberWidth) << "AGE"
      << "  RELAY\n";
  for (const JobSetLine& line : lines) {
    out << std::left << std::setw(width) << printable(line.name) << std::right;
    if (!line.problem.empty()) {
      out << "  " << printable(line.problem) << "\n";
      continue;
    }
    for (const Column& column : kColumns) {
      const auto found = line.jobs_by_state.find(column.state);
      out << std::setw(kNumberWidth) << (found == line.jobs_by_state.end() ? 0 : found->second);
    }
    out << std::setw(kNumberWidth) << age(line.as_of, now) << "  " << printable(line.relay) << "\n";
  }
  return out.str();
}

}  // namespace armada_cache::app
