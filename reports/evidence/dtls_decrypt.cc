#include "reports/evidence/dtls_decrypt.h"

#include "reports/evidence/dtls_keys.h"
#include "reports/evidence/dtls_records.h"
#include "reports/evidence/sctp_chunks.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace rtclab::evidence {
namespace {

// A call has two peers and one line of the key log from each; this leaves room for a crowd.
constexpr std::size_t kMostSecrets = 64;
constexpr std::size_t kMostServerHellos = 64;
// What may be tried in vain over a whole capture, so that a hostile one cannot cost minutes.
constexpr std::size_t kMostOctetsInVain = 256u << 20u;
constexpr std::size_t kCostOfTrial = 256;  // in octets, besides those of the record

struct ServerHello {
  DtlsRandom random{};
  std::uint16_t cipher_suite = 0;
  friend bool operator==(const ServerHello&, const ServerHello&) = default;
};

// Where DTLS records stand: in a datagram, in what a relay carries, in a frame of a TCP connection.
struct Place {
  const std::vector<DtlsRecord>& records;
  ByteView octets;
};

void add_places(const Dissection& dissection, ByteView octets, std::vector<Place>& places) {
  if (dissection.kind == Kind::Dtls) places.push_back({dissection.dtls, octets});
  if (dissection.carried)
    add_places(dissection.carried->dissection, dissection.carried->payload, places);
  for (const auto& message : dissection.framed)
    add_places(message.dissection, message.payload, places);
}

std::vector<Place> dtls_in(const Packet& packet) {
  std::vector<Place> places;
  add_places(packet.dissection, packet.payload, places);
  return places;
}

// By place, in the order of dtls_in(); nullopt where nothing could be read.
using Opened = std::vector<std::optional<std::vector<DtlsRecord>>>;

void set_records(Dissection& dissection, const Opened& opened, std::size_t& place) {
  if (dissection.kind == Kind::Dtls) {
    if (opened[place]) dissection.dtls = *opened[place];
    ++place;
  }
  if (dissection.carried) {
    auto carried = *dissection.carried;
    set_records(carried.dissection, opened, place);
    dissection.carried = std::make_shared<const Carried>(std::move(carried));
  }
  for (auto& message : dissection.framed) set_records(message.dissection, opened, place);
}

// RFC 5246 §7.4.1.3. Of a fragmented message the first fragment is enough: what is wanted stands
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
  return hello;
}

std::vector<ServerHello> server_hellos(const Evidence& evidence) {
  constexpr std::uint8_t kServerHello = 2;
  std::vector<ServerHello> hellos;
  for (const auto& datagram : evidence.datagrams) {
    for (const auto& place : dtls_in(evidence.first_packet(datagram))) {
      for (const auto& record : place.records) {
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

// Which ServerHello answered which ClientHello does not stand in it, and ICE may carry the two on
// different paths: so each is taken with each. Of all the keys that this makes, authentication says
// which is meant.
class KeyRing {
 public:
  explicit KeyRing(const Evidence& evidence) {
    const auto entries = key_log(evidence);
    if (entries.empty()) return;
    for (const auto& hello : server_hellos(evidence)) {
      for (const auto& entry : entries) {
        auto keys = DtlsKeys::derive(entry.master_secret,
                                     {entry.client_random, hello.random, hello.cipher_suite});
        if (keys) keys_.push_back(std::move(*keys));
      }
    }
  }

  [[nodiscard]] bool empty() const { return keys_.empty(); }

  std::optional<Bytes> open(const Packet& packet, const DtlsRecord& record, ByteView content) {
    const std::pair route{packet.source, packet.destination};
    const auto known = fitting_.find(route);
    if (known != fitting_.end()) {
      if (auto plain = attempt(known->second, record, content)) return plain;
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      for (const auto writer : {Writer::Client, Writer::Server}) {
        if (auto plain = attempt({i, writer}, record, content)) {
          fitting_[route] = {i, writer};
          return plain;
        }
      }
    }
    return std::nullopt;
  }

 private:
  using Fit = std::pair<std::size_t, Writer>;

  std::optional<Bytes> attempt(const Fit& fit, const DtlsRecord& record, ByteView content) {
    const auto cost = content.size() + kCostOfTrial;
    if (cost > left_) return std::nullopt;
    auto plain = keys_[fit.first].open(fit.second, record, content);
    if (!plain) left_ -= cost;
    return plain;
  }

  std::vector<DtlsKeys> keys_;
  std::map<std::pair<Endpoint, Endpoint>, Fit> fitting_;  // what opened the last one from here
  std::size_t left_ = kMostOctetsInVain;
};

// The records with what could be read; nullopt when nothing could.
std::optional<std::vector<DtlsRecord>> decrypt(const Packet& packet, const Place& place,
                                               KeyRing& keys) {
  std::optional<std::vector<DtlsRecord>> result;
  for (std::size_t i = 0; i < place.records.size(); ++i) {
    const auto& record = place.records[i];
    const bool worth_it = record.content_type == kApplicationData || record.content_type == kAlert;
    if (!record.encrypted || !worth_it) continue;
    const auto plain =
        keys.open(packet, record, place.octets.subspan(record.offset, record.length));
    if (!plain) continue;
    if (!result) result = place.records;
    auto& opened = (*result)[i];
    if (record.content_type == kAlert) {
      opened.alert = read_dtls_alert(*plain);
    } else {
      opened.sctp = read_sctp_chunks(*plain);
    }
  }
  return result;
}

Opened decrypt(const Packet& packet, KeyRing& keys) {
  Opened opened;
  for (const auto& place : dtls_in(packet)) opened.push_back(decrypt(packet, place, keys));
  return opened;
}

}  // namespace

void decrypt_dtls(Evidence& evidence) {
  KeyRing keys{evidence};
  if (keys.empty()) return;
  for (const auto& datagram : evidence.datagrams) {
    const Packet* before = nullptr;
    Opened opened;
    for (const auto index : datagram.packets) {
      auto& packet = evidence.packets[index];
      // The other sightings are the same octets, but for a capture that cut them off, and for TCP
      // where one place has seen them before and the other has not.
      const bool same = before != nullptr && packet.payload == before->payload &&
                        dtls_in(packet).size() == opened.size();
      if (!same) opened = decrypt(packet, keys);
      before = &packet;
      std::size_t place = 0;
      set_records(packet.dissection, opened, place);
    }
  }
}

}  // namespace rtclab::evidence
