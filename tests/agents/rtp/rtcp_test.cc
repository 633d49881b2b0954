#include "agents/rtp/rtcp.h"

#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::rtp {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

ReportBlock a_block() {
  return {.source = Ssrc{0x22222222},
          .fraction_lost = 64,
          .cumulative_lost = -2,
          .extended_highest_sequence_number = 0x00011234,
          .jitter = 90,
          .last_sr = CompactNtp{0x11112222},
          .delay_since_last_sr = CompactNtp{0x00010000}};
}

TransportFeedback a_feedback() {
  TransportFeedback feedback{.sender = Ssrc{1},
                             .media = Ssrc{2},
                             .base_sequence_number = SequenceNumber{65530},
                             .reference_time = -3,
                             .feedback_count = 9,
                             .packets = {}};
  feedback.packets.resize(40);   // a run of lost ones …
  for (int i = 0; i < 9; ++i) {  // … then a mixture
    feedback.packets.push_back(
        {.received = i % 2 == 0, .delta = static_cast<std::int16_t>(i % 2 == 0 ? i * 4 : 0)});
  }
  feedback.packets.push_back({.received = true, .delta = -1});
  feedback.packets.push_back({.received = true, .delta = 256});
  return feedback;
}

// One of each kind, with all their variable parts in use.
const std::vector<RtcpPacket>& one_of_each() {
  static const std::vector<RtcpPacket> kPackets{
      SenderReport{Ssrc{7},
                   NtpTime{0x0102030405060708},
                   RtpTimestamp{9},
                   10,
                   11,
                   {a_block(), a_block()},
                   from_hex("00112233")},
      ReceiverReport{Ssrc{7}, {a_block()}, {}},
      SourceDescription{{{Ssrc{7}, {{SdesType::Cname, "abc"}, {SdesType::Mid, "audio"}}},
                         {Ssrc{8}, {{SdesType::RtpStreamId, "hi"}}},
                         {Ssrc{9}, {}}}},
      Goodbye{{Ssrc{7}, Ssrc{8}}, "teardown"},
      Goodbye{{}, std::nullopt},
      ApplicationDefined{31, Ssrc{7}, "test", from_hex("0011223344556677")},
      Nack{Ssrc{7}, Ssrc{8}, {{SequenceNumber{65535}, 0x8001}, {SequenceNumber{20}, 0}}},
      Tmmbr{Ssrc{7}, {{Ssrc{8}, 100'000, 40}}},
      Tmmbn{Ssrc{7}, {}},
      a_feedback(),
      PictureLossIndication{Ssrc{7}, Ssrc{8}},
      FullIntraRequest{Ssrc{7}, {{Ssrc{8}, 255}, {Ssrc{9}, 0}}},
      ReceiverEstimatedMaximumBitrate{Ssrc{7}, 2'500'000, {Ssrc{8}, Ssrc{9}}},
      ExtendedReport{Ssrc{7},
                     {ReceiverReferenceTime{NtpTime{1}},
                      DelaySinceLastRr{{{Ssrc{8}, CompactNtp{2}, CompactNtp{3}}}},
                      UnknownReportBlock{1, 2, from_hex("00010002")}}},
      UnknownRtcp{213, 5, from_hex("0000000700000008")},
      UnknownRtcp{206, 2, from_hex("000000070000000800000000")},  // slice loss
  };
  return kPackets;
}

BOOST_AUTO_TEST_SUITE(rtcp)

BOOST_DATA_TEST_CASE(every_packet_survives_the_way_out_and_back, data::xrange(one_of_each().size()),
                     i) {
  const CompoundPacket compound{{one_of_each()[i], one_of_each()[i]}, 8};

  const auto parsed = CompoundPacket::parse(compound.serialize());

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((*parsed == compound));
  BOOST_TEST(name(parsed->packets[0]) == name(one_of_each()[i]));
}

BOOST_DATA_TEST_CASE(no_truncation_passes_as_the_whole, data::xrange(one_of_each().size()), i) {
  const CompoundPacket compound{{one_of_each()[i]}, 0};
  const auto octets = compound.serialize();

  for (std::size_t size = 0; size < octets.size(); ++size) {
    BOOST_TEST(!CompoundPacket::parse(ByteView{octets}.first(size)).has_value());
  }
}

struct Wire {
  const char* what;
  const char* hex;
  RtcpPacket packet;
};
std::ostream& operator<<(std::ostream& out, const Wire& wire) {
  return out << wire.what;
}
const std::vector<Wire> kWire{
    {"RR: one block", "81c90007 00000007 22222222 40fffffe 00011234 0000005a 11112222 00010000",
     ReceiverReport{Ssrc{7}, {a_block()}, {}}},
    {"SDES: CNAME of three octets ends with three null octets",
     "81ca0003 00000007 0103 616263 000000",
     SourceDescription{{{Ssrc{7}, {{SdesType::Cname, "abc"}}}}}},
    {"SDES: CNAME of two octets ends with four", "81ca0003 00000007 0102 6162 00000000",
     SourceDescription{{{Ssrc{7}, {{SdesType::Cname, "ab"}}}}}},
    {"BYE with a reason", "81cb0002 00000007 03 627965", Goodbye{{Ssrc{7}}, "bye"}},
    {"generic NACK: 65535 and 0", "81cd0003 00000007 00000008 ffff 0001",
     Nack{Ssrc{7}, Ssrc{8}, {{SequenceNumber{65535}, 1}}}},
    {"PLI", "81ce0002 00000007 00000008", PictureLossIndication{Ssrc{7}, Ssrc{8}}},
    {"FIR, command 1", "84ce0004 00000007 00000000 00000008 01 000000",
     FullIntraRequest{Ssrc{7}, {{Ssrc{8}, 1}}}},
    // exponent 2, mantissa 250000: 1 Mbit/s
    {"REMB of 1 Mbit/s", "8fce0005 00000007 00000000 52454d42 01 0bd090 00000008",
     ReceiverEstimatedMaximumBitrate{Ssrc{7}, 1'000'000, {Ssrc{8}}}},
    {"TMMBR of 100 kbit/s with 40 octets of overhead",
     "83cd0004 00000007 00000000 00000008 030d4028", Tmmbr{Ssrc{7}, {{Ssrc{8}, 100'000, 40}}}},
    {"XR: receiver reference time", "80cf0004 00000007 04000002 0000000000000001",
     ExtendedReport{Ssrc{7}, {ReceiverReferenceTime{NtpTime{1}}}}},
};
BOOST_DATA_TEST_CASE(stands_in_octets_as_the_standard_draws_it, data::make(kWire), wire) {
  const CompoundPacket compound{{wire.packet}, 0};

  const auto parsed = CompoundPacket::parse(from_hex(wire.hex));

  BOOST_TEST(to_hex(compound.serialize()) == to_hex(from_hex(wire.hex)));
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((*parsed == compound));
}

struct BadRtcp {
  const char* what;
  const char* hex;
  ParseError error;
};
std::ostream& operator<<(std::ostream& out, const BadRtcp& bad) {
  return out << bad.what;
}
const std::vector<BadRtcp> kBadRtcp{
    {"nothing", "", {Flaw::Truncated, 0, {3550, "6.1"}}},
    {"version 1", "41c90001 00000007", {Flaw::BadMagic, 0, {3550, "6.4.1"}}},
    {"longer than the datagram", "80c90002 00000007", {Flaw::BadLength, 2, {3550, "6.4.1"}}},
    {"a second packet cut in its header",
     "80c90001 00000007 81cb",
     {Flaw::Truncated, 10, {3550, "6.4.1"}}},
    {"padding before the last packet",
     "a0c90002 00000007 00000004 80c90001 00000007",
     {Flaw::BadValue, 0, {3550, "6.4.1"}}},
    {"padding of five octets",
     "a0c90003 00000007 00000000 00000005",
     {Flaw::BadLength, 15, {3550, "6.4.1"}}},
    {"padding longer than the packet", "a0c90001 00000008", {Flaw::BadLength, 7, {3550, "6.4.1"}}},
    {"a report block that is not there",
     "81c90001 00000007",
     {Flaw::BadLength, 8, {3550, "6.4.2"}}},
    {"a chunk without an end", "81ca0002 00000007 01026162", {Flaw::Truncated, 12, {3550, "6.5"}}},
    {"an item longer than the packet",
     "81ca0002 00000007 01036162",
     {Flaw::BadLength, 9, {3550, "6.5"}}},
    {"octets behind the chunks", "80ca0001 00000007", {Flaw::BadLength, 4, {3550, "6.5"}}},
    {"a BYE of more sources than there are",
     "82cb0001 00000007",
     {Flaw::BadLength, 8, {3550, "6.6"}}},
    {"a reason longer than the packet",
     "81cb0002 00000007 04627965",
     {Flaw::BadLength, 8, {3550, "6.6"}}},
    {"a NACK of nothing", "81cd0002 00000007 00000008", {Flaw::BadLength, 12, {4585, "6.2.1"}}},
    {"a PLI with content",
     "81ce0003 00000007 00000008 00000000",
     {Flaw::BadLength, 12, {4585, "6.3.1"}}},
    {"feedback without a media source", "81ce0001 00000007", {Flaw::Truncated, 8, {4585, "6.1"}}},
    {"a TMMBR faster than 64 bits",
     "83cd0004 00000007 00000000 00000008 fffffe00",
     {Flaw::BadValue, 16, {5104, "4.2.1.1"}}},
    {"a REMB of fewer SSRCs than it says",
     "8fce0004 00000007 00000000 52454d42 01030d40",
     {Flaw::BadLength, 16, {4585, "6.4"}}},
    {"transport feedback of nothing",
     "8fcd0005 00000007 00000008 0001 0000 000000 00 00000000",
     {Flaw::BadValue, 14, {4585, "6.2"}}},
    {"transport feedback with the reserved symbol",
     "8fcd0005 00000007 00000008 0001 0001 000000 00 f000 0000",
     {Flaw::BadValue, 22, {4585, "6.2"}}},
    {"XR: a reference time of four octets",
     "80cf0003 00000007 04000001 00000000",
     {Flaw::BadLength, 10, {3611, "4.4"}}},
};
BOOST_DATA_TEST_CASE(names_the_flaw_its_place_and_its_rule, data::make(kBadRtcp), bad) {
  const auto parsed = CompoundPacket::parse(from_hex(bad.hex));

  BOOST_REQUIRE(!parsed.has_value());
  BOOST_TEST(to_string(parsed.error().flaw) == to_string(bad.error.flaw));
  BOOST_TEST(parsed.error().offset == bad.error.offset);
  BOOST_TEST(parsed.error().rule.to_string() == bad.error.rule.to_string());
}

BOOST_AUTO_TEST_CASE(only_reduced_size_may_begin_without_a_report) {
  const CompoundPacket pli{{PictureLossIndication{Ssrc{7}, Ssrc{8}}}, 0};
  const CompoundPacket full{
      {ReceiverReport{Ssrc{7}, {}, {}}, PictureLossIndication{Ssrc{7}, Ssrc{8}}}, 0};

  BOOST_TEST(!CompoundPacket::parse(pli.serialize(), RtcpForm::Compound).has_value());
  BOOST_TEST(CompoundPacket::parse(pli.serialize(), RtcpForm::ReducedSize).has_value());
  BOOST_TEST(CompoundPacket::parse(full.serialize(), RtcpForm::Compound).has_value());
}

BOOST_AUTO_TEST_CASE(a_compound_packet_finds_its_parts) {
  const CompoundPacket compound{{one_of_each()[0], one_of_each()[2]}, 0};

  BOOST_TEST(compound.find<ReceiverReport>() == nullptr);
  BOOST_REQUIRE(compound.find<SourceDescription>() != nullptr);
  BOOST_TEST(*compound.find<SourceDescription>()->chunks[0].find(SdesType::Cname) == "abc");
  BOOST_TEST(!compound.find<SourceDescription>()->chunks[1].find(SdesType::Cname));
  BOOST_TEST((sender(compound.packets[0]) == Ssrc{7}));
}

BOOST_AUTO_TEST_CASE(a_nack_names_lost_packets_across_the_wrap_in_the_fewest_items) {
  std::vector<SequenceNumber> lost;
  for (const int number : {65534, 65535, 0, 14, 15, 40})
    lost.emplace_back(static_cast<std::uint16_t>(number));

  const auto items = Nack::items_for(lost);

  // 65534 + 16 is 14; 15 needs an item of its own.
  BOOST_TEST(items.size() == 3u);
  BOOST_TEST((items[0] == NackItem{SequenceNumber{65534}, 0x8003}));
  BOOST_TEST((Nack{Ssrc{1}, Ssrc{2}, items}.lost() == lost));
}

BOOST_AUTO_TEST_CASE(a_rate_that_no_mantissa_holds_is_written_as_the_next_lower) {
  const CompoundPacket compound{{ReceiverEstimatedMaximumBitrate{Ssrc{7}, 10'000'001, {}}}, 0};

  const auto parsed = CompoundPacket::parse(compound.serialize());

  BOOST_REQUIRE(parsed.has_value());
  const auto rate = parsed->find<ReceiverEstimatedMaximumBitrate>()->bitrate;
  BOOST_TEST(rate <= 10'000'001u);
  BOOST_TEST(rate > 10'000'001u - 64);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rtp_transport_feedback)

Result<CompoundPacket> parse_control(const char* control) {
  auto body = from_hex("0000000700000008");
  const auto rest = from_hex(control);
  body.insert(body.end(), rest.begin(), rest.end());
  ByteWriter out;
  out.u8(0x8f).u8(205).u16(body.size() / 4).octets(body);
  return CompoundPacket::parse(out.view());
}

BOOST_AUTO_TEST_CASE(all_kinds_of_chunks_are_read) {
  // base 1, 24 packets, reference time 5, count 2
  // run of 3 not received | one bit: 1 0 1 and eleven lost | two bits: small, large, five lost
  const auto parsed = parse_control("0001 0018 000005 02 0003 a800 d800 04 08 0c ff00 00");

  BOOST_REQUIRE(parsed.has_value());
  const auto& feedback = *parsed->find<TransportFeedback>();
  BOOST_TEST(feedback.packets.size() == 24u);
  const auto arrivals = feedback.arrivals();
  BOOST_TEST(!arrivals[0]);
  BOOST_TEST((arrivals[3] == 5 * 64ms + 1ms));
  BOOST_TEST(!arrivals[4]);
  BOOST_TEST((arrivals[5] == 5 * 64ms + 3ms));
  BOOST_TEST((arrivals[17] == 5 * 64ms + 6ms));
  BOOST_TEST((arrivals[18] == 5 * 64ms + 6ms - 256 * 250us));
  BOOST_TEST(std::ranges::count(arrivals, std::optional<Duration>{}) == 20);
}

BOOST_AUTO_TEST_CASE(a_run_longer_than_the_message_ends_with_it) {
  const auto parsed = parse_control("0001 0002 000000 00 3fff 01 02");

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->find<TransportFeedback>()->packets.size() == 2u);
}

// 0x2000 packets in one run of "not received" and a second one that repeats it, in 4 octets.
BOOST_AUTO_TEST_CASE(so_many_packets_as_nobody_has_in_flight_are_refused) {
  BOOST_TEST(parse_control("0001 2000 000000 00 1fff 1fff").has_value());
  const auto parsed = parse_control("0001 2001 000000 00 1fff 1fff");

  BOOST_REQUIRE(!parsed.has_value());
  BOOST_TEST((parsed.error().flaw == Flaw::BadValue));
}

// libwebrtc sets the padding bit for the octets that fill up the last word.
BOOST_AUTO_TEST_CASE(octets_that_fill_the_last_word_may_be_called_padding) {
  const auto parsed =
      CompoundPacket::parse(from_hex("afcd0005 00000007 00000008 0001 0001 000000 00 2001 04 01"));

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->padding == 0);
  BOOST_TEST((parsed->find<TransportFeedback>()->packets ==
              std::vector<PacketStatus>{{.received = true, .delta = 4}}));
}

BOOST_AUTO_TEST_CASE(two_hundred_packets_in_a_row_take_one_chunk) {
  TransportFeedback feedback = a_feedback();
  feedback.packets.assign(200, {.received = true, .delta = 8});

  // header 4, SSRCs 8, control 8, one chunk 2, 200 deltas, filled to 224
  BOOST_TEST((CompoundPacket{{feedback}, 0}.serialize().size()) == 224u);
}

BOOST_DATA_TEST_CASE(any_pattern_of_arrivals_survives, data::xrange(50), seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  TransportFeedback feedback = a_feedback();
  feedback.packets.clear();
  const auto count = 1 + rng.below(300);
  const auto loss = rng.uniform();
  const auto jump = rng.uniform() * 0.3;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (rng.uniform() < loss) {
      feedback.packets.push_back({});
    } else {
      const auto delta = rng.uniform() < jump ? rng.next() : rng.below(256);
      feedback.packets.push_back({.received = true, .delta = static_cast<std::int16_t>(delta)});
    }
  }

  const auto parsed = CompoundPacket::parse(CompoundPacket{{feedback}, 0}.serialize());

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((*parsed->find<TransportFeedback>() == feedback));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rtp_ntp_time)

BOOST_AUTO_TEST_CASE(virtual_time_begins_in_2026) {
  // 2026-01-01T00:00:00Z is 3,976,214,400 s after 1900.
  BOOST_TEST((to_ntp(Instant{}).value() >> 32u) == 3'976'214'400u);
  BOOST_TEST(to_ntp(Instant{500ms}).value() - to_ntp(Instant{}).value() == 1u << 31u);
}

BOOST_AUTO_TEST_CASE(an_instant_survives_to_the_nanosecond) {
  for (const auto at : {0ns, 1ns, 999'999'999ns, 123'456'789'123ns, -1ns, -7'654'321ns}) {
    BOOST_TEST((to_instant(to_ntp(Instant{at})) == Instant{at}));
  }
}

// The example of RFC 3550 §6.4.1, figure 2: A = 0xb710:8000, DLSR = 5.250 s, LSR = 0xb705:2000.
BOOST_AUTO_TEST_CASE(the_round_trip_of_rfc_3550_is_6_125_seconds) {
  BOOST_TEST(to_compact(5250ms).value() == 0x00054000u);
  const auto trip =
      round_trip_time(CompactNtp{0xb7108000}, CompactNtp{0xb7052000}, CompactNtp{0x00054000});
  BOOST_TEST((trip == 6125ms));
}

BOOST_AUTO_TEST_CASE(a_round_trip_is_never_negative) {
  BOOST_TEST((round_trip_time(CompactNtp{10}, CompactNtp{8}, CompactNtp{5}) == 0ns));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
