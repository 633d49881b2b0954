#include "sim/capture/pcapng_writer.h"

#include "agents/base/ip_packet.h"
#include "tests/sim/capture/tshark.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <sstream>

namespace rtclab::capture {
namespace {

using namespace std::chrono_literals;

// A reader of its own, so that a mistake in the writer cannot hide in a shared one. Little-endian.
struct Block {
  std::uint32_t type;
  std::string body;  // between the two lengths

  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i)
      value |= std::uint32_t{static_cast<std::uint8_t>(body.at(at + i))} << 8 * i;
    return value;
  }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    return static_cast<std::uint16_t>(u32(at));
  }
  // The options from `at` on, to the end-of-options option that must close them.
  [[nodiscard]] std::map<int, std::string> options(std::size_t at) const {
    std::map<int, std::string> found;
    for (;;) {
      const auto head = u32(at);
      if (head == 0) break;
      const auto length = head >> 16u;
      found[static_cast<int>(head & 0xffffu)] = body.substr(at + 4, length);
      at += 4 + (length + 3) / 4 * 4;
    }
    BOOST_TEST(at + 4 == body.size());
    return found;
  }
};

std::vector<Block> blocks_of(const std::string& file) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < file.size();) {
    const Block head{0, file.substr(at, 8)};
    const auto length = head.u32(4);
    BOOST_REQUIRE(length % 4 == 0);
    BOOST_REQUIRE(at + length <= file.size());
    BOOST_TEST((Block{0, file.substr(at + length - 4, 4)}.u32(0)) == length);
    blocks.push_back({head.u32(0), file.substr(at + 8, length - 12)});
    at += length;
  }
  return blocks;
}

Bytes a_datagram(std::string_view text) {
  return ip::build_udp(*Endpoint::parse("192.168.1.10:5000"), *Endpoint::parse("203.0.113.1:40000"),
                       as_octets(text), 7);
}

// Two interfaces and two packets: one goes through, one is dropped.
struct Written {
  std::ostringstream out;
  PcapngWriter writer{out, "rtclab test"};
  Bytes first = a_datagram("odd");
  Bytes second = a_datagram("hello");

  Written() {
    const auto laptop =
        writer.add_interface({"alice-laptop.eth0", "alice-laptop eth0 192.168.1.10/24"});
    const auto home = writer.add_interface({"home-a.inside", "home-a inside 192.168.1.1/24"});
    const Frame frame{laptop, home};
    writer.packet(
        {laptop, Instant{1'000'000'007ns}, Direction::Outbound, frame, first, sim::PacketId{1}});
    writer.dropped(
        {home, Instant{1'000'000'008ns}, Direction::Inbound, frame, second, sim::PacketId{1u}},
        "dropped by home-a: no route — really");
    writer.secrets(Instant{2s}, "CLIENT_RANDOM 00 11");
  }
};

BOOST_FIXTURE_TEST_SUITE(pcapng_writer, Written)

BOOST_AUTO_TEST_CASE(the_file_is_one_section_with_a_block_for_each_thing_told) {
  const auto blocks = blocks_of(out.str());

  BOOST_REQUIRE(blocks.size() == 6u);
  BOOST_TEST(blocks[0].type == 0x0a0d0d0au);
  BOOST_TEST(blocks[0].u32(0) == 0x1a2b3c4du);
  BOOST_TEST(blocks[0].options(16).at(4) == "rtclab test");
  BOOST_TEST(blocks[1].type == 1u);
  BOOST_TEST(blocks[2].type == 1u);
  BOOST_TEST(blocks[3].type == 6u);
  BOOST_TEST(blocks[4].type == 6u);
  BOOST_TEST(blocks[5].type == 0x0au);
  BOOST_TEST(writer.packets() == 2u);
}

BOOST_AUTO_TEST_CASE(an_interface_is_ethernet_with_its_name_and_nanoseconds) {
  const auto block = blocks_of(out.str()).at(2);

  const auto options = block.options(8);
  BOOST_TEST(block.u16(0) == 1);
  BOOST_TEST(options.at(2) == "home-a.inside");
  BOOST_TEST(options.at(3) == "home-a inside 192.168.1.1/24");
  BOOST_TEST(options.at(6) == std::string("\x02\0\0\0\0\x02", 6));
  BOOST_TEST(options.at(9) == "\x09");
}

BOOST_AUTO_TEST_CASE(a_packet_carries_its_time_frame_direction_and_identity) {
  const auto block = blocks_of(out.str()).at(3);

  const auto time = std::uint64_t{block.u32(4)} << 32u | block.u32(8);
  BOOST_TEST(block.u32(0) == 0u);
  BOOST_TEST(time == 1'767'225'601'000'000'007u);
  BOOST_TEST(block.u32(12) == 14 + first.size());
  BOOST_TEST(block.body.substr(20, 14) ==
             std::string("\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0", 14));
  BOOST_TEST(block.body.substr(34, first.size()) == as_text(first));
  const auto options = block.options(20 + (14 + first.size() + 3) / 4 * 4);
  BOOST_TEST(options.at(2) == std::string("\x06\0\0\0", 4));  // outbound, unicast
  BOOST_TEST(options.at(5) == std::string("\x01\0\0\0\0\0\0\0", 8));
  BOOST_TEST(!options.contains(1));
}

BOOST_AUTO_TEST_CASE(only_a_dropped_packet_has_a_comment) {
  const auto block = blocks_of(out.str()).at(4);

  const auto options = block.options(20 + (14 + second.size() + 3) / 4 * 4);

  BOOST_TEST(options.at(1) == "dropped by home-a: no route — really");
  BOOST_TEST(options.at(2) == std::string("\x05\0\0\0", 4));  // inbound, unicast
  BOOST_TEST(options.at(5) == std::string("\x01\0\0\0\0\0\0\0", 8));
}

BOOST_AUTO_TEST_CASE(secrets_are_a_key_log_that_ends_its_lines) {
  const auto block = blocks_of(out.str()).at(5);

  BOOST_TEST(block.u32(0) == 0x544c534bu);
  BOOST_TEST(block.u32(4) == 20u);
  BOOST_TEST(block.body.substr(8, 20) == "CLIENT_RANDOM 00 11\n");
}

BOOST_AUTO_TEST_CASE(wireshark_reads_every_field_as_it_was_meant) {
  const auto fields =
      tshark(out.str(),
             "-T fields -E separator='|' -e frame.interface_name -e frame.time_epoch "
             "-e frame.packet_flags_direction -e ip.checksum.status -e udp.checksum.status "
             "-e frame.comment -e _ws.malformed");

  BOOST_TEST(
      fields ==
      "alice-laptop.eth0|1767225601.000000007|0x00000002|1|1||\n"
      "home-a.inside|1767225601.000000008|0x00000001|1|1|dropped by home-a: no route — really|\n");
}

BOOST_AUTO_TEST_CASE(wireshark_keeps_the_identity_of_a_packet) {
  const auto fields = tshark(out.str(), "-T fields -e frame.packet_id");

  BOOST_TEST(fields == "1\n1\n");
}

BOOST_AUTO_TEST_CASE(capinfos_counts_what_was_written) {
  const auto text = capinfos(out.str(), "-c -I -E -k");

  BOOST_TEST(text.find("Number of packets:   2") != std::string::npos, text);
  BOOST_TEST(text.find("Ethernet") != std::string::npos, text);
  BOOST_TEST(text.find("Name = alice-laptop.eth0") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::capture
