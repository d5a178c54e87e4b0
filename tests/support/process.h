// A program that a test starts, watches and always ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armada_cache::test_support {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // beside what the test itself was given
  std::uint64_t max_file_bytes = 0;                // RLIMIT_FSIZE of the program; 0 = unlimited
};

struct ExitStatus {
  int code = 0;
  int signal = 0;  // that ended it; 0: it exited by itself

  bool operator==(const ExitStatus&) const = default;
};
std::string to_text(const std::optional<ExitStatus>& status);

// Not for use from several threads at once, but for pid() and send().
class Process {
 public:
  // Standard output and error go to files in `folder`, which must outlive the process. Throws
  // std::system_error when it cannot be started: the test cannot run.
  Process(const Command& command, const std::filesystem::path& folder);
  ~Process();  // ends it with SIGKILL if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void send(int signal) const;

  // The first whole line of standard output that holds `word`. Empty when the deadline passes or
  // the program ends without it.
  std::optional<std::string> wait_for_line(std::string_view word,
                                           std::chrono::milliseconds deadline);
  // Empty while it still runs at the deadline.
  std::optional<ExitStatus> wait_for_exit(std::chrono::milliseconds deadline);
  bool running() { return !wait_for_exit(std::chrono::milliseconds(0)).has_value(); }

  std::string standard_output() const;
  std::string standard_error() const;
  // The most memory it ever had resident, in bytes (VmHWM); 0 once it has ended.
  std::uint64_t peak_resident_bytes() const;

 private:
  std::filesystem::path output_;
  std::filesystem::path error_;
  pid_t pid_ = -1;
  std::optional<ExitStatus> exit_;
};

}  // namespace armada_cache::test_support
