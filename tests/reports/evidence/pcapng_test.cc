#include "reports/evidence/capture_file.h"
#include "tests/reports/evidence/pcapng_builder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace rtclab;
using namespace rtclab::evidence;
using test::ByteOrder;
using test::PcapngBuilder;
using test::udp_frame;

namespace {

Bytes a_small_file(ByteOrder order = ByteOrder::Little) {
  PcapngBuilder file{order};
  file.interface(1, "alice.eth0").interface(1, "home.lan");
  file.secrets("# comment\nCLIENT_RANDOM aa bb\r\n\nCLIENT_RANDOM cc dd\n");
  const auto frame = udp_frame("192.0.2.1:5000", "192.0.2.2:6000", as_octets("hello"));
  file.packet(0, 1'500'000'007, frame,
              {{2, file.number32(2)}, {5, file.number64(0x1122334455667788)}});
  file.packet(1, 1'600'000'000, frame,
              {{1, to_octets("dropped by home: why")}, {2, file.number32(1)}});
  return file.bytes();
}

std::string complaint(const Bytes& content) {
  const auto capture = parse_pcapng("x.pcapng", content);
  BOOST_REQUIRE(!capture.has_value());
  return capture.error().to_string();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pcapng)

BOOST_DATA_TEST_CASE(reads_what_libpcap_hides_in_either_byte_order, data::make({false, true}),
                     big) {
  const auto capture = parse_pcapng("x", a_small_file(big ? ByteOrder::Big : ByteOrder::Little));

  BOOST_REQUIRE(capture.has_value());
  BOOST_REQUIRE(capture->frames.size() == 2);
  BOOST_TEST(capture->interfaces[1].name == "home.lan");
  const auto& first = capture->frames[0];
  BOOST_TEST(first.number == 1u);
  BOOST_TEST(first.at == 1'500'000'007);
  BOOST_TEST((first.direction == Direction::Outbound));
  BOOST_TEST(first.id.value() == 0x1122334455667788u);
  BOOST_TEST(capture->frames[1].comment == "dropped by home: why");
  BOOST_TEST((capture->frames[1].direction == Direction::Inbound));
  BOOST_TEST(
      capture->secrets == (std::vector<std::string>{"CLIENT_RANDOM aa bb", "CLIENT_RANDOM cc dd"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(time_is_in_the_interfaces_own_units) {
  PcapngBuilder file;
  file.interface(1, "micro", 6).interface(1, "binary", 0x80 | 10);
  file.packet(0, 2'000'001, {}).packet(1, 1024 + 512, {});

  const auto capture = parse_pcapng("x", file.bytes());

  BOOST_TEST(capture->frames[0].at == 2'000'001'000);
  BOOST_TEST(capture->frames[1].at == 1'500'000'000);
}

BOOST_AUTO_TEST_CASE(a_second_section_counts_its_interfaces_anew) {
  auto content = a_small_file();
  const auto second = a_small_file(ByteOrder::Big);
  content.insert(content.end(), second.begin(), second.end());

  const auto capture = parse_pcapng("x", content);

  BOOST_REQUIRE(capture->frames.size() == 4);
  BOOST_TEST(capture->frames[3].number == 4u);
  BOOST_TEST(capture->frames[3].interface == 3u);
}

BOOST_AUTO_TEST_CASE(blocks_of_other_kinds_are_skipped) {
  PcapngBuilder file;
  file.interface(1, "a").foreign(0x0000000B, as_octets("systemd journal")).packet(0, 1, {});

  BOOST_TEST(parse_pcapng("x", file.bytes())->frames.size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_truncation_leaves_the_frames_before_it_and_says_where_it_is) {
  const auto whole = a_small_file();
  std::size_t frames = 0;
  std::size_t between_blocks = 0;

  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto capture = parse_pcapng("x", ByteView{whole}.first(length));
    BOOST_REQUIRE(capture.has_value());
    BOOST_TEST(capture->frames.size() >= frames);
    frames = capture->frames.size();
    if (capture->cut.empty()) ++between_blocks;
  }

  BOOST_TEST(frames == parse_pcapng("x", whole)->frames.size());
  BOOST_TEST(between_blocks < whole.size() / 12);  // no block is shorter
}

BOOST_AUTO_TEST_CASE(every_changed_octet_is_read_or_refused_and_never_harms) {
  const auto whole = a_small_file();

  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const auto value : {0x00, 0x7f, 0xff}) {
      auto copy = whole;
      copy[at] = static_cast<std::byte>(value);
      const auto capture = parse_pcapng("x", copy);
      if (!capture) BOOST_TEST(!capture.error().message.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_packet_of_an_interface_that_is_not_there_is_named) {
  PcapngBuilder file;
  file.interface(1, "a").packet(3, 1, {});

  BOOST_TEST(complaint(file.bytes()) ==
             "x.pcapng: is damaged: block 3 is of an interface that the file does not describe");
}

BOOST_AUTO_TEST_CASE(a_block_length_of_zero_does_not_loop) {
  PcapngBuilder file;
  auto content = file.bytes();
  content.resize(content.size() + 12);

  BOOST_TEST(complaint(content) == "x.pcapng: is damaged: block 2 says that it is 0 octets long");
}

BOOST_AUTO_TEST_SUITE_END()
