#include "core/base/settings.h"

#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <charconv>
#include <fstream>
#include <sstream>

namespace armada_cache::base {
namespace {

namespace options = boost::program_options;

constexpr std::string_view kConfigFile = "config";

struct Unit {
  std::string_view suffix;
  std::int64_t factor;
};
constexpr Unit kByteUnits[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
constexpr Unit kTimeUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kPlain[] = {{"", 1}};

template <std::size_t N>
std::optional<std::int64_t> parse_number(std::string_view text, const Unit (&units)[N],
                                         Range range) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view suffix(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const Unit& unit : units) {
    if (unit.suffix != suffix) continue;
    std::int64_t value = 0;
    if (__builtin_mul_overflow(number, unit.factor, &value)) return std::nullopt;
    if (value < range.least || value > range.most) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string with_unit(std::int64_t value, const Unit (&units)[N]) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return std::to_string(value / best->factor) + std::string(best->suffix);
}

template <std::size_t N>
std::string describe(Range range, const Unit (&units)[N]) {
  const std::string least = with_unit(range.least, units);
  if (range.most == std::numeric_limits<std::int64_t>::max()) return least + " or more";
  return least + " to " + with_unit(range.most, units);
}

std::string environment_name(std::string_view setting) {
  std::string name = "ARMADA_CACHE_";
  for (const char c : setting) {
    name.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// Flags only: what is no flag, or has no value, is an error with the argument's text.
Result<std::vector<std::pair<std::string, std::string>>> parse_flags(
    const std::vector<std::string>& arguments) {
  std::vector<std::pair<std::string, std::string>> flags;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string::npos) {
      return fail(ErrorCode::kInvalidArgument, "argument '" + argument +
                                                   "' is not understood: settings are given as "
                                                   "--name=value; --help lists them");
    }
    flags.emplace_back(argument.substr(2, equals - 2), argument.substr(equals + 1));
  }
  return flags;
}

}  // namespace

std::string text_of(Bytes bytes) {
  return with_unit(static_cast<std::int64_t>(bytes.count), kByteUnits);
}
std::string text_of(std::chrono::milliseconds time) {
  return with_unit(time.count(), kTimeUnits);
}
std::string text_of(std::int64_t number) {
  return std::to_string(number);
}

void Settings::section(std::string title) {
  section_ = std::move(title);
}

void Settings::declare(Setting setting) {
  setting.section = section_;
  settings_.push_back(std::move(setting));
}

void Settings::add(std::string name, std::string& target, std::string help) {
  declare({{}, std::move(name), "text", target, std::move(help), [&target](std::string_view text) {
             target = text;
             return true;
           }});
}

void Settings::add(std::string name, bool& target, std::string help) {
  declare({{},
           std::move(name),
           "true or false",
           target ? "true" : "false",
           std::move(help),
           [&target](std::string_view text) {
             target = text == "true";
             return text == "true" || text == "false";
           }});
}

void Settings::add(std::string name, std::int64_t& target, Range range, std::string help) {
  declare({{},
           std::move(name),
           describe(range, kPlain),
           std::to_string(target),
           std::move(help),
           [&target, range](std::string_view text) {
             const auto value = parse_number(text, kPlain, range);
             if (value) target = *value;
             return value.has_value();
           }});
}

void Settings::add(std::string name, Bytes& target, Range range, std::string help) {
  declare({{},
           std::move(name),
           describe(range, kByteUnits),
           text_of(target),
           std::move(help),
           [&target, range](std::string_view text) {
             const auto value = parse_number(text, kByteUnits, range);
             if (value) target.count = static_cast<std::uint64_t>(*value);
             return value.has_value();
           }});
}

void Settings::add(std::string name, std::chrono::milliseconds& target, Range millis,
                   std::string help) {
  declare({{},
           std::move(name),
           describe(millis, kTimeUnits),
           text_of(target),
           std::move(help),
           [&target, millis](std::string_view text) {
             const auto value = parse_number(text, kTimeUnits, millis);
             if (value) target = std::chrono::milliseconds(*value);
             return value.has_value();
           }});
}

void Settings::add(std::string name, std::string& target, const std::vector<std::string>& allowed,
                   std::string help) {
  declare({{},
           std::move(name),
           "one of " + joined(allowed),
           target,
           std::move(help),
           [&target, allowed](std::string_view text) {
             if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) return false;
             target = text;
             return true;
           }});
}

Settings::Setting* Settings::find(std::string_view name) {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

Status Settings::assign(std::string_view name, const std::string& value,
                        const std::string& origin) {
  Setting* setting = find(name);
  if (setting == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "there is no setting '" + std::string(name) + "' (" +
                                                 origin + "): --help lists them");
  }
  if (!setting->assign(value)) {
    return fail(ErrorCode::kInvalidArgument, "setting '" + setting->name + "' (" + origin +
                                                 ") is '" + value +
                                                 "'; allowed: " + setting->allowed);
  }
  return {};
}

Status Settings::load_file(const std::string& path, const std::vector<std::string>& set_already) {
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::kInvalidArgument,
                "setting 'config' names the file " + path + ", which cannot be read");
  }
  try {
    const auto parsed = options::parse_config_file(file, options::options_description(), true);
    for (const auto& option : parsed.options) {
      const std::string& name = option.string_key;
      if (std::find(set_already.begin(), set_already.end(), name) != set_already.end()) continue;
      const std::string value = option.value.empty() ? "" : option.value.front();
      if (auto assigned = assign(name, value, "in " + path); !assigned) return assigned;
    }
  } catch (const options::error& error) {
    return fail(ErrorCode::kInvalidArgument, "in " + path + ": " + error.what());
  }
  return {};
}

Status Settings::load(const std::vector<std::string>& arguments, const Environment& environment) {
  auto flags = parse_flags(arguments);
  if (!flags) return tl::unexpected(flags.error());
  std::string config = environment(environment_name(kConfigFile)).value_or("");
  std::vector<std::string> set_already;
  for (const auto& [name, value] : *flags) {
    set_already.push_back(name);
    if (name == kConfigFile) {
      config = value;
    } else if (auto assigned = assign(name, value, "flag --" + name); !assigned) {
      return assigned;
    }
  }
  for (const Setting& setting : settings_) {
    if (std::find(set_already.begin(), set_already.end(), setting.name) != set_already.end()) {
      continue;
    }
    const std::string variable = environment_name(setting.name);
    const auto value = environment(variable);
    if (!value) continue;
    set_already.push_back(setting.name);
    if (auto assigned = assign(setting.name, *value, "environment variable " + variable);
        !assigned) {
      return assigned;
    }
  }
  return config.empty() ? Status() : load_file(config, set_already);
}

std::string Settings::help() const {
  std::ostringstream out;
  std::string section;
  for (const Setting& setting : settings_) {
    if (setting.section != section) {
      section = setting.section;
      out << "\n" << section << ":\n";
    }
    out << "  --" << setting.name << "="
        << (setting.default_text.empty() ? "" : setting.default_text) << "\n      " << setting.help
        << " (" << setting.allowed << ")\n";
  }
  out << "\nOther:\n  --config=FILE\n      A file of lines 'name = value' with any of these "
         "settings.\n"
         "\nEach setting is also an environment variable: --log-level is ARMADA_CACHE_LOG_LEVEL.\n"
         "A flag wins over the environment, that over the file. What stands after '=' above is the "
         "default.\n";
  return out.str();
}

}  // namespace armada_cache::base
