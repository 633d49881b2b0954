#include "reports/judge/certificates.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace rtclab::judge {
namespace {

constexpr std::uint8_t kCertificate = 11;

std::string sha256_text(ByteView octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return text;
}

// RFC 5246 §7.4.2: a list with its length in front, each certificate with its own.
std::optional<ByteView> first_certificate(ByteView body) {
  ByteReader reader{body};
  reader.skip(3);
  const auto length = reader.u24();
  const auto certificate = reader.take(length);
  if (!reader.ok() || certificate.empty()) return std::nullopt;
  return certificate;
}

struct Message {
  const Transmission* first = nullptr;
  Bytes body;
  std::set<std::uint32_t> offsets;
  std::size_t received = 0;
};

}  // namespace

std::vector<ShownCertificate> certificates(const Docket& docket) {
  // Who, which message of its handshake, how long.
  std::map<std::tuple<std::string, std::uint16_t, std::uint32_t>, Message> messages;
  std::vector<ShownCertificate> shown;
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& t : docket.transmissions()) {
    if (!docket.is_peer(t.from) || t.dissection->kind != evidence::Kind::Dtls) continue;
    for (const auto& record : t.dissection->dtls) {
      if (record.offset + record.length > t.payload.size()) continue;
      const auto content = t.payload.subspan(record.offset, record.length);
      for (const auto& part : record.handshakes) {
        if (part.type != kCertificate || part.length > 1u << 16u) continue;
        if (part.body + part.fragment_length > content.size() ||
            part.fragment_offset + part.fragment_length > part.length) {
          continue;
        }
        auto& message = messages[{docket.name(t.from), part.sequence, part.length}];
        if (message.first == nullptr) message = {&t, Bytes(part.length), {}, 0};
        if (!message.offsets.insert(part.fragment_offset).second) continue;
        std::ranges::copy(content.subspan(part.body, part.fragment_length),
                          message.body.begin() + part.fragment_offset);
        message.received += part.fragment_length;
        if (message.received != part.length) continue;
        const auto certificate = first_certificate(message.body);
        if (!certificate) continue;
        auto hash = sha256_text(*certificate);
        if (known.emplace(docket.name(t.from), hash).second)
          shown.push_back({message.first, std::move(hash)});
      }
    }
  }
  return shown;
}

}  // namespace rtclab::judge
