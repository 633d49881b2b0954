// The keys of one DTLS 1.2 association, derived from a line of a key log.
//
// Spec: RFC 5246 §5 and §6.3 (PRF, key block), §6.2.3.3 (AEAD); RFC 6347 §4.1.2.1 (the sequence
// number contains the epoch); RFC 5288 §3 (AES-GCM: salt and explicit nonce); RFC 5705 §4
// (exporter); the NSS Key Log Format (draft-ietf-tls-keylogfile). Only ECDHE suites with AES-GCM:
// what WebRTC's peers agree on.
#pragma once

#include "agents/base/bytes.h"
#include "reports/evidence/dissection.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace rtclab::evidence {

using DtlsRandom = std::array<std::byte, 32>;
using MasterSecret = std::array<std::byte, 48>;

struct KeyLogEntry {
  DtlsRandom client_random{};
  MasterSecret master_secret{};
  friend bool operator==(const KeyLogEntry&, const KeyLogEntry&) = default;
  // nullopt for a line of TLS 1.3 and for anything malformed.
  [[nodiscard]] static std::optional<KeyLogEntry> parse(std::string_view line);
};

// What the two Hellos say that keys depend on.
struct Hellos {
  DtlsRandom client_random{};
  DtlsRandom server_random{};
  std::uint16_t cipher_suite = 0;
};

// What both sides of the association export for this label, without context (RFC 5705 §4). nullopt
// when the suite is none that is known here.
[[nodiscard]] std::optional<Bytes> export_keying_material(const MasterSecret& master,
                                                          const Hellos& hellos,
                                                          std::string_view label, std::size_t size);

enum class Writer : std::uint8_t { Client, Server };

class DtlsKeys {
 public:
  // nullopt when the suite is none that is known here.
  [[nodiscard]] static std::optional<DtlsKeys> derive(const MasterSecret& master,
                                                      const Hellos& hellos);
  DtlsKeys(DtlsKeys&&) noexcept;
  DtlsKeys& operator=(DtlsKeys&&) noexcept;
  ~DtlsKeys();

  // What is in an encrypted record; nullopt when another key sealed it. `content` is what stands
  // behind the record's header.
  [[nodiscard]] std::optional<Bytes> open(Writer writer, const DtlsRecord& record,
                                          ByteView content) const;

 private:
  struct Cipher;
  explicit DtlsKeys(std::array<std::unique_ptr<Cipher>, 2> ciphers);
  std::array<std::unique_ptr<Cipher>, 2> ciphers_;  // by writer
};

}  // namespace rtclab::evidence
