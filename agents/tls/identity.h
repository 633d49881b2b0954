// What a TLS server shows of itself: a certificate with its key; and an authority of our own that
// issues such certificates, so that simulated clients have somebody to trust.
//
// Spec: RFC 5280 §4.2 (extensions), RFC 9525 §3 (names). Values: copies share one immutable key
// pair.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"
#include "agents/dtls/certificate.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::tls {

class Identity {
 public:
  // A key pair on P-256 and a certificate for these names (host names or address literals), signed
  // by itself and valid from a day before `valid_from` for a year. Same state of `rng`, same
  // octets.
  [[nodiscard]] static Identity self_signed(Rng& rng, const std::vector<std::string>& names,
                                            dtls::CalendarTime valid_from = dtls::kEpoch);
  // nullopt when either text has no such thing, or the key is not the certificate's.
  [[nodiscard]] static std::optional<Identity> from_pem(std::string_view certificate,
                                                        std::string_view key);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] const dtls::Fingerprint& fingerprint() const;  // sha-256

  struct Keys;  // OpenSSL's side of it
  [[nodiscard]] const Keys& keys() const { return *keys_; }

 private:
  friend class Authority;
  explicit Identity(std::shared_ptr<const Keys> keys) : keys_{std::move(keys)} {}

  std::shared_ptr<const Keys> keys_;
};

class Authority {
 public:
  [[nodiscard]] static Authority generate(Rng& rng, dtls::CalendarTime valid_from = dtls::kEpoch);
  [[nodiscard]] Identity issue(Rng& rng, const std::vector<std::string>& names,
                               dtls::CalendarTime valid_from = dtls::kEpoch) const;
  // What clients put into Trust::authorities.
  [[nodiscard]] const Bytes& der() const { return own_.der(); }

 private:
  explicit Authority(Identity own) : own_{std::move(own)} {}

  Identity own_;
};

}  // namespace rtclab::tls
