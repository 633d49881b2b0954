// The certificate with which a peer proves that it is the one its session description speaks of.
//
// Spec: RFC 8827 §6.5 (self-signed, ECDSA on P-256), RFC 8122 §5 (fingerprint), RFC 9429 §5.2.1.
// A value: copies share one immutable key pair.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"
#include "agents/base/strong.h"

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

namespace rtclab::dtls {

// Seconds since 1970-01-01T00:00:00Z: the one place where a calendar is needed, and it is handed
// in.
using CalendarTime = Strong<struct CalendarTimeTag, std::int64_t>;

// 2026-01-01T00:00:00Z, the epoch of virtual time.
inline constexpr CalendarTime kEpoch{1767225600};

// The value of a=fingerprint: {"sha-256", "4A:AD:…"}; the algorithm in lower case, the digits in
// upper case.
struct Fingerprint {
  std::string algorithm;
  std::string value;

  // RFC 8122 §5: the hash function names and the hexadecimal digits compare without regard to case.
  [[nodiscard]] bool matches(const Fingerprint& other) const;
  friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

class Certificate {
 public:
  // A fresh key pair on P-256 and a self-signed certificate, valid from a day before `valid_from`
  // (clocks differ) until 30 days after it. All randomness comes from `rng`: same state, same
  // octets.
  [[nodiscard]] static Certificate generate(Rng& rng, CalendarTime valid_from = kEpoch);

  [[nodiscard]] const Fingerprint& fingerprint() const;  // sha-256
  [[nodiscard]] const Bytes& der() const;

  struct Keys;  // OpenSSL's side of it, see openssl_certificate.h
  [[nodiscard]] const Keys& keys() const { return *keys_; }

 private:
  explicit Certificate(std::shared_ptr<const Keys> keys) : keys_{std::move(keys)} {}

  std::shared_ptr<const Keys> keys_;
};

}  // namespace rtclab::dtls
