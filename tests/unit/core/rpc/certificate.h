// A key and a certificate for "localhost", made for the moment.
#pragma once

#include <filesystem>

namespace armada_cache::rpc {

// Writes both as PEM files.
void make_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace armada_cache::rpc
