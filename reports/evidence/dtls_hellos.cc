#include "reports/evidence/dtls_hellos.h"

#include "reports/evidence/places.h"

#include <algorithm>

namespace rtclab::evidence {
namespace {

// A call has two peers and one line of the key log from each; this leaves room for a crowd.
constexpr std::size_t kMostSecrets = 64;
constexpr std::size_t kMostServerHellos = 64;

// RFC 5764 §4.1.1: a list of one profile, and the MKI.
std::optional<std::uint16_t> read_use_srtp(ByteView extensions) {
  constexpr std::uint16_t kUseSrtp = 14;
  ByteReader reader{extensions};
  while (reader.remaining() != 0) {
    const auto type = reader.u16();
    ByteReader content{reader.take(reader.u16())};
    if (!reader.ok() || type != kUseSrtp) continue;
    content.skip(2);
    const auto profile = content.u16();
    return content.ok() ? std::optional{profile} : std::nullopt;
  }
  return std::nullopt;
}

// RFC 5246 §7.4.1.3. Of a fragmented message the first fragment is enough: random and suite stand
// within the first 69 octets, and no peer cuts so short.
std::optional<ServerHello> read_server_hello(ByteView body) {
  constexpr std::size_t kVersionSize = 2;
  ByteReader reader{body};
  reader.skip(kVersionSize);
  ServerHello hello;
  const auto random = reader.take(hello.random.size());
  reader.skip(reader.u8());  // session id
  hello.cipher_suite = reader.u16();
  if (!reader.ok()) return std::nullopt;
  std::ranges::copy(random, hello.random.begin());
  reader.skip(1);  // compression
  reader.skip(2);  // the extensions' length: what there is of them is read
  if (reader.ok()) hello.srtp_profile = read_use_srtp(reader.rest());
  return hello;
}

}  // namespace

std::vector<ServerHello> server_hellos(const Evidence& evidence) {
  constexpr std::uint8_t kServerHello = 2;
  std::vector<ServerHello> hellos;
  for (const auto& datagram : evidence.datagrams) {
    for (const auto& place : places_in(evidence.first_packet(datagram))) {
      for (const auto& record : place.dissection->dtls) {
        const auto content = place.octets.subspan(record.offset, record.length);
        for (const auto& message : record.handshakes) {
          if (message.type != kServerHello || message.fragment_offset != 0) continue;
          const auto hello =
              read_server_hello(content.subspan(message.body, message.fragment_length));
          if (!hello || std::ranges::find(hellos, *hello) != hellos.end()) continue;
          hellos.push_back(*hello);
          if (hellos.size() == kMostServerHellos) return hellos;
        }
      }
    }
  }
  return hellos;
}

std::vector<KeyLogEntry> key_log(const Evidence& evidence) {
  std::vector<KeyLogEntry> entries;
  for (const auto& line : evidence.secrets) {
    const auto entry = KeyLogEntry::parse(line);
    // Both peers of a run tell the same secret.
    if (!entry || std::ranges::find(entries, *entry) != entries.end()) continue;
    entries.push_back(*entry);
    if (entries.size() == kMostSecrets) break;
  }
  return entries;
}

}  // namespace rtclab::evidence
