#include "tests/support/deployment.h"

#include "tests/support/cache_process.h"

namespace armada_cache::test_support {
namespace {

class StandaloneDeployment final : public Deployment {
 public:
  explicit StandaloneDeployment(const CacheOptions& options) : cache_(options) {}
  std::string grpc_address() const override { return cache_.grpc_address(); }
  std::string standard_error() override { return cache_.process().standard_error(); }

 private:
  CacheProcess cache_;
};

}  // namespace

std::unique_ptr<Deployment> deploy_standalone(const std::string& armada,
                                              const std::filesystem::path& folder) {
  CacheOptions options;
  options.armada = armada;
  options.data_dir = folder / "data";
  options.output_folder = folder;
  return std::make_unique<StandaloneDeployment>(options);
}

}  // namespace armada_cache::test_support
