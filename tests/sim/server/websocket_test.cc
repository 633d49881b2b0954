// Frames, the upgrade, and two ends joined in memory.
#include "sim/server/websocket.h"

#include "sim/server/utf8.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::websocket {
namespace {

namespace data = boost::unit_test::data;
using Lines = std::vector<std::string>;

std::optional<Frame> read(std::string_view hex, Role sender = Role::Server) {
  FrameReader reader{sender, 1000};
  reader.push(from_hex(hex));
  const auto frame = reader.next();
  BOOST_REQUIRE(frame.has_value());
  return *frame;
}

BOOST_AUTO_TEST_SUITE(websocket_frame)

// RFC 6455 §5.7.
BOOST_AUTO_TEST_CASE(the_examples_of_the_rfc_read_and_write) {
  const MaskingKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
  const Frame clear{true, Opcode::Text, std::nullopt, to_octets("Hello")};
  const Frame masked{true, Opcode::Text, key, to_octets("Hello")};
  const Frame first{false, Opcode::Text, std::nullopt, to_octets("Hel")};
  const Frame rest{true, Opcode::Continuation, std::nullopt, to_octets("lo")};
  const Frame ping{true, Opcode::Ping, std::nullopt, to_octets("Hello")};

  BOOST_TEST(to_hex(clear.serialize()) == "810548656c6c6f");
  BOOST_TEST(to_hex(masked.serialize()) == "818537fa213d7f9f4d5158");
  BOOST_TEST(to_hex(first.serialize()) == "010348656c");
  BOOST_TEST(to_hex(rest.serialize()) == "80026c6f");
  BOOST_TEST(to_hex(ping.serialize()) == "890548656c6c6f");
  BOOST_TEST((read("810548656c6c6f") == clear));
  BOOST_TEST((read("818537fa213d7f9f4d5158", Role::Client) == masked));
  BOOST_TEST((read("010348656c") == first));
}

BOOST_DATA_TEST_CASE(a_length_takes_the_fewest_octets,
                     data::make({0, 1, 125, 126, 127, 65535, 65536, 70000}), size) {
  Frame frame;
  frame.payload.resize(static_cast<std::size_t>(size), std::byte{'x'});
  const auto octets = frame.serialize();
  FrameReader reader{Role::Server, 100'000};
  for (const auto octet : octets) {
    BOOST_TEST(!reader.next().value().has_value());
    reader.push(ByteView{&octet, 1});
  }

  BOOST_TEST((reader.next().value() == frame));
  BOOST_TEST(octets.size() - frame.payload.size() == (size < 126 ? 2u : size < 65536 ? 4u : 10u));
}

struct BadFrame {
  std::string_view name;
  std::string_view hex;
};
std::ostream& operator<<(std::ostream& out, const BadFrame& row) {
  return out << row.name;
}
const std::vector<BadFrame> kBadFrames{{"a reserved bit", "c100"},
                                       {"an unknown opcode", "8300"},
                                       {"masked by a server", "818537fa213d7f9f4d5158"},
                                       {"a fragmented ping", "0900"},
                                       {"a ping of 126 octets", "897e007e"},
                                       {"16 bits for a length of 125", "817e007d"},
                                       {"64 bits for a length of 65535", "817f000000000000ffff"},
                                       {"longer than we take", "817e03e9"},
                                       {"longer than the world", "817fffffffffffffffff"}};

BOOST_DATA_TEST_CASE(a_bad_frame_is_refused_as_soon_as_it_shows, data::make(kBadFrames), row) {
  FrameReader reader{Role::Server, 1000};
  reader.push(from_hex(row.hex));
  BOOST_TEST(!reader.next().has_value());
}

BOOST_AUTO_TEST_CASE(utf8_is_told_from_what_is_not) {
  for (const std::string_view good : {"", "ascii", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                      "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    BOOST_TEST(is_utf8(good), good);
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xff"}) {
    BOOST_TEST(!is_utf8(bad), bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// --- the upgrade ---

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
std::string a_request() {
  return UpgradeRequest{"server:8080", "/ws?name=alice", std::string{kKey}}.to_string();
}
std::string without(std::string text, std::string_view line) {
  const auto at = text.find(line);
  BOOST_REQUIRE(at != std::string::npos);
  return text.erase(at, text.find("\r\n", at) + 2 - at);
}
std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(http_upgrade)

// RFC 6455 §1.3.
BOOST_AUTO_TEST_CASE(the_server_proves_that_it_read_the_key) {
  BOOST_TEST(accept_value(kKey) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto answer = answer_upgrade(a_request());
  BOOST_TEST(answer.target.value() == "/ws?name=alice");
  BOOST_TEST(!refusal_in(answer.response, kKey).has_value());
  BOOST_TEST(refusal_in(answer.response, "AAAAAAAAAAAAAAAAAAAAAA==").has_value());
}

// As Chromium writes it, but for the fields that do not matter.
BOOST_AUTO_TEST_CASE(names_and_tokens_compare_without_case) {
  const auto answer = answer_upgrade(
      "GET /ws?name=a HTTP/1.1\r\nhost: x\r\nCONNECTION: keep-alive, Upgrade\r\nupgrade: "
      "WebSocket\r\n"
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13");
  BOOST_TEST(answer.target.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_upgrade_gets_an_http_answer) {
  const auto status = [](const std::string& request) {
    const auto answer = answer_upgrade(request);
    BOOST_TEST(!answer.target.has_value());
    return answer.response.substr(9, 3);
  };
  BOOST_TEST(status("") == "400");
  BOOST_TEST(status("\r\n") == "400");
  BOOST_TEST(status(with(a_request(), "GET", "POST")) == "405");
  BOOST_TEST(status(with(a_request(), "HTTP/1.1", "HTTP/1.0")) == "400");
  BOOST_TEST(status(with(a_request(), "/ws", "ws")) == "400");
  BOOST_TEST(status(with(a_request(), "Host: ", "Host : ")) == "400");
  BOOST_TEST(status(without(a_request(), "Host")) == "400");
  BOOST_TEST(status(without(a_request(), "Upgrade:")) == "426");
  BOOST_TEST(status(without(a_request(), "Connection")) == "426");
  BOOST_TEST(status(with(a_request(), "Version: 13", "Version: 8")) == "426");
  BOOST_TEST(status(without(a_request(), "Sec-WebSocket-Key")) == "400");
  BOOST_TEST(status(with(a_request(), "==", "=")) == "400");
}

BOOST_AUTO_TEST_SUITE_END()

// --- two ends ---

struct Ends {
  SeededRng rng{1};
  Connection client = Connection::client("server:8080", "/ws?name=alice", rng);
  Connection server = Connection::server(rng);
  Lines at_client;
  Lines at_server;
  std::size_t step = 100'000;  // how many octets arrive at once

  static void note(Connection& end, Lines& lines) {
    while (const auto event = end.poll_event()) {
      if (const auto* opened = std::get_if<Opened>(&*event))
        lines.push_back("opened " + opened->target);
      if (const auto* text = std::get_if<Text>(&*event)) lines.push_back("text " + text->text);
      if (const auto* closed = std::get_if<Closed>(&*event))
        lines.push_back("closed " + std::to_string(closed->code) + " " + closed->reason);
    }
  }
  void carry(Connection& from, Connection& to) {
    while (const auto octets = from.poll_output()) {
      for (std::size_t at = 0; at < octets->size(); at += step) {
        to.handle_octets(ByteView{*octets}.subspan(at, std::min(step, octets->size() - at)));
      }
    }
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      carry(client, server);
      carry(server, client);
    }
    note(client, at_client);
    note(server, at_server);
  }
  // What a client of foreign make would write.
  void forge(std::string_view hex) {
    server.handle_octets(from_hex(hex));
    settle();
  }
};

BOOST_AUTO_TEST_SUITE(websocket)

BOOST_DATA_TEST_CASE(opens_talks_and_closes, data::make({1, 2, 7, 100'000}), step) {
  Ends ends;
  ends.step = static_cast<std::size_t>(step);
  ends.settle();
  BOOST_REQUIRE(ends.client.is_open());
  ends.client.send_text("to the server");
  ends.server.send_text("gr\xc3\xbc\xc3\x9f dich");
  ends.server.ping("are you there");
  ends.settle();
  ends.client.close(CloseCode::Normal, "bye");
  ends.settle();

  BOOST_TEST(
      ends.at_server == (Lines{"opened /ws?name=alice", "text to the server", "closed 1000 bye"}),
      boost::test_tools::per_element());
  BOOST_TEST(ends.at_client ==
                 (Lines{"opened /ws?name=alice", "text gr\xc3\xbc\xc3\x9f dich", "closed 1000 "}),
             boost::test_tools::per_element());
  BOOST_TEST(ends.client.is_over());
  BOOST_TEST(ends.server.is_over());
}

BOOST_AUTO_TEST_CASE(fragments_with_a_ping_between_are_one_message) {
  Ends ends;
  ends.settle();
  ends.forge("0183000000006865 6c");  // "hel"
  ends.forge("8981000000003f");       // ping
  ends.forge("0081000000006c");       // "l"
  ends.forge("8081000000006f");       // "o"
  BOOST_TEST(ends.at_server.back() == "text hello");
}

struct Misdeed {
  std::string_view name;
  std::string_view hex;
  unsigned code;
};
std::ostream& operator<<(std::ostream& out, const Misdeed& row) {
  return out << row.name;
}
const std::vector<Misdeed> kMisdeeds{
    {"not masked", "810548656c6c6f", 1002},
    {"binary", "828000000000", 1003},
    {"not UTF-8", "818100000000ff", 1007},
    {"a continuation of nothing", "808000000000", 1002},
    {"a message within a message", "018000000000818000000000", 1002},
    {"a close of one octet", "88810000000003", 1002},
    {"a close code that may not be sent", "88820000000003ed", 1002},
    {"too big", "81ff0000000000100001", 1009}};

BOOST_DATA_TEST_CASE(each_misdeed_ends_the_connection_with_its_code, data::make(kMisdeeds), row) {
  Ends ends;
  ends.settle();
  ends.forge(row.hex);

  BOOST_TEST(ends.server.is_over());
  BOOST_TEST(ends.at_server.back().starts_with("closed " + std::to_string(row.code)));
  BOOST_TEST(ends.at_client.back().starts_with("closed " + std::to_string(row.code)));
}

BOOST_AUTO_TEST_CASE(a_message_in_fragments_is_limited_too) {
  Ends ends;
  ends.settle();
  Frame frame{false, Opcode::Text, MaskingKey{}, Bytes(600'000, std::byte{'x'})};
  ends.server.handle_octets(frame.serialize());
  frame.opcode = Opcode::Continuation;
  ends.server.handle_octets(frame.serialize());
  ends.settle();
  BOOST_TEST(ends.at_server.back() == "closed 1009 the message is too large");
}

BOOST_AUTO_TEST_CASE(a_head_that_never_ends_is_cut_off) {
  SeededRng rng{1};
  auto server = Connection::server(rng);
  const auto part = to_octets(std::string(1000, 'x'));
  for (int i = 0; i < 9; ++i) server.handle_octets(part);
  BOOST_TEST(server.is_over());
}

BOOST_AUTO_TEST_CASE(a_connection_that_breaks_is_closed_abnormally) {
  Ends ends;
  ends.settle();
  ends.server.handle_end();
  ends.settle();
  BOOST_TEST(ends.at_server.back() == "closed 1006 the connection ended");
}

// Honest octets with some of them changed, in pieces: an end is reached or the connection lives on.
BOOST_DATA_TEST_CASE(random_octets_do_no_harm, data::xrange(300), seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  auto client = Connection::client("server:8080", "/ws?name=alice", rng);
  auto server = Connection::server(rng);
  Bytes octets = *client.poll_output();
  const bool spare_head = rng.below(4) != 0;
  const auto from = spare_head ? octets.size() : 0;
  for (int i = 0; i < 20; ++i) {
    Frame frame{rng.below(2) == 0, Opcode{static_cast<std::uint8_t>(rng.below(16))}, MaskingKey{},
                Bytes(rng.below(200))};
    rng.fill(frame.payload);
    const auto part = frame.serialize();
    octets.insert(octets.end(), part.begin(), part.end());
  }
  for (int i = 0; i < 3; ++i)
    octets[from + rng.below(octets.size() - from)] = static_cast<std::byte>(rng.next());
  for (std::size_t at = 0; at < octets.size();) {
    const auto size = std::min<std::size_t>(1 + rng.below(100), octets.size() - at);
    server.handle_octets(ByteView{octets}.subspan(at, size));
    at += size;
  }
  Lines lines;
  Ends::note(server, lines);
  while (server.poll_output()) {
  }
  BOOST_TEST(lines.size() <= 22u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::websocket
