#include "app/settings/order.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/address.h"

namespace armada_cache::app {

tl::unexpected<base::Error> wrong(std::string message) {
  return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

base::Status check_address(const std::string& setting, const std::string& value) {
  const auto address = base::parse_address(value);
  if (address) return {};
  return wrong("setting '" + setting + "': " + address.error().message);
}

base::Status check_file(const std::string& setting, const std::filesystem::path& value) {
  if (value.empty()) return {};
  const std::string begin = "setting '" + setting + "' names " + value.string() + ", ";
  if (access(value.c_str(), R_OK) != 0) {
    return wrong(begin + "which cannot be read: " + std::strerror(errno));
  }
  std::error_code error;
  if (std::filesystem::is_regular_file(value, error)) return {};
  return wrong(begin + "which is no file but a folder, a device or the like");
}

void Order::at_most(const Named& smaller, const Named& larger) {
  if (smaller.value > larger.value) refuse(smaller, "at most", larger);
}

void Order::less_than(const Named& smaller, const Named& larger) {
  if (smaller.value >= larger.value) refuse(smaller, "less than", larger);
}

void Order::refuse(const Named& smaller, const std::string& than, const Named& larger) {
  if (!status_) return;
  status_ = wrong("setting '" + smaller.setting + "' is " +
                  base::number_text(smaller.value, smaller.unit) + "; allowed: " + than + " '" +
                  larger.setting + "', which is " + base::number_text(larger.value, larger.unit));
}

}  // namespace armada_cache::app
