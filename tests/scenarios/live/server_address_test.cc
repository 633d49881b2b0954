#include "scenarios/live/server_address.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::program {
namespace {

BOOST_AUTO_TEST_SUITE(live_servers)

BOOST_AUTO_TEST_CASE(a_url_and_a_bare_address_name_the_same_server) {
  const auto by_url = resolve({.stun = {"stun:192.0.2.1"}});
  const auto by_address = resolve({.stun = {"192.0.2.1:3478"}});

  BOOST_REQUIRE(by_url.has_value());
  BOOST_REQUIRE(by_address.has_value());
  BOOST_TEST((*by_url == *by_address));
}

BOOST_AUTO_TEST_CASE(a_turn_server_gets_the_credentials_and_its_transport) {
  const auto servers = resolve({.turn = {"turns:192.0.2.1", "turn:[2001:db8::1]?transport=tcp"},
                                .username = "user",
                                .credential = "secret"});

  BOOST_REQUIRE(servers.has_value());
  BOOST_REQUIRE(servers->size() == 2u);
  BOOST_TEST((servers->front().transport == turn::ServerTransport::Tls));
  BOOST_TEST(servers->front().server.port.value() == 5349u);
  BOOST_TEST((servers->back().transport == turn::ServerTransport::Tcp));
  BOOST_TEST(servers->back().credential == "secret");
}

BOOST_AUTO_TEST_CASE(a_turn_server_without_credentials_is_refused) {
  BOOST_TEST(!resolve({.turn = {"turn:192.0.2.1"}}).has_value());
}

BOOST_AUTO_TEST_CASE(a_url_of_the_other_kind_is_refused) {
  const auto servers = resolve({.stun = {"turn:192.0.2.1"}});

  BOOST_REQUIRE(!servers.has_value());
  BOOST_TEST(servers.error().message == "--stun turn:192.0.2.1: expected a stun: URL");
}

BOOST_AUTO_TEST_CASE(a_scheme_that_is_none_is_told_with_the_nearest) {
  const auto servers = resolve({.stun = {"stnu:192.0.2.1"}});

  BOOST_REQUIRE(!servers.has_value());
  BOOST_TEST(servers.error().message ==
             "--stun \"stnu:192.0.2.1\": unknown scheme \"stnu\", did you mean \"stun\"? "
             "(expected stun:, turn: or turns:)");
}

BOOST_AUTO_TEST_CASE(a_host_that_begins_like_a_scheme_is_a_host) {
  // RFC 6761 §6.3: always there.
  BOOST_TEST(resolve({.stun = {"localhost:3478"}}).has_value());
  const auto servers = resolve({.stun = {"stun.invalid:3478"}});

  BOOST_REQUIRE(!servers.has_value());
  BOOST_TEST(servers.error().message.starts_with("--stun stun.invalid: "));
}

// A command knows no options, and has no short form.
BOOST_AUTO_TEST_CASE(a_command_is_answered_in_its_own_words) {
  const auto web = resolve({.stun = {"http:x"}}, Wished::ByCommand);
  const auto turn = resolve({.turn = {"turn:192.0.2.1"}}, Wished::ByCommand);

  BOOST_REQUIRE((!web.has_value() && !turn.has_value()));
  BOOST_TEST(web.error().name == "SyntaxError");
  BOOST_TEST(web.error().message ==
             "iceServers: \"http:x\": unknown scheme \"http\" (expected stun:, turn: or turns:)");
  BOOST_TEST(turn.error().name == "InvalidAccessError");
  BOOST_TEST(turn.error().message ==
             "iceServers: turn:192.0.2.1: a TURN server needs \"username\" and \"credential\"");
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_has_is_one_sentence) {
  // RFC 6761 §6.4: "invalid" never resolves.
  const auto servers = resolve({.stun = {"stun:nobody.invalid"}});

  BOOST_REQUIRE(!servers.has_value());
  BOOST_TEST(servers.error().message.starts_with("--stun nobody.invalid: "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::program
