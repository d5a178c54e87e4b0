#include "tests/support/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/support/eventually.h"

extern char** environ;

namespace armada_cache::test_support {
namespace {

constexpr int kCannotExecute = 127;

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

int open_output(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file.string());
  return descriptor;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!command.environment.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs in the child: only what is safe after a fork of a process with threads.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int error,
                         std::uint64_t max_file_bytes) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (max_file_bytes > 0) {
    const rlimit limit{max_file_bytes, max_file_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);  // a write beyond it fails, as on a full disk
  }
  ::dup2(output, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  ::_exit(kCannotExecute);
}

std::filesystem::path output_name(const std::filesystem::path& folder, const char* ending) {
  static std::atomic<int> next{0};
  return folder / ("process-" + std::to_string(next++) + ending);
}

}  // namespace

std::string to_text(const std::optional<ExitStatus>& status) {
  if (!status) return "still running";
  if (status->signal != 0) return "ended by signal " + std::to_string(status->signal);
  return "exit status " + std::to_string(status->code);
}

Process::Process(const Command& command, const std::filesystem::path& folder)
    : output_(output_name(folder, ".out")), error_(output_name(folder, ".err")) {
  if (::access(command.program.c_str(), X_OK) != 0) {
    throw std::system_error(errno, std::generic_category(), command.program.string());
  }
  std::vector<std::string> arguments{command.program.string()};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_of(command);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(environment);
  const int output = open_output(output_);
  const int error = open_output(error_);
  pid_ = ::fork();
  if (pid_ == 0) become(argv.data(), envp.data(), output, error, command.max_file_bytes);
  const int fork_error = errno;
  ::close(output);
  ::close(error);
  if (pid_ < 0) throw std::system_error(fork_error, std::generic_category(), "fork");
}

Process::~Process() {
  if (!running()) return;
  send(SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

void Process::send(int signal) const {
  if (!exit_) ::kill(pid_, signal);
}

std::optional<std::string> Process::wait_for_line(std::string_view word,
                                                  std::chrono::milliseconds deadline) {
  std::optional<std::string> found;
  const auto look = [&] {
    std::istringstream lines(standard_output());
    for (std::string line; std::getline(lines, line);) {
      if (lines.eof()) return false;  // not whole yet
      if (line.find(word) == std::string::npos) continue;
      found = line;
      return true;
    }
    return false;
  };
  eventually(deadline, [&] {
    const bool ended = !running();  // asked first: what it wrote before its end counts
    return look() || ended;
  });
  return found;
}

std::optional<ExitStatus> Process::wait_for_exit(std::chrono::milliseconds deadline) {
  eventually(deadline, [&] {
    if (exit_) return true;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    exit_ =
        WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
    return true;
  });
  return exit_;
}

std::string Process::standard_output() const {
  return read_all(output_);
}
std::string Process::standard_error() const {
  return read_all(error_);
}

std::uint64_t Process::peak_resident_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace armada_cache::test_support
