#include "core/job/run_id.h"

#include <charconv>

namespace armada_cache::job {
namespace {

constexpr std::string_view kInfix = "-run-";

}  // namespace

std::string run_id(std::string_view job_id, int number) {
  std::string id(job_id);
  return id.append(kInfix).append(std::to_string(number));
}

std::optional<RunName> parse_run_id(std::string_view text) {
  const std::size_t infix = text.rfind(kInfix);
  if (infix == std::string_view::npos || infix == 0) return std::nullopt;
  const std::string_view digits = text.substr(infix + kInfix.size());
  const bool canonical = digits == "0" || (!digits.empty() && digits.front() >= '1');
  RunName name{text.substr(0, infix), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), name.number);
  if (!canonical || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return name;
}

}  // namespace armada_cache::job
