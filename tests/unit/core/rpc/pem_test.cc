#include "core/rpc/pem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/core/rpc/certificate.h"

namespace armada_cache::rpc {
namespace {

using testing::HasSubstr;

class PemTest : public testing::Test {
 protected:
  PemTest() {
    make_certificate(certificate_, key_);
    std::ofstream(garbage_) << "neither\n";
  }
  static std::string refusal(const std::filesystem::path& certificate,
                             const std::filesystem::path& key) {
    const auto pair = read_key_pair(certificate, key);
    return pair ? "taken" : pair.error().message;
  }

  test_support::TempDir folder_;
  const std::filesystem::path certificate_ = folder_.path() / "certificate";
  const std::filesystem::path key_ = folder_.path() / "key";
  const std::filesystem::path garbage_ = folder_.path() / "garbage";
};

TEST_F(PemTest, TakesAKeyOfItsCertificate) {
  EXPECT_EQ(refusal(certificate_, key_), "taken");
}

TEST_F(PemTest, RefusesWhatGrpcWouldServeNobodyWith) {
  EXPECT_THAT(refusal(garbage_, key_), HasSubstr("garbage, which holds no certificate"));
  EXPECT_THAT(refusal(certificate_, garbage_), HasSubstr("garbage, which holds no key"));
  EXPECT_THAT(refusal(key_, certificate_), HasSubstr("key, which holds no certificate"));
  EXPECT_THAT(refusal(certificate_, folder_.path() / "none"), HasSubstr("No such file"));
  const auto other = folder_.path() / "other-key";
  make_certificate(folder_.path() / "other", other);
  EXPECT_THAT(refusal(certificate_, other),
              HasSubstr("other-key, which is not of the certificate"));
}

TEST_F(PemTest, CertificatesToTrustAreChecked) {
  EXPECT_TRUE(read_certificates("", certificate_));
  const auto refused = read_certificates("the CAs are to be in", garbage_);
  EXPECT_THAT(refused.error().message, HasSubstr("the CAs are to be in"));
}

}  // namespace
}  // namespace armada_cache::rpc
