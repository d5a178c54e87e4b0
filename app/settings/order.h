// What cannot be seen from one setting alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/base/setting_values.h"

namespace armada_cache::app {

tl::unexpected<base::Error> wrong(std::string message);
base::Status check_address(const std::string& setting, const std::string& value);
// Empty, or a file that can be read.
base::Status check_file(const std::string& setting, const std::filesystem::path& value);

struct Named {
  std::string setting;
  std::int64_t value;
  base::Unit unit;
};
template <typename T>
Named in_bytes(std::string setting, T value) {
  return {std::move(setting), static_cast<std::int64_t>(value), base::Unit::kBytes};
}
template <typename T>
Named in_number(std::string setting, T value) {
  return {std::move(setting), static_cast<std::int64_t>(value), base::Unit::kNone};
}
template <typename Rep, typename Period>
Named in_time(std::string setting, std::chrono::duration<Rep, Period> value) {
  return {std::move(setting), std::chrono::duration_cast<std::chrono::milliseconds>(value).count(),
          base::Unit::kMillis};
}

// Keeps the first pair that is wrong.
class Order {
 public:
  void at_most(const Named& smaller, const Named& larger);
  void less_than(const Named& smaller, const Named& larger);
  base::Status status() const { return status_; }

 private:
  void refuse(const Named& smaller, const std::string& than, const Named& larger);

  base::Status status_;
};

}  // namespace armada_cache::app
