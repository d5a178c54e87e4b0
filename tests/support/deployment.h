// A cache that answers clients, however it is deployed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace armada_cache::test_support {

class Deployment {
 public:
  virtual ~Deployment() = default;
  // For clients.
  virtual std::string grpc_address() const = 0;
  // What its processes had to say.
  virtual std::string standard_error() = 0;
};

// Ready when it returns; its data and output go into the folder. Throws std::runtime_error where it
// does not become so.
using Deploy = std::unique_ptr<Deployment> (*)(const std::string& armada,
                                               const std::filesystem::path& folder);

std::unique_ptr<Deployment> deploy_standalone(const std::string& armada,
                                              const std::filesystem::path& folder);

}  // namespace armada_cache::test_support
