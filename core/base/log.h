// Structured logs: one JSON object a line on standard error. Never log secrets or payloads.
//
// Never waits: while whoever reads standard error does not, lines are dropped and counted, and the
// count is the next line. Texts of more than 1 KiB are cut.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace armada_cache::base {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <typename Integer>
  requires std::is_integral_v<Integer> LogField(std::string_view n, Integer v)
      : name(n), value(static_cast<std::int64_t>(v)) {}
};

// Lines below this level are dropped. kInfo until set. Thread-safe.
void set_log_level(LogLevel level);

// `event` is a short fixed phrase; what varies goes into the fields. Thread-safe; a line is
// written whole.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kInfo, event, fields);
}
inline void log_warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kWarn, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kError, event, fields);
}

}  // namespace armada_cache::base
