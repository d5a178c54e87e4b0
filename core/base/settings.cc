#include "core/base/settings.h"

#include <algorithm>
#include <sstream>

namespace armada_cache::base {
namespace {

constexpr std::string_view kRare = "Rarely needed";

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

bool may_be_secret(std::string_view property) {
  const auto holds = [&](std::string_view word) {
    return property.find(word) != std::string_view::npos;
  };
  return holds("password") || holds("secret") || holds("token") || holds("key.pem") ||
         holds("sasl.jaas") || holds("oauthbearer.config");
}

}  // namespace

void Settings::section(std::string title) {
  section_ = std::move(title);
  rare_ = false;
}

void Settings::rarely_needed() {
  section_ = kRare;
  rare_ = true;
}

void Settings::declare(Setting setting) {
  setting.section = section_;
  setting.rare = rare_;
  settings_.push_back(std::move(setting));
}

void Settings::add(std::string name, std::string& target, std::string help) {
  declare(
      {std::move(name), "text", target, std::move(help), [&target](std::string_view text, auto) {
         target = text;
         return true;
       }});
}

void Settings::add(std::string name, std::filesystem::path& target, std::string help) {
  declare({std::move(name), "a path", target.string(), std::move(help),
           [&target](std::string_view text, auto) {
             target = text;
             return true;
           }});
}

void Settings::add(std::string name, bool& target, std::string help) {
  declare({std::move(name), "true or false", target ? "true" : "false", std::move(help),
           [&target](std::string_view text, auto) {
             target = text == "true";
             return text == "true" || text == "false";
           }});
}

void Settings::add(std::string name, std::string& target, const std::vector<std::string>& allowed,
                   std::string help) {
  const auto now = std::find(allowed.begin(), allowed.end(), target);
  add_choice(std::move(name), allowed, static_cast<std::size_t>(now - allowed.begin()),
             std::move(help), [&target, allowed](std::size_t at) { target = allowed[at]; });
}

void Settings::add(std::string name, Properties& target, std::string help) {
  const auto take = [&target](std::string_view text, Origin origin) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      if (line.empty()) continue;
      const std::size_t equals = line.find('=');
      if (equals == 0 || equals == std::string::npos) return false;
      const std::string property = line.substr(0, equals);
      if (origin == Origin::kFlag && may_be_secret(property)) return false;
      target[property] = line.substr(equals + 1);
    }
    return true;
  };
  declare({std::move(name),
           "NAME=VALUE, one a line, or given several times; secrets only in the file that --config "
           "names, or the environment",
           "", std::move(help), take, true});
}

void Settings::add_number(std::string name, std::int64_t current, Unit unit, Range range,
                          std::int64_t step, std::string help,
                          std::function<void(std::int64_t)> set) {
  declare({std::move(name), (step > 1 ? "whole seconds, " : "") + describe(range, unit),
           number_text(current, unit), std::move(help),
           [unit, range, step, set = std::move(set)](std::string_view text, auto) {
             const auto value = parse_number(text, unit, range);
             if (!value || *value % step != 0) return false;
             set(*value);
             return true;
           }});
}

void Settings::add_choice(std::string name, std::vector<std::string> names, std::size_t chosen,
                          std::string help, std::function<void(std::size_t)> set) {
  const std::string now = chosen < names.size() ? names[chosen] : "";
  declare({std::move(name), "one of " + joined(names), now, std::move(help),
           [names = std::move(names), set = std::move(set)](std::string_view text, auto) {
             const auto found = std::find(names.begin(), names.end(), text);
             if (found == names.end()) return false;
             set(static_cast<std::size_t>(found - names.begin()));
             return true;
           }});
}

std::vector<std::string> Settings::names() const {
  std::vector<std::string> names;
  for (const Setting& setting : settings_) names.push_back(setting.name);
  return names;
}

std::string Settings::help(Help which) const {
  std::vector<std::string> sections;
  for (const bool rare : {false, true}) {
    if (rare && which != Help::kAll) break;
    for (const Setting& setting : settings_) {
      if (setting.rare != rare) continue;
      if (std::find(sections.begin(), sections.end(), setting.section) == sections.end()) {
        sections.push_back(setting.section);
      }
    }
  }
  std::ostringstream out;
  for (const std::string& section : sections) {
    out << "\n" << section << ":\n";
    for (const Setting& setting : settings_) {
      if (setting.section != section) continue;
      out << "  --" << setting.name << "=" << setting.default_text << "\n      " << setting.help
          << " (" << setting.allowed << ")\n";
    }
  }
  out << "\nOther:\n  --config=FILE\n      A file of lines 'name = value' with any of these "
         "settings.\n";
  if (which == Help::kUsual) out << "  --help-all\n      Shows the rarely needed ones as well.\n";
  out << "\nEach setting is also an environment variable: --log-level is ARMADA_CACHE_LOG_LEVEL.\n"
         "A flag wins over the environment, that over the file. What stands after '=' above is the "
         "default.\n";
  return out.str();
}

}  // namespace armada_cache::base
