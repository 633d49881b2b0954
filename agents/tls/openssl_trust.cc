#include "agents/dtls/openssl_certificate.h"
#include "agents/dtls/openssl_context.h"
#include "agents/tls/openssl_pem.h"
#include "agents/tls/trust.h"

namespace rtclab::tls {

using dtls::must;

dtls::X509Ptr read_certificate(ByteView der) {
  auto* certificate = X509_new_ex(dtls::openssl_context(), nullptr);
  must(certificate != nullptr);
  const auto* in = dtls::to_read(der);
  if (d2i_X509(&certificate, &in, static_cast<long>(der.size())) == nullptr) {
    ERR_clear_error();
    return nullptr;  // what d2i_X509 was given it has freed
  }
  return dtls::X509Ptr{certificate};
}

std::vector<dtls::X509Ptr> read_certificates(std::string_view text) {
  ERR_clear_error();
  const BioPtr bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  must(bio != nullptr);
  std::vector<dtls::X509Ptr> found;
  while (true) {
    const dtls::X509Ptr read{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)};
    if (!read) break;
    found.push_back(read_certificate(dtls::der_of(read.get())));
  }
  // The end of the file reads as "no start line"; anything else is a certificate that is broken.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) found.clear();
  return found;
}

std::optional<std::vector<Bytes>> certificates_in_pem(std::string_view text) {
  std::vector<Bytes> all;
  for (const auto& certificate : read_certificates(text))
    all.push_back(dtls::der_of(certificate.get()));
  if (all.empty()) return std::nullopt;
  return all;
}

}  // namespace rtclab::tls
