#include "core/eventlog/embedded/format_file.h"

#include <charconv>
#include <fstream>
#include <string>
#include <system_error>

#include "core/eventlog/embedded/embedded_log.h"

namespace armada_cache::eventlog::embedded {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

constexpr std::string_view kTitle = "armada-cache event log, format ";

base::Status refuse(ErrorCode code, const fs::path& directory, const std::string& why) {
  return base::fail(code, "the log's folder " + directory.string() + " " + why);
}

base::Status refuse(const std::error_code& error, const fs::path& directory,
                    const std::string& doing) {
  const bool denied = error == std::errc::permission_denied ||
                      error == std::errc::operation_not_permitted ||
                      error == std::errc::read_only_file_system;
  return refuse(denied ? ErrorCode::kPermissionDenied : ErrorCode::kUnavailable, directory,
                "cannot be " + doing + ": " + error.message());
}

base::Status write_format(const fs::path& directory) {
  const fs::path file = directory / "FORMAT";
  const fs::path draft = directory / "FORMAT.new";
  std::ofstream out(draft);
  out << kTitle << kFormatVersion << '\n';
  out.close();
  std::error_code error;
  if (out) fs::rename(draft, file, error);
  if (out && !error) return {};
  return refuse(ErrorCode::kUnavailable, directory, "cannot be written to");
}

base::Status check_format(const fs::path& directory) {
  std::ifstream in(directory / "FORMAT");
  std::string line;
  std::getline(in, line);
  int version = 0;
  const bool titled = line.starts_with(kTitle);
  const char* end = line.data() + line.size();
  if (!titled || std::from_chars(line.data() + kTitle.size(), end, version).ptr != end ||
      version < 1) {
    return refuse(ErrorCode::kDataLoss, directory,
                  "has a file FORMAT that cannot be read: restore the folder from a copy, or begin "
                  "with an empty one");
  }
  if (version <= kFormatVersion) return {};
  return refuse(ErrorCode::kFailedPrecondition, directory,
                "has format " + std::to_string(version) + ", and this version knows up to " +
                    std::to_string(kFormatVersion) +
                    ": use a newer armada-cache, or an empty folder");
}

}  // namespace

base::Status prepare_folder(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error == std::errc::not_a_directory || error == std::errc::file_exists) {
    return refuse(ErrorCode::kFailedPrecondition, directory,
                  "is a file: name a folder, which need not be there yet");
  }
  if (error) return refuse(error, directory, "made");
  if (fs::exists(directory / "FORMAT", error)) return check_format(directory);
  if (error) return refuse(error, directory, "read");
  if (fs::exists(directory / "CURRENT", error)) {
    return refuse(ErrorCode::kFailedPrecondition, directory,
                  "holds a database that is no event log of armada-cache: name another folder");
  }
  return write_format(directory);
}

}  // namespace armada_cache::eventlog::embedded
