// Ours against libsrtp2 over a bad network: each packet of one side has the same fate at both
// receivers, and comes out the same.
#include "agents/base/rng.h"
#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "agents/srtp/context.h"
#include "tests/agents/srtp/libsrtp_peer.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <ostream>

namespace rtclab::srtp {

std::ostream& operator<<(std::ostream& out, Profile profile) {
  return out << parameters(profile).name;
}

namespace test {
namespace {

namespace data = boost::unit_test::data;

const std::vector<Profile> kProfiles{Profile::Aes128CmSha1_80, Profile::AeadAes128Gcm,
                                     Profile::AeadAes256Gcm};

MasterKey a_master_key(Profile profile) {
  SeededRng rng{11};
  MasterKey master{Bytes(parameters(profile).key_size), Bytes(parameters(profile).salt_size)};
  rng.fill(master.key);
  rng.fill(master.salt);
  return master;
}

struct Sent {
  PacketKind kind;
  Bytes plain;
  Bytes octets;
};

// Media of three sources that wrap at different times, with all that a header may hold, and
// control.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : rng_{seed} {
    for (std::uint32_t i = 0; i < 3; ++i) next_.push_back(10'000 + 10'000 * i);
  }

  Sent next() {
    const auto source = static_cast<std::size_t>(rng_.below(next_.size()));
    if (rng_.below(5) == 0) return {PacketKind::Rtcp, control(source), {}};
    return {PacketKind::Rtp, media(source), {}};
  }

 private:
  Bytes media(std::size_t source) {
    // Steps that make a turn in about a hundred packets.
    next_[source] += 1 + static_cast<std::uint32_t>(rng_.below(1000));
    rtp::Packet packet{
        .marker = rng_.below(2) == 0,
        .payload_type = rtp::PayloadType{96},
        .sequence_number = rtp::SequenceNumber{static_cast<std::uint16_t>(next_[source])},
        .timestamp = rtp::RtpTimestamp{static_cast<std::uint32_t>(rng_.next())},
        .ssrc = rtp::Ssrc{static_cast<std::uint32_t>(100 + source)},
        .payload = Bytes(rng_.below(1200)),
    };
    rng_.fill(packet.payload);
    for (auto count = rng_.below(4); count != 0; --count) packet.csrcs.emplace_back(1u);
    if (rng_.below(2) == 0) packet.set_extension(3, Bytes(1 + rng_.below(30)));
    if (rng_.below(4) == 0) packet.padding = static_cast<std::uint8_t>(1 + rng_.below(200));
    return packet.serialize();
  }
  Bytes control(std::size_t source) {
    const rtp::Ssrc sender{static_cast<std::uint32_t>(100 + source)};
    rtp::CompoundPacket compound{{rtp::ReceiverReport{sender, {}, {}}}, 0};
    compound.packets.emplace_back(rtp::UnknownRtcp{210, 3, Bytes(4 * rng_.below(100))});
    return compound.serialize();
  }

  SeededRng rng_;
  std::vector<std::uint32_t> next_;
};

// Loses some packets, delays some, doubles some and damages some.
std::vector<Sent> over_a_bad_network(std::vector<Sent> sent, std::uint64_t seed) {
  SeededRng rng{seed};
  std::multimap<std::uint64_t, Sent> by_arrival;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (rng.below(10) == 0) continue;
    const auto copies = rng.below(10) == 0 ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      auto packet = sent[i];
      if (rng.below(20) == 0) {
        packet.octets[rng.below(packet.octets.size())] ^=
            static_cast<std::byte>(1 + rng.below(255));
      }
      by_arrival.emplace(i + rng.below(12), std::move(packet));
    }
  }
  std::vector<Sent> arrived;
  for (auto& [at, packet] : by_arrival) arrived.push_back(std::move(packet));
  return arrived;
}

struct Tally {
  int accepted = 0;
  int refused = 0;
};

// Both receivers hear the same; libsrtp's is the measure.
Tally compare_receivers(Profile profile, const std::vector<Sent>& arrived) {
  const auto master = a_master_key(profile);
  InboundContext ours{profile, master};
  LibsrtpPeer theirs{profile, master, LibsrtpPeer::Direction::Inbound};
  Tally tally;
  for (const auto& packet : arrived) {
    const auto expected = theirs.unprotect(packet.kind, packet.octets);
    const auto got = packet.kind == PacketKind::Rtp ? ours.unprotect_rtp(packet.octets)
                                                    : ours.unprotect_rtcp(packet.octets);
    BOOST_REQUIRE(got.has_value() == expected.has_value());
    if (got) BOOST_REQUIRE((*got == *expected && *got == packet.plain));
    ++(got ? tally.accepted : tally.refused);
  }
  return tally;
}

BOOST_AUTO_TEST_SUITE(srtp_against_libsrtp)

BOOST_DATA_TEST_CASE(each_packet_of_ours_has_the_same_fate_at_libsrtp,
                     data::make(kProfiles) * data::xrange(3), profile, seed) {
  Traffic traffic{static_cast<std::uint64_t>(seed)};
  OutboundContext sender{profile, a_master_key(profile)};
  std::vector<Sent> sent;
  for (int i = 0; i < 2000; ++i) {
    auto packet = traffic.next();
    packet.octets = packet.kind == PacketKind::Rtp ? *sender.protect_rtp(packet.plain)
                                                   : *sender.protect_rtcp(packet.plain);
    sent.push_back(std::move(packet));
  }

  const auto tally =
      compare_receivers(profile, over_a_bad_network(sent, static_cast<std::uint64_t>(seed)));

  BOOST_TEST(tally.accepted > 1500);
  BOOST_TEST(tally.refused > 100);
}

BOOST_DATA_TEST_CASE(each_packet_of_libsrtp_has_the_same_fate_at_ours,
                     data::make(kProfiles) * data::xrange(3), profile, seed) {
  Traffic traffic{static_cast<std::uint64_t>(100 + seed)};
  LibsrtpPeer sender{profile, a_master_key(profile), LibsrtpPeer::Direction::Outbound};
  std::vector<Sent> sent;
  for (int i = 0; i < 2000; ++i) {
    auto packet = traffic.next();
    packet.octets = *sender.protect(packet.kind, packet.plain);
    sent.push_back(std::move(packet));
  }

  const auto tally =
      compare_receivers(profile, over_a_bad_network(sent, static_cast<std::uint64_t>(seed)));

  BOOST_TEST(tally.accepted > 1500);
  BOOST_TEST(tally.refused > 100);
}

BOOST_DATA_TEST_CASE(both_protect_rtp_into_the_same_octets, data::make(kProfiles), profile) {
  Traffic traffic{7};
  OutboundContext ours{profile, a_master_key(profile)};
  LibsrtpPeer theirs{profile, a_master_key(profile), LibsrtpPeer::Direction::Outbound};
  int compared = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto packet = traffic.next();
    if (packet.kind != PacketKind::Rtp) continue;
    BOOST_REQUIRE((*ours.protect_rtp(packet.plain) == *theirs.protect(packet.kind, packet.plain)));
    ++compared;
  }
  BOOST_TEST(compared > 700);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace test
}  // namespace rtclab::srtp
