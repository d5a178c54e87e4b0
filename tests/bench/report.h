// What was measured: as a table for people and as JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/bench/machine.h"

namespace armada_cache::bench {

enum class Better { kHigher, kLower };

// One line of the table. Latencies are microseconds.
struct Figure {
  std::string name;
  std::string unit;
  Better better = Better::kHigher;
  std::vector<double> runs;
  std::string ceiling_name;  // empty: there is none
  std::vector<double> ceiling_runs;
  std::optional<double> aim;             // in `unit`
  std::optional<double> aim_ratio;       // of the ceiling
  std::optional<double> p50_us, p99_us;  // medians of the runs
  std::optional<double> ceiling_p50_us, ceiling_p99_us;
  std::optional<double> aim_p99_us;
  // Processor time of the server for each call or event: it says more than rates do where the
  // machine is shared.
  std::optional<double> cpu_us, ceiling_cpu_us;
  std::string note;  // what is worth knowing beside the number

  double median() const;
  std::optional<double> ratio() const;  // of the medians
  bool aim_met() const;                 // true where there is none
};

double median_of(std::vector<double> values);

struct Report {
  Machine machine;
  bool quick = false;
  double others_cpu_share = 0;  // of the machine, used by other programs meanwhile
  std::vector<Figure> figures;
  std::vector<std::string> failures;  // measurements that could not be made, and why
};

// One line, for who waits for the rest.
std::string summary_of(const Figure& figure);
std::string to_table(const Report& report);
std::string to_json(const Report& report);

// kUnavailable names the file that cannot be written.
base::Status write_file(const std::string& path, const std::string& text);

}  // namespace armada_cache::bench
