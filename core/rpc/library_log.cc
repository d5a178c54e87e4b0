#include "core/rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <mutex>
#include <string_view>

#include "core/base/line_budget.h"
#include "core/base/log.h"

namespace armada_cache::rpc {
namespace {

using base::LogLevel;

constexpr std::size_t kMaxTextBytes = 256;
constexpr std::uint64_t kLines = 20;
constexpr std::chrono::seconds kInterval{10};

void write(std::string_view library, LogLevel level, std::string_view file, int line,
           std::string_view text) {
  static std::mutex mutex;
  static base::LineBudget budget(kLines, kInterval);
  std::optional<std::uint64_t> left_out = 0;
  if (level != LogLevel::kDebug) {
    const std::lock_guard lock(mutex);
    left_out = budget.take();
  }
  if (!left_out) return;
  base::log(level, "a library tells",
            {{"library", library},
             {"file", file.substr(file.rfind('/') + 1)},
             {"line", line},
             {"text", text.substr(0, kMaxTextBytes)},
             {"lines_left_out_before", *left_out}});
}

void write_grpc(gpr_log_func_args* args) {
  const LogLevel level =
      args->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarn : LogLevel::kDebug;
  write("gRPC", level, args->file, args->line, args->message);
}

void write_protobuf(google::protobuf::LogLevel severity, const char* file, int line,
                    const std::string& text) {
  LogLevel level = LogLevel::kDebug;
  if (severity == google::protobuf::LOGLEVEL_ERROR) level = LogLevel::kWarn;
  if (severity == google::protobuf::LOGLEVEL_FATAL) level = LogLevel::kError;
  write("Protobuf", level, file, line, text);
}

}  // namespace

void take_over_library_logs() {
  gpr_set_log_function(write_grpc);
  google::protobuf::SetLogHandler(write_protobuf);
}

}  // namespace armada_cache::rpc
