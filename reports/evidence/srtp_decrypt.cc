#include "reports/evidence/srtp_decrypt.h"

#include "agents/srtp/context.h"
#include "agents/srtp/srtcp_index.h"
#include "reports/evidence/dtls_hellos.h"
#include "reports/evidence/places.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace rtclab::evidence {
namespace {

// What may be tried in vain over a whole capture, as for DTLS.
constexpr std::size_t kMostMediaInVain = 256u << 20u;
constexpr std::size_t kCostOfMediaTrial = 256;  // in octets, besides those of the packet

using Media = std::shared_ptr<const UnprotectedMedia>;

std::optional<srtp::Profile> profile_numbered(std::uint16_t number) {
  for (const auto profile : {srtp::Profile::Aes128CmSha1_80, srtp::Profile::AeadAes128Gcm,
                             srtp::Profile::AeadAes256Gcm}) {
    if (srtp::parameters(profile).number == number) return profile;
  }
  return std::nullopt;
}

// The keys of one association, and how far each source has come.
struct MediaKeys {
  std::size_t association = 0;
  srtp::Profile profile;
  std::array<srtp::InboundContext, 2> contexts;  // by writer: the client, the server

  [[nodiscard]] static std::optional<MediaKeys> derive(const KeyLogEntry& entry,
                                                       const ServerHello& hello) {
    const auto profile = profile_numbered(hello.srtp_profile.value_or(0));
    if (!profile) return std::nullopt;
    const auto material = export_keying_material(
        entry.master_secret, {entry.client_random, hello.random, hello.cipher_suite},
        srtp::kExporterLabel, srtp::keying_material_size(*profile));
    if (!material) return std::nullopt;
    const auto keys = srtp::direction_keys(*profile, srtp::DtlsRole::Client, *material);
    const Deviations as_often_as_it_comes{Deviation::SrtpAcceptReplays};
    return MediaKeys{0,
                     *profile,
                     {srtp::InboundContext{*profile, keys.send, as_often_as_it_comes},
                      srtp::InboundContext{*profile, keys.receive, as_often_as_it_comes}}};
  }

  // Of a packet that is authentic and in the clear: all but index and tag.
  [[nodiscard]] Bytes srtcp_content(ByteView octets) const {
    const auto behind = srtp::parameters(profile).tag_size + srtp::kSrtcpIndexSize;
    const auto content = octets.first(octets.size() - behind);
    return {content.begin(), content.end()};
  }

  [[nodiscard]] Media open(std::size_t writer, Kind kind, ByteView octets) {
    auto& context = contexts[writer];
    const bool is_rtcp = kind == Kind::Rtcp;
    const auto plain = is_rtcp ? context.unprotect_rtcp(octets) : context.unprotect_rtp(octets);
    const bool in_clear = !plain && plain.error() == srtp::Failure::Unencrypted;
    if (!plain && !in_clear) return nullptr;
    UnprotectedMedia media;
    media.plain = in_clear ? srtcp_content(octets) : *plain;
    media.profile = srtp::parameters(profile).name;
    media.association = association;
    media.by_client = writer == 0;
    media.encrypted = !in_clear;
    if (is_rtcp) media.srtcp_index = srtp::read_srtcp_index(profile, octets)->index;
    return std::make_shared<const UnprotectedMedia>(std::move(media));
  }
};

// As with DTLS, authentication says which of all the keys is meant.
class MediaKeyRing {
 public:
  explicit MediaKeyRing(const Evidence& evidence) {
    const auto entries = key_log(evidence);
    if (entries.empty()) return;
    for (const auto& hello : server_hellos(evidence)) {
      for (const auto& entry : entries) {
        auto keys = MediaKeys::derive(entry, hello);
        if (!keys) continue;
        keys->association = keys_.size();
        keys_.push_back(*std::move(keys));
      }
    }
  }

  [[nodiscard]] bool empty() const { return keys_.empty(); }

  Media open(const Packet& packet, Kind kind, ByteView octets) {
    const std::pair route{packet.source, packet.destination};
    const auto known = fitting_.find(route);
    if (known != fitting_.end()) {
      if (auto media = attempt(known->second, kind, octets)) return media;
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      for (const std::size_t writer : {0u, 1u}) {
        if (auto media = attempt({i, writer}, kind, octets)) {
          fitting_.insert_or_assign(route, Fit{i, writer});
          return media;
        }
      }
    }
    return nullptr;
  }

 private:
  using Fit = std::pair<std::size_t, std::size_t>;  // keys, writer

  Media attempt(const Fit& fit, Kind kind, ByteView octets) {
    const auto cost = octets.size() + kCostOfMediaTrial;
    if (cost > left_) return nullptr;
    auto media = keys_[fit.first].open(fit.second, kind, octets);
    if (!media) left_ -= cost;
    return media;
  }

  std::vector<MediaKeys> keys_;
  std::map<std::pair<Endpoint, Endpoint>, Fit> fitting_;  // what opened the last one from here
  std::size_t left_ = kMostMediaInVain;
};

bool is_media(const Dissection& dissection) {
  return dissection.kind == Kind::Rtp || dissection.kind == Kind::Rtcp;
}

bool holds_media(const Packet& packet) {
  return std::ranges::any_of(places_in(packet),
                             [](const Place& place) { return is_media(*place.dissection); });
}

// By place of media, in their order; null where nothing could be read.
std::vector<Media> open_media(const Packet& packet, MediaKeyRing& keys) {
  std::vector<Media> opened;
  for (const auto& place : places_in(packet)) {
    if (is_media(*place.dissection))
      opened.push_back(keys.open(packet, place.dissection->kind, place.octets));
  }
  return opened;
}

}  // namespace

void decrypt_srtp(Evidence& evidence) {
  MediaKeyRing keys{evidence};
  if (keys.empty()) return;
  for (const auto& datagram : evidence.datagrams) {
    const Packet* before = nullptr;
    std::vector<Media> opened;
    for (const auto index : datagram.packets) {
      auto& packet = evidence.packets[index];
      if (!holds_media(packet)) continue;
      // Sightings of one datagram are the same octets, but for a capture that cut them off.
      if (before == nullptr || packet.payload != before->payload) opened = open_media(packet, keys);
      before = &packet;
      std::size_t place = 0;
      change_places(packet.dissection, [&](Dissection& dissection) {
        if (is_media(dissection)) dissection.media = opened.at(place++);
      });
    }
  }
}

}  // namespace rtclab::evidence
