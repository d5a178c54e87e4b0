#include "tests/bench/report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace armada_cache::bench {
namespace {

namespace json = boost::json;

// Three significant digits, with k and M for large numbers.
std::string short_number(double value) {
  const double size = std::abs(value);
  const char* suffix = size >= 1e6 ? "M" : size >= 1e4 ? "k" : "";
  const double scaled = size >= 1e6 ? value / 1e6 : size >= 1e4 ? value / 1e3 : value;
  const double shown = std::abs(scaled);
  char text[32];
  std::snprintf(text, sizeof text,
                shown < 10    ? "%.2f%s"
                : shown < 100 ? "%.1f%s"
                              : "%.0f%s",
                scaled, suffix);
  return text;
}

std::string short_latency(const std::optional<double>& micros) {
  if (!micros) return "";
  return *micros >= 1000 ? short_number(*micros / 1000) + " ms" : short_number(*micros) + " us";
}

std::string spread(const std::vector<double>& runs) {
  if (runs.empty()) return "";
  const auto [least, most] = std::minmax_element(runs.begin(), runs.end());
  if (runs.size() == 1) return short_number(runs.front());
  return short_number(*least) + " / " + short_number(median_of(runs)) + " / " + short_number(*most);
}

std::string describe_aim(const Figure& figure) {
  std::string text;
  const char* sign = figure.better == Better::kHigher ? ">= " : "<= ";
  if (figure.aim) text = sign + short_number(*figure.aim);
  if (figure.aim_ratio) text = sign + short_number(*figure.aim_ratio) + " of it";
  if (figure.aim_p99_us) {
    text += (text.empty() ? "" : ", ") + ("p99 <= " + short_latency(figure.aim_p99_us));
  }
  return text.empty() ? "" : text + (figure.aim_met() ? "  met" : "  MISSED");
}

std::string describe_cpu(const Figure& figure) {
  if (!figure.cpu_us) return "";
  return "CPU " + short_number(*figure.cpu_us) + " us each, ceiling's " +
         short_number(figure.ceiling_cpu_us.value_or(0));
}

std::string describe_notes(const Figure& figure) {
  const std::string cpu = describe_cpu(figure);
  return cpu + (cpu.empty() || figure.note.empty() ? "" : "; ") + figure.note;
}

using Row = std::vector<std::string>;

Row to_row(const Figure& figure) {
  const std::optional<double> ratio = figure.ratio();
  return {figure.name + " [" + figure.unit + "]",
          spread(figure.runs),
          figure.ceiling_runs.empty() ? "" : short_number(median_of(figure.ceiling_runs)),
          figure.ceiling_name,
          ratio ? short_number(*ratio) : "",
          describe_aim(figure),
          short_latency(figure.p50_us),
          short_latency(figure.p99_us),
          describe_notes(figure)};
}

std::string render(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

void add(json::object& object, const char* name, const std::optional<double>& value) {
  if (value) object[name] = *value;
}

json::object to_value(const Figure& figure) {
  json::object object;
  object["name"] = figure.name;
  object["unit"] = figure.unit;
  object["better"] = figure.better == Better::kHigher ? "higher" : "lower";
  object["figure"] = figure.median();
  object["runs"] = json::value_from(figure.runs);
  if (!figure.ceiling_runs.empty()) {
    object["ceiling_name"] = figure.ceiling_name;
    object["ceiling"] = median_of(figure.ceiling_runs);
    object["ceiling_runs"] = json::value_from(figure.ceiling_runs);
  }
  add(object, "ratio", figure.ratio());
  add(object, "aim", figure.aim);
  add(object, "aim_ratio", figure.aim_ratio);
  add(object, "aim_p99_us", figure.aim_p99_us);
  object["aim_met"] = figure.aim_met();
  add(object, "p50_us", figure.p50_us);
  add(object, "p99_us", figure.p99_us);
  add(object, "cpu_us", figure.cpu_us);
  add(object, "ceiling_cpu_us", figure.ceiling_cpu_us);
  add(object, "ceiling_p50_us", figure.ceiling_p50_us);
  add(object, "ceiling_p99_us", figure.ceiling_p99_us);
  if (!figure.note.empty()) object["note"] = figure.note;
  return object;
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double Figure::median() const {
  return median_of(runs);
}

std::optional<double> Figure::ratio() const {
  const double ceiling = median_of(ceiling_runs);
  return ceiling > 0 ? std::optional(median() / ceiling) : std::nullopt;
}

bool Figure::aim_met() const {
  const auto reached = [this](double value, double wanted) {
    return better == Better::kHigher ? value >= wanted : value <= wanted;
  };
  if (aim && !reached(median(), *aim)) return false;
  if (aim_ratio && !reached(ratio().value_or(0), *aim_ratio)) return false;
  return !aim_p99_us || (p99_us && *p99_us <= *aim_p99_us);
}

std::string summary_of(const Figure& figure) {
  std::string line = render({to_row(figure)});
  line.pop_back();
  return line;
}

std::string to_table(const Report& report) {
  std::string text = describe(report.machine) + "\nOther programs used " +
                     short_number(100 * report.others_cpu_share) +
                     " % of the processors meanwhile\n\n";
  std::vector<Row> rows{
      {"name", "figure", "ceiling", "which is", "ratio", "aim", "p50", "p99", "note"}};
  for (const Figure& figure : report.figures) rows.push_back(to_row(figure));
  text += render(rows);
  for (const std::string& failure : report.failures) text += "not measured: " + failure + "\n";
  return text;
}

std::string to_json(const Report& report) {
  json::object machine;
  machine["cores"] = report.machine.cores;
  machine["cpu"] = report.machine.cpu;
  machine["memory_bytes"] = report.machine.memory_bytes;
  machine["kernel"] = report.machine.kernel;
  machine["compiler"] = report.machine.compiler;
  machine["build"] = report.machine.build;
  json::array figures;
  for (const Figure& figure : report.figures) figures.push_back(to_value(figure));
  json::object root;
  root["machine"] = std::move(machine);
  root["quick"] = report.quick;
  root["others_cpu_share"] = report.others_cpu_share;
  root["figures"] = std::move(figures);
  root["failures"] = json::value_from(report.failures);
  return json::serialize(root) + "\n";
}

base::Status write_file(const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return base::fail(base::ErrorCode::kUnavailable,
                    "cannot write '" + path + "': choose another file with --json=FILE");
}

}  // namespace armada_cache::bench
