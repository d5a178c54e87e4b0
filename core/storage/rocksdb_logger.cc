#include "core/storage/rocksdb_logger.h"

#include <rocksdb/env.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "core/base/log.h"

namespace armada_cache::storage {
namespace {

constexpr std::size_t kLongestMessage = 2048;

class ProcessLog final : public rocksdb::Logger {
 public:
  explicit ProcessLog(std::string folder)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), folder_(std::move(folder)) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, kLongestMessage> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    base::log_warn("rocksdb", {{"folder", folder_}, {"message", text.data()}});
  }

 private:
  std::string folder_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> rocksdb_logger(std::string folder) {
  return std::make_shared<ProcessLog>(std::move(folder));
}

}  // namespace armada_cache::storage
