#include "sim/server/switchboard.h"

#include "sim/server/envelope.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::signalling {
namespace {

namespace data = boost::unit_test::data;
using Lines = std::vector<std::string>;

constexpr SessionId kAlice{1};
constexpr SessionId kBob{2};

// "2 {…}" for each delivery.
Lines deliveries(Switchboard& board) {
  Lines lines;
  while (const auto delivery = board.poll_delivery()) {
    lines.push_back(std::to_string(delivery->to.value()) + " " + delivery->text);
  }
  return lines;
}

BOOST_AUTO_TEST_SUITE(switchboard)

BOOST_AUTO_TEST_CASE(a_message_goes_to_its_receiver_with_the_name_of_its_sender) {
  Switchboard board;
  board.join(kAlice, "alice");
  board.join(kBob, "bob");
  board.handle(kAlice, R"({"to":"bob","id":"alice-1","body":{"type":"offer"},"from":"mallory"})");

  BOOST_TEST(deliveries(board) ==
             Lines{R"(2 {"to":"bob","id":"alice-1","body":{"type":"offer"},"from":"alice"})"});
}

BOOST_AUTO_TEST_CASE(messages_wait_for_who_is_not_there_and_keep_their_order) {
  Switchboard board;
  board.join(kAlice, "alice");
  board.handle(kAlice, R"({"to":"bob","n":1})");
  board.handle(kAlice, R"({"to":"bob","n":2})");
  BOOST_TEST(deliveries(board).empty());
  BOOST_TEST(board.waiting_for("bob") == 2u);
  board.join(kBob, "bob");

  BOOST_TEST(deliveries(board) == (Lines{R"(2 {"to":"bob","n":1,"from":"alice"})",
                                         R"(2 {"to":"bob","n":2,"from":"alice"})"}));
  BOOST_TEST(board.waiting_for("bob") == 0u);
}

BOOST_AUTO_TEST_CASE(who_connects_again_takes_the_place_of_the_older_connection) {
  Switchboard board;
  board.join(kAlice, "alice");
  BOOST_TEST(!board.join(kBob, "bob").has_value());
  BOOST_TEST((board.join(SessionId{3}, "bob") == kBob));
  board.leave(kBob);  // the older connection ends at last
  board.handle(kAlice, R"({"to":"bob"})");
  BOOST_TEST(deliveries(board) == Lines{R"(3 {"to":"bob","from":"alice"})"});
}

struct BadMessage {
  std::string_view text;
  std::string_view answer;
};
std::ostream& operator<<(std::ostream& out, const BadMessage& row) {
  return out << row.text.substr(0, 40);
}
const std::string kDeep(100'000, '[');
const std::vector<BadMessage> kBadMessages{
    {"", R"({"error":"a JSON object was expected"})"},
    {"hello", R"({"error":"a JSON object was expected"})"},
    {"[]", R"({"error":"a JSON object was expected"})"},
    {"{", R"({"error":"a JSON object was expected"})"},
    {"{\"to\":\"bob\"", R"({"error":"a JSON object was expected"})"},
    {kDeep, R"({"error":"a JSON object was expected"})"},
    {"{}", R"({"error":"unknown command: a message has a member \"to\""})"},
    {R"({"command":"dance","id":"7"})",
     R"({"error":"unknown command: a message has a member \"to\"","id":"7"})"},
    {R"({"to":7})", R"({"error":"unknown command: a message has a member \"to\""})"},
    {R"({"to":"","id":"7"})", R"({"error":"\"to\" is not a name","id":"7"})"},
    {R"({"to":"a b"})", R"({"error":"\"to\" is not a name"})"}};

BOOST_DATA_TEST_CASE(a_bad_message_gets_a_sentence, data::make(kBadMessages), row) {
  Switchboard board;
  board.join(kAlice, "alice");
  board.handle(kAlice, row.text);
  BOOST_TEST(deliveries(board) == Lines{"1 " + std::string{row.answer}});
}

BOOST_AUTO_TEST_CASE(what_waits_is_limited) {
  Switchboard board{{.messages_per_name = 2, .octets = 100}};
  board.join(kAlice, "alice");
  for (int i = 0; i < 3; ++i) board.handle(kAlice, R"({"to":"bob"})");
  BOOST_TEST(deliveries(board) == Lines{R"(1 {"error":"too many messages wait"})"});
  board.handle(kAlice, R"({"to":"carol","text":")" + std::string(80, 'x') + "\"}");
  BOOST_TEST(deliveries(board) == Lines{R"(1 {"error":"too many messages wait"})"});
}

BOOST_AUTO_TEST_CASE(a_name_stands_in_the_target) {
  BOOST_TEST(name_in_target("/ws?name=alice").value() == "alice");
  BOOST_TEST(name_in_target("/ws?name=Bob-2.0_x").value() == "Bob-2.0_x");
  for (const auto* const bad :
       {"/", "/ws", "/ws?name=", "/ws?name=a%20b", "/ws?name=a&x=1", "/other?name=a"}) {
    BOOST_TEST(!name_in_target(bad).has_value());
  }
  BOOST_TEST(!is_name(std::string(65, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(envelope)

// JSON that would come back changed travels as a string.
BOOST_DATA_TEST_CASE(any_text_comes_back_octet_for_octet,
                     data::make({R"({"type":"offer","sdp":"v=0\r\n"})", "{\"b\":1,\"a\":2}",
                                 "{\"a\": 1}", "{\"a\":1.0}", "{\"a\":1e2}", "{\"a\":1,\"a\":2}",
                                 "\"text\"", "[1]", "", "hello", "{", "gr\xc3\xbc\xc3\x9f",
                                 "{\"a\":\"\\u00e9\"}"}),
                     text) {
  const auto wire = to_text(Json{{"body", to_body(text)}});
  BOOST_TEST(from_body(parse_json(wire)->at("body")) == text);
}

BOOST_AUTO_TEST_CASE(compact_json_stays_json) {
  BOOST_TEST(to_body(R"({"type":"offer"})").is_object());
  BOOST_TEST(to_body("hello").is_string());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
