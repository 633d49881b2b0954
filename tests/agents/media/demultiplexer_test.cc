#include "agents/media/demultiplexer.h"

#include "agents/media/outgoing_header.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::media {
namespace {

// A packet as it stands on the wire; keeps its octets.
struct Wire {
  std::uint8_t type;
  std::uint32_t ssrc;
  std::string mid{}, rid{}, repaired_rid{};
};

struct Fixture {
  Fixture() {
    demultiplexer.configure(
        {.sections = {
             section("a", {{.type = 96, .codec = "VP8"}, {.type = 97, .codec = "rtx", .apt = 96}}),
             section("b", {{.type = 96, .codec = "VP8"}, {.type = 97, .codec = "rtx", .apt = 96}}),
             section("c", {{.type = 111, .codec = "opus", .clock_rate = 48000}})}});
  }
  static Section section(std::string mid, std::vector<PayloadFormat> formats) {
    Section value{.mid = std::move(mid), .kind = Kind::Video, .receive = std::move(formats)};
    value.extensions = {.mid = 1, .rid = 2, .repaired_rid = 3};
    return value;
  }
  std::optional<Route> route(const Wire& wire) {
    Bytes octets;
    write_header(octets,
                 {.payload_type = wire.type,
                  .ssrc = wire.ssrc,
                  .mid = wire.mid,
                  .rid = wire.rid,
                  .repaired_rid = wire.repaired_rid},
                 {.mid = 1, .rid = 2, .repaired_rid = 3});
    octets.push_back(std::byte{1});
    return demultiplexer.route(*PacketView::parse(octets));
  }
  Demultiplexer demultiplexer;
};

BOOST_FIXTURE_TEST_SUITE(media_demultiplexer, Fixture)

BOOST_AUTO_TEST_CASE(the_mid_comes_first) {
  const auto found = route({.type = 96, .ssrc = 1, .mid = "b"});

  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->section == 1u);
  BOOST_TEST(found->by == "mid");
}

BOOST_AUTO_TEST_CASE(an_ssrc_that_a_mid_has_tied_stays_there_without_it) {
  (void)route({.type = 96, .ssrc = 1, .mid = "b"});

  const auto found = route({.type = 96, .ssrc = 1});

  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->section == 1u);
  BOOST_TEST(found->by == "ssrc");
}

BOOST_AUTO_TEST_CASE(another_mid_moves_the_ssrc) {
  (void)route({.type = 96, .ssrc = 1, .mid = "b"});
  (void)route({.type = 96, .ssrc = 1, .mid = "a"});

  BOOST_TEST(route({.type = 96, .ssrc = 1})->section == 0u);
}

BOOST_AUTO_TEST_CASE(an_unknown_mid_is_dropped_even_where_the_ssrc_is_known) {
  (void)route({.type = 96, .ssrc = 1, .mid = "b"});

  BOOST_TEST(!route({.type = 96, .ssrc = 1, .mid = "zz"}).has_value());
  BOOST_TEST(demultiplexer.why() == "no section has its mid");
}

BOOST_AUTO_TEST_CASE(a_payload_type_tells_the_section_where_it_is_one_sections_alone) {
  const auto found = route({.type = 111, .ssrc = 5});

  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->section == 2u);
  BOOST_TEST(found->by == "payload type");
  BOOST_TEST(!route({.type = 96, .ssrc = 6}).has_value());
  BOOST_TEST(demultiplexer.why() == "nothing tells its section");
}

BOOST_AUTO_TEST_CASE(a_payload_type_that_the_section_has_not_is_dropped) {
  BOOST_TEST(!route({.type = 111, .ssrc = 1, .mid = "a"}).has_value());
  BOOST_TEST(demultiplexer.why() == "its section has no such payload type");
}

BOOST_AUTO_TEST_CASE(an_rtx_stream_repairs_the_one_whose_rid_it_names) {
  (void)route({.type = 96, .ssrc = 1, .mid = "a", .rid = "hi"});
  (void)route({.type = 96, .ssrc = 2, .mid = "a", .rid = "lo"});

  BOOST_TEST(route({.type = 97, .ssrc = 3, .mid = "a", .repaired_rid = "lo"})->stream.value() ==
             2u);
  BOOST_TEST(route({.type = 97, .ssrc = 3, .mid = "a"})->stream.value() == 2u);  // from then on
}

BOOST_AUTO_TEST_CASE(an_rtx_stream_without_rid_repairs_the_only_stream) {
  (void)route({.type = 96, .ssrc = 1, .mid = "a"});

  BOOST_TEST(route({.type = 97, .ssrc = 3, .mid = "a"})->stream.value() == 1u);
}

BOOST_AUTO_TEST_CASE(an_rtx_stream_that_could_repair_two_waits) {
  (void)route({.type = 96, .ssrc = 1, .mid = "a"});
  (void)route({.type = 96, .ssrc = 2, .mid = "a"});

  BOOST_TEST(!route({.type = 97, .ssrc = 3, .mid = "a"})->stream.has_value());
}

BOOST_AUTO_TEST_CASE(signalled_sources_need_no_mid) {
  auto sections = std::vector{
      section("a", {{.type = 96, .codec = "VP8"}, {.type = 97, .codec = "rtx", .apt = 96}}),
      section("b", {{.type = 96, .codec = "VP8"}, {.type = 97, .codec = "rtx", .apt = 96}})};
  sections[1].remote_sources = {{.ssrc = 42, .rtx_ssrc = 43}};
  demultiplexer.configure({.sections = sections});

  BOOST_TEST(route({.type = 96, .ssrc = 42})->section == 1u);
  BOOST_TEST(route({.type = 97, .ssrc = 43})->stream.value() == 42u);
}

BOOST_AUTO_TEST_CASE(what_was_learnt_survives_a_renegotiation_and_not_the_end_of_its_section) {
  (void)route({.type = 96, .ssrc = 1, .mid = "b"});
  const std::vector<PayloadFormat> formats{{.type = 96, .codec = "VP8"}};
  demultiplexer.configure({.sections = {section("x", formats), section("b", formats)}});
  BOOST_TEST(route({.type = 96, .ssrc = 1})->section == 1u);

  demultiplexer.configure({.sections = {section("x", formats), section("y", formats)}});
  BOOST_TEST(!route({.type = 96, .ssrc = 1}).has_value());
}

BOOST_AUTO_TEST_CASE(ids_above_fourteen_and_long_mids_take_the_two_byte_form) {
  Bytes octets;
  const std::string mid(20, 'm');
  write_header(octets, {.payload_type = 96, .ssrc = 1, .mid = mid, .rid = "r"},
               {.mid = 1, .rid = 200});
  const auto packet = PacketView::parse(octets);

  BOOST_REQUIRE(packet.has_value());
  BOOST_TEST(packet->profile == 0x1000);
  BOOST_TEST(packet->text(1) == mid);
  BOOST_TEST(packet->text(200) == "r");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
