#include "agents/mdns/name.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::mdns {
namespace {

namespace data = boost::unit_test::data;

// A name that begins right behind a header of zeros.
Result<Name> read_behind_header(const std::string& hex, std::size_t skip = 0) {
  const auto octets = from_hex("000000000000000000000000" + hex);
  ByteReader reader{octets};
  reader.skip(12 + skip);
  return read_name(octets, reader);
}

struct BadName {
  const char* why;
  const char* hex;
  std::size_t skip;
  ParseError error;
};
std::ostream& operator<<(std::ostream& out, const BadName& row) {
  return out << row.why;
}
const std::vector<BadName> kBadNames{
    {"nothing at all", "", 0, {Flaw::Truncated, 12, {1035, "3.1"}}},
    {"a label past the end", "0361", 0, {Flaw::Truncated, 14, {1035, "3.1"}}},
    {"no root", "0161", 0, {Flaw::Truncated, 14, {1035, "3.1"}}},
    {"half a pointer", "c0", 0, {Flaw::Truncated, 13, {1035, "4.1.4"}}},
    {"a pointer to itself", "c00c", 0, {Flaw::BadValue, 12, {1035, "4.1.4"}}},
    {"a pointer to its own name", "0161c00c", 0, {Flaw::BadValue, 14, {1035, "4.1.4"}}},
    {"a pointer forward", "c00e0000", 0, {Flaw::BadValue, 12, {1035, "4.1.4"}}},
    {"a pointer into the header", "c000", 0, {Flaw::BadValue, 12, {1035, "4.1.4"}}},
    {"two pointers in a ring", "c00ec00c", 2, {Flaw::BadValue, 12, {1035, "4.1.4"}}},
    {"a label type of the past", "4161", 0, {Flaw::BadValue, 12, {1035, "4.1.4"}}},
};

BOOST_AUTO_TEST_SUITE(mdns_name)

BOOST_DATA_TEST_CASE(a_name_that_is_none_is_refused_at_its_place, data::make(kBadNames), row) {
  const auto name = read_behind_header(row.hex, row.skip);

  BOOST_REQUIRE(!name.has_value());
  BOOST_TEST((name.error() == row.error));
}

BOOST_AUTO_TEST_CASE(a_pointer_leads_to_the_rest_of_an_earlier_name) {
  // "local" at 12, "a" and a pointer to it at 19
  const auto name = read_behind_header("056c6f63616c00 0161c00c", 7);
  BOOST_TEST(name->to_string() == "a.local");
}

BOOST_AUTO_TEST_CASE(more_than_255_octets_are_no_name) {
  std::string hex;
  for (int i = 0; i < 4; ++i) {
    hex += "3f";
    for (int k = 0; k < 63; ++k) hex += "61";
  }
  const auto name = read_behind_header(hex + "00");

  BOOST_REQUIRE(!name.has_value());
  BOOST_TEST((name.error() == ParseError{Flaw::BadLength, 12 + 3 * 64, {1035, "2.3.4"}}));
}

BOOST_AUTO_TEST_CASE(a_chain_of_pointers_longer_than_any_name_is_not_followed_to_its_end) {
  ByteWriter out;
  out.zeros(12).u8(0);
  for (std::size_t at = 13; at < 13 + 2 * 200; at += 2) out.u16(0xc000u | (at == 13 ? 12 : at - 2));
  ByteReader reader{out.view()};
  reader.skip(out.size() - 2);

  const auto name = read_name(out.view(), reader);

  BOOST_REQUIRE(!name.has_value());
  BOOST_TEST((name.error().flaw == Flaw::BadValue));
}

BOOST_AUTO_TEST_CASE(case_does_not_tell_names_apart) {
  BOOST_TEST((*Name::parse("Printer.LOCAL.") == *Name::parse("printer.local")));
  BOOST_TEST((*Name::parse("printer.local") != *Name::parse("printer2.local")));
}

BOOST_AUTO_TEST_CASE(a_dot_inside_a_label_is_no_border_between_two) {
  BOOST_TEST((Name{{"a.b"}} != Name{{"a", "b"}}));
  BOOST_TEST((Name{{"a.b"}}.to_string() == "a\\.b"));
}

BOOST_DATA_TEST_CASE(text_with_a_label_that_cannot_be_is_no_name,
                     data::make(std::vector<std::string>{"a..local", ".local",
                                                         std::string(64, 'x') + ".local"}),
                     text) {
  BOOST_TEST(!Name::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(the_writer_points_at_tails_written_before) {
  ByteWriter out;
  NameWriter names;
  out.zeros(12);

  names.write(out, *Name::parse("a.local"));
  names.write(out, *Name::parse("b.local"));
  names.write(out, *Name::parse("a.local"));

  BOOST_TEST(to_hex(out.view().subspan(12)) ==
             "0161056c6f63616c00"
             "0162c00e"
             "c00c");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
