#include "agents/sctp/packet.h"

#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

InitBody an_init() {
  return {
      .initiate_tag = 0x11223344,
      .receiver_window = 131072,
      .outbound_streams = 65535,
      .inbound_streams = 65535,
      .initial_tsn = Tsn{0xfffffffe},
      .parameters = {{0xc000, {}}, {0x8008, {std::byte{130}, std::byte{192}}}, {0x8001, Bytes(5)}}};
}

// One of each kind, with all their variable parts in use.
const std::vector<Chunk>& one_of_each() {
  static const std::vector<Chunk> kChunks{
      DataChunk{{Tsn{7}, StreamId{3}, Ssn{9}, Ppid{51}, true, true, false, true},
                Bytes(5, std::byte{1})},
      InitChunk{an_init()},
      InitAckChunk{an_init()},
      SackChunk{Tsn{100}, 5000, {{2, 3}, {5, 5}}, {Tsn{99}, Tsn{98}}},
      HeartbeatChunk{Bytes(9, std::byte{2})},
      HeartbeatAckChunk{Bytes(9, std::byte{3})},
      AbortChunk{TagKind::Reflected, {{12, to_octets("bye")}, {13, {}}}},
      ShutdownChunk{Tsn{4}},
      ShutdownAckChunk{},
      ErrorChunk{{{1, Bytes(4)}, {6, Bytes(7)}}},
      CookieEchoChunk{Bytes(33, std::byte{4})},
      CookieAckChunk{},
      ShutdownCompleteChunk{TagKind::Own},
      ReConfigChunk{{{13, Bytes(14)}, {16, Bytes(8)}}},
      ForwardTsnChunk{Tsn{55}, {{StreamId{1}, Ssn{2}}, {StreamId{3}, Ssn{4}}}},
      UnknownChunk{0xbf, 0x81, Bytes(3, std::byte{5})},
  };
  return kChunks;
}

Packet a_packet(std::vector<Chunk> chunks) {
  return {{5000, 5001, 0xdeadbeef}, std::move(chunks)};
}

BOOST_AUTO_TEST_SUITE(sctp_packet)

BOOST_DATA_TEST_CASE(every_chunk_survives_the_way_out_and_back, data::xrange(one_of_each().size()),
                     i) {
  const auto packet = a_packet({one_of_each()[i], one_of_each()[i]});

  const auto octets = packet.serialize();
  const auto parsed = Packet::parse(octets);

  BOOST_TEST(octets.size() % 4 == 0);
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((*parsed == packet), name(packet.chunks.front()));
}

BOOST_AUTO_TEST_CASE(a_data_chunk_has_the_octets_of_section_3_3_1) {
  ByteWriter out;
  write_data(out, DataKind::Data,
             {Tsn{0x01020304}, StreamId{5}, Ssn{6}, Ppid{51}, false, false, true, true},
             to_octets("hello"));

  BOOST_TEST(to_hex(out.view()) == "0003001501020304000500060000003368656c6c6f000000");
}

BOOST_AUTO_TEST_CASE(the_checksum_stands_with_its_least_significant_octet_first) {
  // COOKIE ACK from port 5000 to 5000 under tag 1; the checksum by the bit-at-a-time method of
  // appendix A.
  const auto octets = Packet{{5000, 5000, 1}, {CookieAckChunk{}}}.serialize();
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const bool checksum = i >= 8 && i < 12;
    crc ^= checksum ? 0 : std::to_integer<std::uint32_t>(octets[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1u) != 0 ? crc >> 1u ^ 0x82f63b78u : crc >> 1u;
  }
  crc = ~crc;

  for (unsigned i = 0; i < 4; ++i) {
    BOOST_TEST(std::to_integer<unsigned>(octets[8 + i]) == (crc >> (8 * i) & 0xffu));
  }
}

BOOST_DATA_TEST_CASE(no_truncation_is_taken_for_the_packet, data::xrange(one_of_each().size()), i) {
  const auto packet = a_packet({one_of_each()[i]});
  const auto octets = packet.serialize();

  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto cut = ByteView{octets}.first(size);
    BOOST_TEST(!Packet::parse(cut).has_value());
    // Past the checksum the structure is judged; a cut within the padding alone loses nothing.
    const auto parsed = Packet::parse(cut, ChecksumPolicy::Ignore);
    BOOST_TEST((!parsed.has_value() || *parsed == packet));
  }
}

