#include "tests/bench/load_plan.h"

#include <boost/json.hpp>
#include <thread>

#include "tests/support/process.h"

namespace armada_cache::bench {
namespace {

namespace json = boost::json;

json::object to_value(const LoadStream& stream) {
  return {{"callers", stream.callers},
          {"ids_a_call", stream.ids_a_call},
          {"calls_a_second", stream.calls_a_second}};
}

LoadStream to_stream(const json::value& value) {
  return {json::value_to<int>(value.at("callers")), json::value_to<int>(value.at("ids_a_call")),
          json::value_to<int>(value.at("calls_a_second"))};
}

LoadPlan to_plan(const json::value& value) {
  LoadPlan plan;
  plan.target = json::value_to<std::string>(value.at("target"));
  plan.jobs = json::value_to<std::uint64_t>(value.at("jobs"));
  plan.channels = json::value_to<int>(value.at("channels"));
  plan.warm_up = std::chrono::milliseconds(json::value_to<int>(value.at("warm_up_ms")));
  plan.measured = std::chrono::milliseconds(json::value_to<int>(value.at("measured_ms")));
  plan.check_answers = value.at("check_answers").as_bool();
  for (const json::value& stream : value.at("streams").as_array()) {
    plan.streams.push_back(to_stream(stream));
  }
  return plan;
}

LoadResult to_result(const json::value& value) {
  return {json::value_to<double>(value.at("calls_a_second")),
          json::value_to<std::uint64_t>(value.at("calls")),
          json::value_to<std::uint64_t>(value.at("failed")),
          json::value_to<std::uint64_t>(value.at("wrong")),
          json::value_to<double>(value.at("p50_us")),
          json::value_to<double>(value.at("p99_us")),
          json::value_to<double>(value.at("max_us"))};
}

template <typename Read>
auto decode(const std::string& text, Read read) -> base::Result<decltype(read(json::value()))> {
  try {
    return read(json::parse(text));
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "'" + text + "' is not understood: " + error.what());
  }
}

base::Status check(const std::vector<LoadResult>& results) {
  std::uint64_t failed = 0;
  std::uint64_t wrong = 0;
  for (const LoadResult& result : results) {
    failed += result.failed;
    wrong += result.wrong;
  }
  if (failed == 0 && wrong == 0) return {};
  return base::fail(base::ErrorCode::kInternal, std::to_string(failed) + " calls failed, " +
                                                    std::to_string(wrong) + " answers were wrong");
}

}  // namespace

std::string encode(const LoadPlan& plan) {
  json::array streams;
  for (const LoadStream& stream : plan.streams) streams.push_back(to_value(stream));
  const json::object object{{"target", plan.target},
                            {"jobs", plan.jobs},
                            {"channels", plan.channels},
                            {"warm_up_ms", plan.warm_up.count()},
                            {"measured_ms", plan.measured.count()},
                            {"check_answers", plan.check_answers},
                            {"streams", std::move(streams)}};
  return json::serialize(object);
}

base::Result<LoadPlan> decode_plan(const std::string& text) {
  return decode(text, to_plan);
}

std::string encode(const std::vector<LoadResult>& results) {
  json::array array;
  for (const LoadResult& result : results) {
    array.push_back(json::object{{"calls_a_second", result.calls_a_second},
                                 {"calls", result.calls},
                                 {"failed", result.failed},
                                 {"wrong", result.wrong},
                                 {"p50_us", result.p50_us},
                                 {"p99_us", result.p99_us},
                                 {"max_us", result.max_us}});
  }
  return json::serialize(array);
}

base::Result<std::vector<LoadResult>> decode_results(const std::string& text) {
  return decode(text, [](const json::value& value) {
    std::vector<LoadResult> results;
    if (!value.is_array()) return results;
    for (const json::value& result : value.as_array()) results.push_back(to_result(result));
    return results;
  });
}

base::Result<std::vector<LoadResult>> run_load(const LoadPlan& plan,
                                               const std::filesystem::path& folder) {
  test_support::Command command;
  command.program = "/proc/self/exe";
  command.arguments = {"load", encode(plan)};
  test_support::Process process(command, folder);
  std::this_thread::sleep_for(plan.warm_up + plan.measured);
  const auto line = process.wait_for_line("[", std::chrono::seconds(20));
  if (!line) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "the load clients gave no result: " + process.standard_error());
  }
  auto results = decode_results(*line);
  if (!results) return results;
  if (const base::Status checked = check(*results); !checked) {
    return base::fail(checked.error().code,
                      checked.error().message + ": " + process.standard_error());
  }
  return results;
}

}  // namespace armada_cache::bench
