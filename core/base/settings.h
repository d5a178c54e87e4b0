// Settings are declared once: the declaration gives the flag (--log-level), the environment
// variable (ARMADA_CACHE_LOG_LEVEL), the key of the configuration file (log-level = info) and the
// help text. A flag wins over the environment, that over the file, that over the default.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::base {

struct Range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

// A number of bytes, written as 1048576, 64KiB, 16MiB or 2GiB.
struct Bytes {
  std::uint64_t count = 0;
};

// As a setting is written: in the largest unit that states the value exactly.
std::string text_of(Bytes bytes);
std::string text_of(std::chrono::milliseconds time);
std::string text_of(std::int64_t number);

// Targets must outlive the Settings; what they hold when declared is the default.
// Not thread-safe.
class Settings {
 public:
  // Looks up an environment variable; empty where it is not set.
  using Environment = std::function<std::optional<std::string>(const std::string&)>;

  // Heads the settings declared after it in the help text.
  void section(std::string title);

  void add(std::string name, std::string& target, std::string help);
  void add(std::string name, bool& target, std::string help);
  void add(std::string name, std::int64_t& target, Range range, std::string help);
  void add(std::string name, Bytes& target, Range range, std::string help);
  // Durations are written as 250ms, 10s, 5m, 12h or 42d.
  void add(std::string name, std::chrono::milliseconds& target, Range millis, std::string help);
  void add(std::string name, std::string& target, const std::vector<std::string>& allowed,
           std::string help);

  // Reads the arguments after the program's name and command, then the rest. kInvalidArgument names
  // the setting, where it was set, its value and what is allowed.
  Status load(const std::vector<std::string>& arguments, const Environment& environment);

  // For a person: a line or two a setting, under the section titles.
  std::string help() const;

 private:
  struct Setting {
    std::string section;
    std::string name;
    std::string allowed;
    std::string default_text;
    std::string help;
    std::function<bool(std::string_view)> assign;  // false: not an allowed value
  };
  void declare(Setting setting);
  Setting* find(std::string_view name);
  Status assign(std::string_view name, const std::string& value, const std::string& origin);
  Status load_file(const std::string& path, const std::vector<std::string>& set_already);

  std::string section_;
  std::vector<Setting> settings_;
};

}  // namespace armada_cache::base
