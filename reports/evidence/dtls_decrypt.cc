#include "reports/evidence/dtls_decrypt.h"

#include "reports/evidence/dtls_hellos.h"
#include "reports/evidence/dtls_keys.h"
#include "reports/evidence/dtls_records.h"
#include "reports/evidence/places.h"
#include "reports/evidence/sctp_chunks.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace rtclab::evidence {
namespace {

// What may be tried in vain over a whole capture, so that a hostile one cannot cost minutes.
constexpr std::size_t kMostOctetsInVain = 256u << 20u;
constexpr std::size_t kCostOfTrial = 256;  // in octets, besides those of the record

// Where DTLS records stand: in a datagram, in what a relay carries, in a frame of a TCP connection.
std::vector<Place> dtls_in(const Packet& packet) {
  auto places = places_in(packet);
  std::erase_if(places, [](const Place& place) { return place.dissection->kind != Kind::Dtls; });
  return places;
}

// By place, in the order of dtls_in(); nullopt where nothing could be read.
using Opened = std::vector<std::optional<std::vector<DtlsRecord>>>;

void set_records(Dissection& dissection, const Opened& opened) {
  std::size_t place = 0;
  change_places(dissection, [&](Dissection& inner) {
    if (inner.kind != Kind::Dtls) return;
    if (opened[place]) inner.dtls = *opened[place];
    ++place;
  });
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
  for (std::size_t i = 0; i < place.dissection->dtls.size(); ++i) {
    const auto& record = place.dissection->dtls[i];
    const bool worth_it = record.content_type == kApplicationData || record.content_type == kAlert;
    if (!record.encrypted || !worth_it) continue;
    const auto plain =
        keys.open(packet, record, place.octets.subspan(record.offset, record.length));
    if (!plain) continue;
    if (!result) result = place.dissection->dtls;
    auto& opened = (*result)[i];
    if (record.content_type == kAlert) {
      opened.alert = read_dtls_alert(*plain);
    } else {
      opened.sctp = read_sctp_chunks(*plain);
      opened.plaintext = std::make_shared<const Bytes>(*plain);
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
      set_records(packet.dissection, opened);
    }
  }
}

}  // namespace rtclab::evidence
