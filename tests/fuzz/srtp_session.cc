// SRTP: two sessions with the same keys, and somebody between them who loses, doubles, overtakes,
// changes and invents. What comes out was sent, and comes out once.
#include "agents/rtp/packet.h"
#include "agents/srtp/session.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <array>

namespace rtclab::fuzz {
namespace {

using namespace srtp;

constexpr std::array kProfiles{Profile::Aes128CmSha1_80, Profile::AeadAes128Gcm,
                               Profile::AeadAes256Gcm};

struct Sent {
  PacketKind kind;
  Bytes plain;
  Bytes octets;
  bool arrived = false;
};

class Between {
 public:
  explicit Between(Feed& feed)
      : feed_{feed},
        profile_{kProfiles[feed.below(kProfiles.size())]},
        client_{profile_, DtlsRole::Client, Bytes(keying_material_size(profile_))},
        server_{profile_, DtlsRole::Server, Bytes(keying_material_size(profile_))} {}

  void run() {
    constexpr int kMostSteps = 300;
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) step();
  }

 private:
  void step() {
    switch (feed_.below(6)) {
      case 0:
      case 1: return send(PacketKind::Rtp, an_rtp_packet());
      case 2: return send(PacketKind::Rtcp, an_rtcp_packet());
      case 3: return send(kind(), feed_.chunk());
      case 4: return deliver();
      default: return invent(kind(), feed_.chunk());
    }
  }

  PacketKind kind() { return feed_.flip() ? PacketKind::Rtp : PacketKind::Rtcp; }

  Bytes an_rtp_packet() {
    const auto number = feed_.u16();
    const auto source = feed_.u8() % 4u;
    const auto payload = feed_.chunk();
    return rtp::Packet{.sequence_number = rtp::SequenceNumber{number},
                       .ssrc = rtp::Ssrc{source},
                       .payload = {payload.begin(), payload.end()}}
        .serialize();
  }

  Bytes an_rtcp_packet() {
    const auto source = feed_.u8() % 4u;
    return ByteWriter{}.u8(0x80).u8(201).u16(1).u32(source).octets(feed_.chunk()).take();
  }

  void send(PacketKind kind, ByteView plain) {
    const auto octets = client_.protect(kind, plain);
    if (!octets) {
      require(octets.error() != Failure::AuthenticationFailed, "our own packets need no proof");
      return;
    }
    require(octets->size() > plain.size() && octets->size() <= plain.size() + kMaxRtcpGrowth,
            "protection adds what it says");
    // A repetition is the same packet, not another.
    const bool repeats =
        std::ranges::any_of(sent_, [&](const Sent& before) { return before.octets == *octets; });
    if (!repeats) sent_.push_back({kind, {plain.begin(), plain.end()}, *octets});
  }

  void deliver() {
    if (sent_.empty()) return;
    auto& packet = sent_[feed_.u8() % sent_.size()];
    auto octets = packet.octets;
    const auto change = feed_.u8();
    if (change != 0) {
      octets[feed_.u16() % octets.size()] ^= static_cast<std::byte>(change);
      return invent(packet.kind, octets);
    }
    const auto opened = server_.unprotect(packet.kind, octets);
    if (!opened) return;
    require(!packet.arrived, "a packet is accepted once");
    require(*opened == packet.plain, "what arrives is what was sent");
    packet.arrived = true;
  }

  void invent(PacketKind kind, ByteView octets) {
    const bool was_sent = std::ranges::any_of(
        sent_, [&](const Sent& packet) { return std::ranges::equal(packet.octets, octets); });
    if (was_sent) return;
    require(!server_.unprotect(kind, octets).has_value(), "nothing is accepted that was not sent");
  }

  Feed& feed_;
  Profile profile_;
  Session client_;
  Session server_;
  std::vector<Sent> sent_;
};

}  // namespace

void srtp_session(ByteView input) {
  Feed feed{input};
  Between{feed}.run();
}

}  // namespace rtclab::fuzz