BOOST_DATA_TEST_CASE(one_flipped_bit_is_always_noticed, data::xrange(one_of_each().size()), i) {
  auto octets = a_packet({one_of_each()[i]}).serialize();

  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    octets[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    const auto parsed = Packet::parse(octets);
    BOOST_REQUIRE(!parsed.has_value());
    BOOST_TEST((parsed.error().flaw == Flaw::BadChecksum));
    octets[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  }
}

struct BadOctets {
  const char* what;
  const char* chunk;  // hexadecimal, behind the common header
  Flaw flaw;
  std::size_t offset;
  friend std::ostream& operator<<(std::ostream& out, const BadOctets& row) {
    return out << row.what;
  }
};
const std::vector<BadOctets> kBad{
    {"chunk length below its own header", "00030003", Flaw::BadLength, 14},
    {"chunk longer than the packet", "0a000010 00000000", Flaw::BadLength, 14},
    {"INIT without its fixed part", "01000008 00000001", Flaw::Truncated, 16},
    {"parameter length below its own header",
     "01000018 00000001 00001000 00010001 00000001 c0000003", Flaw::BadLength, 34},
    {"parameter longer than its chunk", "01000018 00000001 00001000 00010001 00000001 c0000009",
     Flaw::BadLength, 34},
    {"SACK that counts more gaps than it has", "03000010 00000001 00001000 00010000",
     Flaw::BadLength, 16},
    {"gap block that ends before it starts", "03000014 00000001 00001000 00010000 00050004",
     Flaw::BadValue, 28},
    {"gap block at the cumulative TSN", "03000014 00000001 00001000 00010000 00000004",
     Flaw::BadValue, 28},
    {"SHUTDOWN without a TSN", "07000004", Flaw::BadLength, 16},
    {"FORWARD TSN with half a stream", "c000000a 00000001 0001", Flaw::BadLength, 16},
    {"COOKIE ACK with a body", "0b000008 00000000", Flaw::BadLength, 16},
    {"three octets behind the last chunk", "0b000004 000000", Flaw::Truncated, 16},
};
BOOST_DATA_TEST_CASE(names_the_flaw_and_the_octet, data::make(kBad), row) {
  ByteWriter out;
  out.u16(5000).u16(5000).u32(1).u32(0).octets(from_hex(row.chunk));

  const auto parsed = Packet::parse(out.view(), ChecksumPolicy::Ignore);

  BOOST_REQUIRE(!parsed.has_value());
  BOOST_TEST((parsed.error().flaw == row.flaw), to_string(parsed.error().flaw));
  BOOST_TEST(parsed.error().offset == row.offset);
}

BOOST_AUTO_TEST_CASE(the_padding_of_the_last_parameter_may_be_counted_or_missing) {
  const auto counted = from_hex("82000014 00100010 00000001 00000001 00000000");
  const auto value = ByteView{counted}.subspan(4);
  BOOST_TEST(parse_parameters(value, 0, {6525, "3"}).has_value());
  const auto short_one = from_hex("800800058200");
  BOOST_TEST(parse_parameters(ByteView{short_one}.first(5), 0, {9260, "3"}).has_value());
}

BOOST_AUTO_TEST_CASE(random_octets_never_do_more_than_fail) {
  SeededRng rng{2024};
  for (int round = 0; round < 20000; ++round) {
    Bytes octets(16 + rng.below(120));
    rng.fill(octets);
    // Half of them with a known type and a length that fits, to get past the first look.
    if (round % 2 == 0) {
      octets[12] = static_cast<std::byte>(rng.below(15));
      octets[14] = std::byte{0};
      octets[15] = static_cast<std::byte>(octets.size() - 12);
    }
    const auto parsed = Packet::parse(octets, ChecksumPolicy::Ignore);
    if (!parsed) continue;
    // What was understood can be written again and means the same.
    const auto again = Packet::parse(parsed->serialize());
    BOOST_REQUIRE(again.has_value());
    BOOST_REQUIRE((*again == *parsed));
  }
}

BOOST_AUTO_TEST_CASE(upper_bits_say_what_to_do_with_the_unknown) {
  // RFC 9260 §3.2: 00 stop, 01 stop and report, 10 skip, 11 skip and report.
  BOOST_TEST(!UnknownTypeAction::of_chunk(0x3f).go_on);
  BOOST_TEST(!UnknownTypeAction::of_chunk(0x3f).report);
  BOOST_TEST(!UnknownTypeAction::of_chunk(0x7f).go_on);
  BOOST_TEST(UnknownTypeAction::of_chunk(0x7f).report);
  BOOST_TEST(UnknownTypeAction::of_chunk(0xbf).go_on);
  BOOST_TEST(!UnknownTypeAction::of_chunk(0xbf).report);
  BOOST_TEST(UnknownTypeAction::of_chunk(0xff).go_on);
  BOOST_TEST(UnknownTypeAction::of_chunk(0xff).report);
  BOOST_TEST(UnknownTypeAction::of_parameter(0x8001).go_on);
  BOOST_TEST(!UnknownTypeAction::of_parameter(0x8001).report);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
