// How settings are read: flags, then the environment, then the file.
#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <sstream>

#include "core/base/settings.h"
#include "core/base/small_file.h"

namespace armada_cache::base {
namespace {

namespace options = boost::program_options;

constexpr std::string_view kConfigFile = "config";
constexpr std::size_t kMaxFileBytes = 1 << 20;

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

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string Settings::environment_name(std::string_view setting) {
  std::string name = "ARMADA_CACHE_";
  for (const char c : setting) {
    name.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

const Settings::Setting* Settings::find(std::string_view name) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

Status Settings::assign(std::string_view name, const std::string& value, Origin origin,
                        const std::string& where) const {
  const Setting* setting = find(name);
  if (setting == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "there is no setting '" + std::string(name) + "' (" +
                                                 where + "): --help-all lists them");
  }
  if (setting->assign(value, origin)) return {};
  const std::string shown = setting->may_be_secret ? "not as it must be" : "'" + value + "'";
  return fail(ErrorCode::kInvalidArgument, "setting '" + setting->name + "' (" + where + ") is " +
                                               shown + "; allowed: " + setting->allowed);
}

Status Settings::load_file(const std::string& path,
                           const std::vector<std::string>& set_already) const {
  auto text = read_small_file("setting 'config' names", path, kMaxFileBytes);
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines(*std::move(text));
  try {
    const auto parsed = options::parse_config_file(lines, options::options_description(), true);
    for (const auto& option : parsed.options) {
      const std::string& name = option.string_key;
      if (holds(set_already, name)) continue;
      const std::string value = option.value.empty() ? "" : option.value.front();
      if (auto assigned = assign(name, value, Origin::kFile, "in " + path); !assigned) {
        return assigned;
      }
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
    } else if (auto assigned = assign(name, value, Origin::kFlag, "flag --" + name); !assigned) {
      return assigned;
    }
  }
  for (const Setting& setting : settings_) {
    if (holds(set_already, setting.name)) continue;
    const std::string variable = environment_name(setting.name);
    const auto value = environment(variable);
    if (!value) continue;
    set_already.push_back(setting.name);
    if (auto assigned =
            assign(setting.name, *value, Origin::kEnvironment, "environment variable " + variable);
        !assigned) {
      return assigned;
    }
  }
  return config.empty() ? Status() : load_file(config, set_already);
}

}  // namespace armada_cache::base
