// Settings are declared once: the declaration gives the flag (--log-level), the environment
// variable (ARMADA_CACHE_LOG_LEVEL), the key of the configuration file (log-level = info) and the
// help text. A flag wins over the environment, that over the file, that over the default.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/setting_values.h"

namespace armada_cache::base {

template <typename T>
concept Number = std::integral<T> && !std::same_as<T, bool>;

// Targets must outlive the Settings; what they hold when declared is the default. Ranges must fit
// their targets. Not thread-safe.
class Settings {
 public:
  // Looks up an environment variable; empty where it is not set.
  using Environment = std::function<std::optional<std::string>(const std::string&)>;
  using Properties = std::map<std::string, std::string>;
  template <typename Enum>
  using Choices = std::vector<std::pair<std::string, Enum>>;

  // Heads the settings declared after it in the help text; a title may come again.
  void section(std::string title);
  // Likewise, for those that hardly anybody needs: they come last, and only where all are shown.
  void rarely_needed();

  void add(std::string name, std::string& target, std::string help);
  void add(std::string name, std::filesystem::path& target, std::string help);
  void add(std::string name, bool& target, std::string help);
  void add(std::string name, std::string& target, const std::vector<std::string>& allowed,
           std::string help);
  // NAME=VALUE, several in lines of their own; each time that it is given adds to them. What may be
  // a secret is not taken from a flag, which everybody on the machine can read.
  void add(std::string name, Properties& target, std::string help);

  template <Number T>
  void add(const std::string& name, T& target, Range range, const std::string& help) {
    add_number(name, static_cast<std::int64_t>(target), Unit::kNone, range, 1, help,
               [&target](std::int64_t value) { target = static_cast<T>(value); });
  }
  template <Number T>
  void add_bytes(const std::string& name, T& target, Range range, const std::string& help) {
    add_number(name, static_cast<std::int64_t>(target), Unit::kBytes, range, 1, help,
               [&target](std::int64_t value) { target = static_cast<T>(value); });
  }
  // A target that counts seconds takes whole ones alone.
  template <typename Rep, typename Period>
  void add(const std::string& name, std::chrono::duration<Rep, Period>& target, Range millis,
           const std::string& help) {
    using Target = std::chrono::duration<Rep, Period>;
    using std::chrono::duration_cast, std::chrono::milliseconds;
    constexpr std::int64_t kStep =
        std::max<std::int64_t>(1, duration_cast<milliseconds>(Target(1)).count());
    add_number(
        name, duration_cast<milliseconds>(target).count(), Unit::kMillis, millis, kStep, help,
        [&target](std::int64_t value) { target = duration_cast<Target>(milliseconds(value)); });
  }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void add(const std::string& name, Enum& target, std::type_identity_t<Choices<Enum>> choices,
           const std::string& help) {
    std::vector<std::string> names;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      names.push_back(choices[i].first);
      if (choices[i].second == target) chosen = i;
    }
    add_choice(name, names, chosen, help,
               [&target, choices](std::size_t at) { target = choices[at].second; });
  }

  // Reads the arguments after the program's name and command, then the rest. kInvalidArgument names
  // the setting, where it was set, its value (unless it may be secret) and what is allowed.
  Status load(const std::vector<std::string>& arguments, const Environment& environment);

  // For a person: a line or two a setting, under the section titles.
  enum class Help { kUsual, kAll };
  std::string help(Help which) const;

  std::vector<std::string> names() const;
  // The environment variable of a setting.
  static std::string environment_name(std::string_view setting);

 private:
  enum class Origin { kFlag, kEnvironment, kFile };
  struct Setting {
    std::string name;
    std::string allowed;
    std::string default_text;
    std::string help;
    std::function<bool(std::string_view, Origin)> assign;  // false: not an allowed value
    bool may_be_secret = false;
    std::string section{};
    bool rare = false;
  };
  void declare(Setting setting);
  void add_number(std::string name, std::int64_t current, Unit unit, Range range, std::int64_t step,
                  std::string help, std::function<void(std::int64_t)> set);
  void add_choice(std::string name, std::vector<std::string> names, std::size_t chosen,
                  std::string help, std::function<void(std::size_t)> set);
  const Setting* find(std::string_view name) const;
  Status assign(std::string_view name, const std::string& value, Origin origin,
                const std::string& where) const;
  Status load_file(const std::string& path, const std::vector<std::string>& set_already) const;

  std::string section_;
  bool rare_ = false;
  std::vector<Setting> settings_;
};

}  // namespace armada_cache::base
