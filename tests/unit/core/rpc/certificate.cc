#include "tests/unit/core/rpc/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

namespace armada_cache::rpc {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

constexpr int kKeyBits = 2048;
constexpr int kSecondsValid = 3600;

File open_file(const std::filesystem::path& path) {
  return {std::fopen(path.c_str(), "w"), &std::fclose};
}

Certificate self_signed(EVP_PKEY& key) {
  Certificate made(X509_new(), &X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kSecondsValid);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), kSecondsValid);
  X509_set_pubkey(made.get(), &key);
  X509_NAME* name = X509_get_subject_name(made.get());
  const std::string host = "localhost";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(made.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(made.get(), &key, EVP_sha256());
  return made;
}

}  // namespace

void make_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const Key made(EVP_RSA_gen(kKeyBits), &EVP_PKEY_free);
  const Certificate signed_by_itself = self_signed(*made);
  PEM_write_PrivateKey(open_file(key).get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_X509(open_file(certificate).get(), signed_by_itself.get());
}

}  // namespace armada_cache::rpc
