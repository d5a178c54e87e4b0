// What this process shows of itself to a server: the value of the metadata "authorization".
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace armada_cache::rpc {

enum class CredentialKind {
  kNone,
  kBasic,  // user name, and the password from a file
  kBearer  // a token from a file, which others may rotate
};

struct Credentials {
  CredentialKind kind = CredentialKind::kNone;
  std::string user;                   // kBasic only
  std::filesystem::path secret_file;  // password or token; white space at its end is left out
};

// Thread-safe. The secret stays in memory and is never logged nor part of an error.
class Authorization {
 public:
  explicit Authorization(Credentials credentials) : credentials_(std::move(credentials)) {}

  // "basic ...", "Bearer ..." or "" for none. Reads the file when it has changed since the last
  // call. kUnauthenticated names the file that cannot be used and why.
  base::Result<std::string> value();

  // The server refused: the next value() reads the file, changed or not.
  void invalidate();

 private:
  base::Result<std::string> read_secret() const;

  const Credentials credentials_;
  std::mutex mutex_;
  std::optional<std::filesystem::file_time_type> read_at_version_;
  std::string value_;
};

}  // namespace armada_cache::rpc
