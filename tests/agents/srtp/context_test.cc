#include "agents/srtp/context.h"

#include "agents/base/rng.h"
#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "agents/srtp/session.h"
#include "agents/srtp/srtcp_index.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <ostream>

namespace rtclab::srtp {

std::ostream& operator<<(std::ostream& out, Profile profile) {
  return out << parameters(profile).name;
}
std::ostream& operator<<(std::ostream& out, Failure failure) {
  return out << to_string(failure);
}

namespace {

namespace data = boost::unit_test::data;

const std::vector<Profile> kProfiles{Profile::Aes128CmSha1_80, Profile::AeadAes128Gcm,
                                     Profile::AeadAes256Gcm};

MasterKey a_master_key(Profile profile, std::uint64_t seed = 1) {
  SeededRng rng{seed};
  MasterKey master{Bytes(parameters(profile).key_size), Bytes(parameters(profile).salt_size)};
  rng.fill(master.key);
  rng.fill(master.salt);
  return master;
}

Bytes an_rtp_packet(unsigned sequence_number, std::uint32_t ssrc = 0xcafebabe,
                    std::size_t payload = 40) {
  rtp::Packet packet{
      .payload_type = rtp::PayloadType{111},
      .sequence_number = rtp::SequenceNumber{static_cast<std::uint16_t>(sequence_number)},
      .timestamp = rtp::RtpTimestamp{sequence_number * 960},
      .ssrc = rtp::Ssrc{ssrc},
      .csrcs = {rtp::Ssrc{9}},
      .payload = Bytes(payload, static_cast<std::byte>(sequence_number)),
  };
  packet.set_extension(1, as_octets("0"));
  return packet.serialize();
}

Bytes an_rtcp_packet(std::uint32_t ssrc = 0xcafebabe) {
  return rtp::CompoundPacket{{rtp::ReceiverReport{rtp::Ssrc{ssrc}, {}, {}},
                              rtp::PictureLossIndication{rtp::Ssrc{ssrc}, rtp::Ssrc{5}}},
                             0}
      .serialize();
}

struct Pair {
  explicit Pair(Profile profile, const Deviations& deviations = {}, KeyLifetime lifetime = {})
      : out{profile, a_master_key(profile), deviations, lifetime},
        in{profile, a_master_key(profile), deviations} {}

  // What arrives of this packet when nothing happens to it.
  Outcome<Bytes> pass_rtp(ByteView packet) {
    return out.protect_rtp(packet).and_then(
        [&](const Bytes& sent) { return in.unprotect_rtp(sent); });
  }
  Outcome<Bytes> pass_rtcp(ByteView packet) {
    return out.protect_rtcp(packet).and_then(
        [&](const Bytes& sent) { return in.unprotect_rtcp(sent); });
  }

