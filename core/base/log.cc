#include "core/base/log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <utility>

namespace armada_cache::base {
namespace {

std::atomic<LogLevel> g_level{LogLevel::kInfo};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(millis));
  return text;
}

// A pipe with room takes so much at once, so that a line is written whole and without waiting.
constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLongestText = 1024;

std::mutex g_output;
std::int64_t g_dropped = 0;  // lines, under g_output

boost::json::string_view json_view(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view cut(std::string_view text) {
  return text.substr(0, kLongestText);
}

boost::json::object line_of(LogLevel level, std::string_view event) {
  boost::json::object line;
  line["time"] = timestamp();
  line["level"] = json_view(name_of(level));
  line["event"] = json_view(event);
  return line;
}

// One write keeps a line whole; a log that cannot be written has nowhere to be reported.
void write(std::string text) {
  text += '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

bool has_room() {
  pollfd output{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLOUT) != 0;
}

// Whoever reads the log must not be able to hold the process up by not reading.
void write_or_drop(std::string text) {
  const std::lock_guard lock(g_output);
  if (g_dropped > 0 && has_room()) {
    boost::json::object line = line_of(LogLevel::kWarn, "log lines were dropped: nobody read them");
    line["lines"] = std::exchange(g_dropped, 0);
    write(boost::json::serialize(line));
  }
  if (g_dropped == 0 && has_room()) return write(std::move(text));
  ++g_dropped;
}

}  // namespace

void set_log_level(LogLevel level) {
  g_level = level;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  boost::json::object line = line_of(level, event);
  for (const LogField& field : fields) {
    std::visit(
        [&](auto value) {
          if constexpr (std::is_same_v<decltype(value), std::string_view>) {
            line[json_view(field.name)] = json_view(cut(value));
          } else {
            line[json_view(field.name)] = value;
          }
        },
        field.value);
  }
  std::string text = boost::json::serialize(line);
  if (text.size() >= kLongestLine) text = boost::json::serialize(line_of(level, event));
  write_or_drop(std::move(text));
}

}  // namespace armada_cache::base
