#include "core/rpc/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "core/base/small_file.h"

namespace armada_cache::rpc {
namespace {

using base::ErrorCode;

// The certificates that systems come with have about 200 KiB.
constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Bio over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Nobody can be asked for one.
int no_password(char*, int, int, void*) {
  return 0;
}

Certificate first_certificate(const std::string& pem) {
  Certificate found(PEM_read_bio_X509(over(pem).get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return found;
}

Key key_in(const std::string& pem) {
  Key found(PEM_read_bio_PrivateKey(over(pem).get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return found;
}

auto refuse(const std::string& what, const std::filesystem::path& file, const std::string& why) {
  return base::fail(ErrorCode::kInvalidArgument, what + " " + file.string() + ", which " + why);
}

}  // namespace

base::Result<std::string> read_certificates(const std::string& what,
                                            const std::filesystem::path& file) {
  auto pem = base::read_small_file(what, file, kMaxBytes);
  if (pem && first_certificate(*pem) == nullptr) {
    return refuse(what, file, "holds no certificate in PEM");
  }
  return pem;
}

base::Result<KeyPair> read_key_pair(const std::filesystem::path& certificate_file,
                                    const std::filesystem::path& key_file) {
  const std::string what = "the TLS key is to be in";
  auto certificates = read_certificates("the TLS certificate is to be in", certificate_file);
  if (!certificates) return tl::unexpected(certificates.error());
  auto key = base::read_small_file(what, key_file, kMaxBytes);
  if (!key) return tl::unexpected(key.error());
  const Key parsed = key_in(*key);
  if (parsed == nullptr) return refuse(what, key_file, "holds no key in PEM without a password");
  const bool fits =
      X509_check_private_key(first_certificate(*certificates).get(), parsed.get()) == 1;
  ERR_clear_error();
  if (!fits)
    return refuse(what, key_file, "is not of the certificate in " + certificate_file.string());
  return KeyPair{*std::move(certificates), *std::move(key)};
}

}  // namespace armada_cache::rpc
