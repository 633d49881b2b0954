#include "agents/mdns/message.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

namespace rtclab::mdns {
namespace {

namespace data = boost::unit_test::data;

std::vector<Bytes> recorded() {
  std::ifstream file{std::string{RTCLAB_TEST_DATA} + "/mdns/chromium-156.hex"};
  std::vector<Bytes> datagrams;
  for (std::string line; std::getline(file, line);) datagrams.push_back(from_hex(line));
  return datagrams;
}

Message an_announcement() {
  const auto name = *Name::parse("a.local");
  Message message{.response = true, .authoritative = true};
  message.answers.push_back(Record::address(name, *Ip::parse("192.0.2.1"), 120));
  message.answers.back().cache_flush = true;
  message.answers.push_back(Record::address(name, *Ip::parse("2001:db8::1"), 120));
  message.additionals.push_back(
      {.name = name, .type = RecordType::Nsec, .ttl = 120, .data = Nsec{name, {RecordType::A}}});
  message.additionals.push_back(
      {.name = name, .type = RecordType{16}, .ttl = 4500, .data = to_octets("\x03k=v")});
  return message;
}

BOOST_AUTO_TEST_SUITE(mdns_message)

BOOST_AUTO_TEST_CASE(an_announcement_of_chromium_is_read) {
  const auto message = Message::parse(recorded().at(0));

  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->response);
  BOOST_TEST(message->authoritative);
  BOOST_TEST(message->questions.empty());
  const auto& record = message->answers.at(0);
  BOOST_TEST(record.name.to_string() == "d9197193-d9af-4e68-b88f-227332229c34.local");
  BOOST_TEST(record.cache_flush);
  BOOST_TEST(record.ttl == 120u);
  BOOST_TEST(record.find_address()->to_string() == "10.77.0.1");
  const auto& nsec = std::get<Nsec>(message->additionals.at(0).data);
  BOOST_TEST((nsec == Nsec{record.name, {RecordType::A}}));
}

BOOST_AUTO_TEST_CASE(a_query_of_chromium_is_read_and_written_as_it_was) {
  const auto octets = recorded().at(1);
  const auto message = Message::parse(octets);

  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(!message->response);
  BOOST_TEST((message->questions.at(0).type == RecordType::A));
  BOOST_TEST(!message->questions.at(0).unicast_response);
  BOOST_TEST((message->serialize() == octets));
}

BOOST_AUTO_TEST_CASE(a_bitmap_with_more_octets_than_it_needs_is_read) {
  const auto message = Message::parse(recorded().at(2));

  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->answers.at(0).find_address()->is_unspecified());
  BOOST_TEST(
      (std::get<Nsec>(message->additionals.at(0).data).types == std::vector{RecordType::Aaaa}));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_what_was_meant) {
  const auto message = an_announcement();
  BOOST_TEST((Message::parse(message.serialize()) == message));
}

BOOST_AUTO_TEST_CASE(the_top_bits_of_classes_are_set_where_they_are_asked_for) {
  Message message;
  message.questions.push_back({.name = *Name::parse("a"), .unicast_response = true});
  BOOST_TEST(to_hex(message.serialize()) ==
             "000000000001000000000000"
             "016100"
             "0001"
             "8001");
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const auto octets = an_announcement().serialize();
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto message = Message::parse(ByteView{octets}.first(size));
    BOOST_REQUIRE(!message.has_value());
    BOOST_TEST((message.error().flaw == Flaw::Truncated));
    BOOST_TEST(message.error().offset == size);
  }
}

struct Flawed {
  const char* why;
  const char* hex;
  ParseError error;
};
std::ostream& operator<<(std::ostream& out, const Flawed& row) {
  return out << row.why;
}
const std::vector<Flawed> kFlawed{
    {"an opcode", "0000 2800 0000 0000 0000 0000", {Flaw::BadValue, 2, {6762, "18.3"}}},
    {"a response code", "0000 8403 0000 0000 0000 0000", {Flaw::BadValue, 3, {6762, "18.11"}}},
    {"an A record of five octets",
     "0000 8400 0000 0001 0000 0000  00 0001 8001 00000078 0005 0a4d000100",
     {Flaw::BadLength, 21, {1035, "3.4.1"}}},
    {"an AAAA record of four",
     "0000 8400 0000 0001 0000 0000  00 001c 8001 00000078 0004 0a4d0001",
     {Flaw::BadLength, 21, {3596, "2.2"}}},
    {"IPv4 dressed up as IPv6",
     "0000 8400 0000 0001 0000 0000  00 001c 8001 00000078 0010 00000000000000000000ffff0a4d0001",
     {Flaw::BadValue, 23, {3596, "2.2"}}},
    {"an empty window of types",
     "0000 8400 0000 0001 0000 0000  00 002f 8001 00000078 0003 000000",
     {Flaw::BadLength, 25, {4034, "4.1.2"}}},
    {"types past the record",
     "0000 8400 0000 0001 0000 0000  00 002f 8001 00000078 0003 000004 ff",
     {Flaw::Truncated, 26, {4034, "4.1.2"}}},
};

BOOST_DATA_TEST_CASE(a_bad_message_is_refused_with_place_and_rule, data::make(kFlawed), row) {
  const auto message = Message::parse(from_hex(row.hex));

  BOOST_REQUIRE(!message.has_value());
  BOOST_TEST((message.error() == row.error));
}

BOOST_AUTO_TEST_CASE(counts_that_promise_more_than_there_is_cost_nothing) {
  const auto message = Message::parse(from_hex("0000 8400 ffff ffff ffff ffff"));
  BOOST_TEST((message.error() == ParseError{Flaw::Truncated, 12, {1035, "3.1"}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
