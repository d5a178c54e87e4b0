// Certificates and keys, checked before gRPC takes them: it would serve nobody with broken ones,
// and tell only its log.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace armada_cache::rpc {

struct KeyPair {
  std::string certificates;  // PEM, the server's own first
  std::string key;           // PEM
};

// kInvalidArgument: one cannot be read, is no PEM of its kind, or the key is of another
// certificate.
base::Result<KeyPair> read_key_pair(const std::filesystem::path& certificate_file,
                                    const std::filesystem::path& key_file);

// PEM. kInvalidArgument: it cannot be read or holds no certificate.
base::Result<std::string> read_certificates(const std::string& what,
                                            const std::filesystem::path& file);

}  // namespace armada_cache::rpc