  OutboundContext out;
  InboundContext in;
};

void check_failure(const Outcome<Bytes>& outcome, Failure expected) {
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error() == expected);
}

BOOST_AUTO_TEST_SUITE(srtp_context)

BOOST_DATA_TEST_CASE(packets_arrive_as_they_were_sent, data::make(kProfiles), profile) {
  Pair pair{profile};
  for (unsigned i = 0; i < 50; ++i) {
    const auto packet = an_rtp_packet(i, 0xcafebabe, i);
    BOOST_TEST((pair.pass_rtp(packet) == packet));
    BOOST_TEST((pair.pass_rtcp(an_rtcp_packet()) == an_rtcp_packet()));
  }
}

BOOST_DATA_TEST_CASE(headers_stay_in_the_clear_and_payloads_do_not, data::make(kProfiles),
                     profile) {
  Pair pair{profile};
  const auto packet = an_rtp_packet(7);
  const auto header = rtp::HeaderView::parse(packet)->size;

  const auto sent = pair.out.protect_rtp(packet);

  BOOST_REQUIRE(sent.has_value());
  BOOST_TEST(sent->size() == packet.size() + parameters(profile).tag_size);
  BOOST_TEST(std::ranges::equal(ByteView{*sent}.first(header), ByteView{packet}.first(header)));
  BOOST_TEST(!std::ranges::equal(ByteView{*sent}.subspan(header, 40), ByteView{packet}.last(40)));
}

BOOST_DATA_TEST_CASE(rtcp_carries_the_flag_and_an_index_that_rises_by_one_for_each_source,
                     data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto tag_behind = profile == Profile::Aes128CmSha1_80 ? 10u : 0u;
  for (std::uint32_t i = 0; i < 3; ++i) {
    for (const std::uint32_t ssrc : {1u, 2u}) {
      const auto sent = pair.out.protect_rtcp(an_rtcp_packet(ssrc));
      BOOST_REQUIRE(sent.has_value());
      ByteReader last{ByteView{*sent}.subspan(sent->size() - tag_behind - 4)};
      BOOST_TEST(last.u32() == (0x80000000u | i));
      BOOST_TEST((read_srtcp_index(profile, *sent) == SrtcpIndex{i, Secrecy::Encrypted}));
    }
  }
}

BOOST_DATA_TEST_CASE(no_octet_of_a_packet_can_be_changed, data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto sent = pair.out.protect_rtp(an_rtp_packet(7));
  for (std::size_t at = 0; at < sent->size(); ++at) {
    auto changed = *sent;
    changed[at] ^= std::byte{1};
    BOOST_TEST(!pair.in.unprotect_rtp(changed).has_value());
  }
  BOOST_TEST(pair.in.unprotect_rtp(*sent).has_value());

  const auto control = pair.out.protect_rtcp(an_rtcp_packet());
  for (std::size_t at = 0; at < control->size(); ++at) {
    auto changed = *control;
    changed[at] ^= std::byte{1};
    BOOST_TEST(!pair.in.unprotect_rtcp(changed).has_value());
  }
  BOOST_TEST(pair.in.unprotect_rtcp(*control).has_value());
}

BOOST_DATA_TEST_CASE(a_changed_packet_costs_only_itself, data::make(kProfiles), profile) {
  Pair pair{profile};
  auto changed = *Pair{profile}.out.protect_rtp(an_rtp_packet(40'000));
  changed.back() ^= std::byte{0x80};
  check_failure(pair.in.unprotect_rtp(changed), Failure::AuthenticationFailed);

  // A source or a turn that only the forgery knew has left no trace.
  BOOST_TEST(pair.pass_rtp(an_rtp_packet(1)).has_value());
}

BOOST_DATA_TEST_CASE(a_packet_of_another_key_is_not_authentic, data::make(kProfiles), profile) {
  Pair pair{profile};
  OutboundContext stranger{profile, a_master_key(profile, 2)};

  check_failure(pair.in.unprotect_rtp(*stranger.protect_rtp(an_rtp_packet(1))),
                Failure::AuthenticationFailed);
  check_failure(pair.in.unprotect_rtcp(*stranger.protect_rtcp(an_rtcp_packet())),
                Failure::AuthenticationFailed);
}

BOOST_DATA_TEST_CASE(what_is_too_short_or_no_rtp_is_malformed, data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto sent = *pair.out.protect_rtp(an_rtp_packet(1, 7, 0));
  const auto control = *pair.out.protect_rtcp(an_rtcp_packet(7));

  check_failure(pair.in.unprotect_rtp(ByteView{sent}.first(sent.size() - 1)), Failure::Malformed);
  check_failure(pair.in.unprotect_rtp({}), Failure::Malformed);
  check_failure(pair.in.unprotect_rtp(to_octets("this is no RTP packet, nor RTCP")),
                Failure::Malformed);
  const auto least = 8 + parameters(profile).tag_size + kSrtcpIndexSize;
  check_failure(pair.in.unprotect_rtcp(ByteView{control}.first(least - 1)), Failure::Malformed);
  check_failure(pair.out.protect_rtp(Bytes(11)), Failure::Malformed);
  check_failure(pair.out.protect_rtcp(Bytes(7)), Failure::Malformed);
}

BOOST_DATA_TEST_CASE(a_packet_is_accepted_once, data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto sent = *pair.out.protect_rtp(an_rtp_packet(1));
  const auto control = *pair.out.protect_rtcp(an_rtcp_packet());

  BOOST_TEST(pair.in.unprotect_rtp(sent).has_value());
  check_failure(pair.in.unprotect_rtp(sent), Failure::Replayed);
  BOOST_TEST(pair.in.unprotect_rtcp(control).has_value());
  check_failure(pair.in.unprotect_rtcp(control), Failure::Replayed);
}

BOOST_DATA_TEST_CASE(a_packet_older_than_the_window_is_too_old, data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto late = *pair.out.protect_rtp(an_rtp_packet(1));
  BOOST_TEST(pair.pass_rtp(an_rtp_packet(1 + 1024)).has_value());

  check_failure(pair.in.unprotect_rtp(late), Failure::TooOld);
}

BOOST_DATA_TEST_CASE(sequence_numbers_wrap_with_loss_and_overtaking, data::make(kProfiles),
                     profile) {
  Pair pair{profile};
  SeededRng rng{5};
  int arrived = 0;
  for (unsigned first = 0; first < 1000; first += 4) {
    // Four at a time in any order, one in ten lost; 211 numbers a step are three turns and more.
    std::vector<std::pair<Bytes, Bytes>> four;
    for (unsigned i = first; i < first + 4; ++i) {
      const auto packet = an_rtp_packet(30'000 + i * 211);
      const auto at = static_cast<std::ptrdiff_t>(rng.below(four.size() + 1));
      four.insert(four.begin() + at, {packet, *pair.out.protect_rtp(packet)});
    }
    for (const auto& [plain, sent] : four) {
      if (rng.below(10) == 0) continue;
      BOOST_TEST((pair.in.unprotect_rtp(sent) == plain));
      ++arrived;
    }
  }
  BOOST_TEST(arrived > 800);
}

BOOST_DATA_TEST_CASE(who_joins_late_needs_to_know_the_turn, data::make(kProfiles), profile) {
  Pair pair{profile};
  for (const unsigned number : {20'000u, 40'000u, 60'000u, 80'000u}) {
    BOOST_REQUIRE(pair.out.protect_rtp(an_rtp_packet(number)).has_value());
  }
  const auto sent = *pair.out.protect_rtp(an_rtp_packet(80'001));
  InboundContext late{profile, a_master_key(profile)};

  check_failure(late.unprotect_rtp(sent), Failure::AuthenticationFailed);
  late.set_rollover_counter(rtp::Ssrc{0xcafebabe}, 1);
  BOOST_TEST(late.unprotect_rtp(sent).has_value());
}

BOOST_DATA_TEST_CASE(a_repetition_is_the_same_octets_and_another_packet_is_refused,
                     data::make(kProfiles), profile) {
  Pair pair{profile};
  const auto first = pair.out.protect_rtp(an_rtp_packet(1));

  BOOST_TEST((pair.out.protect_rtp(an_rtp_packet(1)) == first));
  check_failure(pair.out.protect_rtp(an_rtp_packet(1, 0xcafebabe, 41)), Failure::IndexReused);
}

BOOST_DATA_TEST_CASE(a_key_protects_no_more_than_it_may, data::make(kProfiles), profile) {
  Pair pair{profile, {}, {.rtp_packets = 3, .rtcp_packets = 100}};
  for (unsigned i = 0; i < 3; ++i) BOOST_TEST(pair.pass_rtp(an_rtp_packet(i)).has_value());

  check_failure(pair.pass_rtp(an_rtp_packet(3)), Failure::KeyExhausted);
  check_failure(pair.pass_rtcp(an_rtcp_packet()), Failure::KeyExhausted);
}

BOOST_DATA_TEST_CASE(rtcp_uses_a_key_up_too, data::make(kProfiles), profile) {
  Pair pair{profile, {}, {.rtp_packets = 100, .rtcp_packets = 2}};
  for (int i = 0; i < 2; ++i) BOOST_TEST(pair.pass_rtcp(an_rtcp_packet()).has_value());

  check_failure(pair.pass_rtcp(an_rtcp_packet()), Failure::KeyExhausted);
  check_failure(pair.pass_rtp(an_rtp_packet(0)), Failure::KeyExhausted);
}

BOOST_DATA_TEST_CASE(the_last_turn_ends_the_key, data::make(kProfiles), profile) {
  Pair pair{profile};
  pair.out.set_rollover_counter(rtp::Ssrc{0xcafebabe}, 0xffffffff);
  pair.in.set_rollover_counter(rtp::Ssrc{0xcafebabe}, 0xffffffff);

  BOOST_TEST(pair.pass_rtp(an_rtp_packet(65'535)).has_value());
  check_failure(pair.pass_rtp(an_rtp_packet(65'536)), Failure::KeyExhausted);
}

BOOST_AUTO_TEST_CASE(authentic_sources_are_kept_up_to_a_limit) {
  Pair pair{Profile::AeadAes128Gcm};
  for (std::uint32_t i = 0; i < kMaxSources; ++i) {
    BOOST_REQUIRE(pair.pass_rtp(an_rtp_packet(1, i)).has_value());
  }

  check_failure(pair.pass_rtp(an_rtp_packet(1, kMaxSources)), Failure::TooManySources);
  BOOST_TEST(pair.pass_rtp(an_rtp_packet(2, 0)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(srtp_session)

Bytes keying_material(Profile profile) {
  SeededRng rng{9};
  Bytes material(keying_material_size(profile));
  rng.fill(material);
  return material;
}

BOOST_DATA_TEST_CASE(client_and_server_understand_each_other, data::make(kProfiles), profile) {
  Session client{profile, DtlsRole::Client, keying_material(profile)};
  Session server{profile, DtlsRole::Server, keying_material(profile)};

  const auto to_server = client.protect(PacketKind::Rtp, an_rtp_packet(1));
  const auto to_client = server.protect(PacketKind::Rtcp, an_rtcp_packet());

  BOOST_TEST((server.unprotect(PacketKind::Rtp, *to_server) == an_rtp_packet(1)));
  BOOST_TEST((client.unprotect(PacketKind::Rtcp, *to_client) == an_rtcp_packet()));
  // Not even its own sender accepts a packet that comes back: each direction has a key.
  check_failure(client.unprotect(PacketKind::Rtp, *to_server), Failure::AuthenticationFailed);
}

BOOST_AUTO_TEST_CASE(each_deviation_does_what_it_says) {
  const auto profile = Profile::AeadAes128Gcm;
  Session sound{profile, DtlsRole::Server, keying_material(profile)};
  const auto deviant = [&](Deviation deviation) {
    return Session{profile, DtlsRole::Client, keying_material(profile), {deviation}};
  };

  auto swapped = deviant(Deviation::SrtpKeysSwapped);
  check_failure(
      sound.unprotect(PacketKind::Rtp, *swapped.protect(PacketKind::Rtp, an_rtp_packet(1))),
      Failure::AuthenticationFailed);

  auto clear = deviant(Deviation::SrtpRtcpUnencrypted);
  check_failure(
      sound.unprotect(PacketKind::Rtcp, *clear.protect(PacketKind::Rtcp, an_rtcp_packet())),
      Failure::Unencrypted);

  auto stuck = deviant(Deviation::SrtpRtcpIndexStuck);
  BOOST_TEST(sound.unprotect(PacketKind::Rtcp, *stuck.protect(PacketKind::Rtcp, an_rtcp_packet()))
                 .has_value());
  check_failure(
      sound.unprotect(PacketKind::Rtcp, *stuck.protect(PacketKind::Rtcp, an_rtcp_packet())),
      Failure::Replayed);

  auto turnless = deviant(Deviation::SrtpRolloverStuck);
  for (const unsigned number : {20'000u, 40'000u, 60'000u}) {
    BOOST_TEST(
        sound.unprotect(PacketKind::Rtp, *turnless.protect(PacketKind::Rtp, an_rtp_packet(number)))
            .has_value());
  }
  check_failure(
      sound.unprotect(PacketKind::Rtp, *turnless.protect(PacketKind::Rtp, an_rtp_packet(70'000))),
      Failure::AuthenticationFailed);

  auto credulous = deviant(Deviation::SrtpAcceptReplays);
  const auto packet = *sound.protect(PacketKind::Rtp, an_rtp_packet(1));
  BOOST_TEST(credulous.unprotect(PacketKind::Rtp, packet).has_value());
  BOOST_TEST(credulous.unprotect(PacketKind::Rtp, packet).has_value());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_described_with_its_rule) {
  const auto event = PacketRefused{PacketKind::Rtp, Failure::Replayed}.describe();

  BOOST_TEST(event.name == "srtp:packet_refused");
  BOOST_TEST((*event.find("why") == Value{std::string{"replayed"}}));
  BOOST_TEST((event.rule == Rule{3711, "3.3.2"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::srtp
