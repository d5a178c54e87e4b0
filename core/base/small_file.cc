#include "core/base/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace armada_cache::base {
namespace {

class Descriptor {
 public:
  // Opening a pipe would wait for its other end.
  explicit Descriptor(const std::filesystem::path& path)
      : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace

Result<std::string> read_small_file(const std::string& what, const std::filesystem::path& path,
                                    std::size_t max_bytes) {
  const auto refused = [&](const std::string& why) {
    return fail(ErrorCode::kInvalidArgument, what + " " + path.string() + ", which " + why);
  };
  const Descriptor file(path);
  struct stat status {};
  if (file.number() < 0 || fstat(file.number(), &status) != 0) {
    return refused(std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return refused("is no file but a folder, a device or the like");
  std::string content(max_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = read(file.number(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_bytes) {
    return refused("has more than " + std::to_string(max_bytes >> 10) + " KiB");
  }
  content.resize(length);
  return content;
}

}  // namespace armada_cache::base
