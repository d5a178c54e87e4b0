// Which settings change which options: so that a test finds what no setting reaches.
#pragma once

#include <boost/pfr.hpp>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/settings.h"

namespace armada_cache::app {

template <typename T>
concept Writable = requires(std::ostream& out, const T& value) {
  out << value;
};

// One line a value, named by its place in its struct: "query.0.5 4096".
template <typename T>
void write(const std::string& name, const T& value, std::set<std::string>& lines) {
  if constexpr (requires { value.count(); }) {
    lines.insert(name + " " + std::to_string(value.count()));
  } else if constexpr (std::is_enum_v<T>) {
    lines.insert(name + " " + std::to_string(static_cast<int>(value)));
  } else if constexpr (Writable<T>) {
    std::ostringstream text;
    text << name << " " << value;
    lines.insert(text.str());
  } else if constexpr (requires { value.size(); }) {
    lines.insert(name + " of " + std::to_string(value.size()));
  } else if constexpr (std::is_aggregate_v<T>) {
    boost::pfr::for_each_field(value, [&](const auto& field, std::size_t at) {
      write(name + "." + std::to_string(at), field, lines);
    });
  }
}

inline std::string without_value(const std::string& line) {
  return line.substr(0, line.find(' '));
}

inline const auto kNoEnvironment = [](const std::string&) { return std::optional<std::string>(); };

// The options, as lines, of settings of a command.
template <typename Values>
using Options = std::function<std::set<std::string>(const Values&)>;

// None where the setting takes no such value.
template <typename Values>
std::set<std::string> options_with(const Options<Values>& options,
                                   const std::vector<std::string>& arguments) {
  Values values;
  base::Settings settings;
  declare(values, settings);
  if (!settings.load(arguments, kNoEnvironment)) return {};
  spread(values);
  return options(values);
}

// What each setting changes, beside `others`.
template <typename Values>
std::map<std::string, std::set<std::string>> effects(const Options<Values>& options,
                                                     const std::vector<std::string>& others) {
  Values values;
  base::Settings settings;
  declare(values, settings);
  const std::set<std::string> before = options_with<Values>(options, others);
  std::map<std::string, std::set<std::string>> changed;
  for (const std::string& name : settings.names()) {
    auto& of_this = changed[name];
    for (const char* value :
         {"true", "false", "3",   "17",   "300", "4KiB", "77KiB", "9MiB",  "33MiB", "77MiB", "3ms",
          "70ms", "3s",    "11s", "100s", "8h",  "warn", "open",  "PLAIN", "x",     "a=b"}) {
      std::vector<std::string> arguments = others;
      arguments.push_back("--" + name + "=" + value);
      for (const std::string& line : options_with<Values>(options, arguments)) {
        if (!before.contains(line)) of_this.insert(without_value(line));
      }
    }
  }
  return changed;
}

// Lines of options that no setting changes.
template <typename Values>
std::set<std::string> unreached(const Options<Values>& options,
                                const std::vector<std::string>& others) {
  std::set<std::string> reached;
  for (const auto& [name, changed] : effects<Values>(options, others)) {
    reached.insert(changed.begin(), changed.end());
  }
  std::set<std::string> missing;
  for (const std::string& line : options_with<Values>(options, others)) {
    if (!reached.contains(without_value(line))) missing.insert(line);
  }
  return missing;
}

}  // namespace armada_cache::app
