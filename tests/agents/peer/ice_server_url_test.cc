#include "agents/peer/ice_server_url.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using turn::ServerTransport;

struct Good {
  const char* url;
  const char* in_full;  // with everything that the URL leaves to defaults
  ServerTransport transport;
  friend std::ostream& operator<<(std::ostream& out, const Good& row) { return out << row.url; }
};

// clang-format off
const std::vector<Good> kGood{
    {"stun:stun.example.net",                 "stun:stun.example.net:3478",                ServerTransport::Udp},
    {"STUN:192.0.2.1:19302",                  "stun:192.0.2.1:19302",                      ServerTransport::Udp},
    {"stun:[2001:db8::1]",                    "stun:[2001:db8::1]:3478",                   ServerTransport::Udp},
    {"turn:192.0.2.1",                        "turn:192.0.2.1:3478?transport=udp",         ServerTransport::Udp},
    {"turn:turn.example.net?transport=udp",   "turn:turn.example.net:3478?transport=udp",  ServerTransport::Udp},
    {"turn:turn.example.net:80?transport=tcp","turn:turn.example.net:80?transport=tcp",    ServerTransport::Tcp},
    {"turn:[2001:db8::1]:9?transport=tcp",    "turn:[2001:db8::1]:9?transport=tcp",        ServerTransport::Tcp},
    {"turns:turn.example.net",                "turns:turn.example.net:5349?transport=tcp", ServerTransport::Tls},
    {"turns:192.0.2.1:443?transport=tcp",     "turns:192.0.2.1:443?transport=tcp",         ServerTransport::Tls},
};

struct Bad {
  const char* url;
  const char* error;
  friend std::ostream& operator<<(std::ostream& out, const Bad& row) { return out << row.url; }
};
const std::vector<Bad> kBad{
    {"",                                 "SyntaxError"},
    {"stun",                             "SyntaxError"},
    {"stun:",                            "SyntaxError"},
    {"http:example.net",                 "SyntaxError"},
    {"stun://example.net",               "SyntaxError"},
    {"stun:user@example.net",            "SyntaxError"},
    {"stun:example.net/path",            "SyntaxError"},
    {"stun:example.net#part",            "SyntaxError"},
    {"stun:example.net?transport=udp",   "SyntaxError"},
    {"stun:example.net:0",               "SyntaxError"},
    {"stun:example.net:65536",           "SyntaxError"},
    {"stun:example.net:12:13",           "SyntaxError"},
    {"stun:example net",                 "SyntaxError"},
    {"stun:2001:db8::1",                 "SyntaxError"},
    {"stun:[2001:db8::1",                "SyntaxError"},
    {"stun:[192.0.2.1]",                 "SyntaxError"},
    {"stun:[2001:db8::1]3478",           "SyntaxError"},
    {"turn:example.net?transport=sctp",  "SyntaxError"},
    {"turn:example.net?",                "SyntaxError"},
    {"stuns:example.net",                "NotSupportedError"},
    {"turns:example.net?transport=udp",  "NotSupportedError"},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(peer_ice_server_url)

BOOST_DATA_TEST_CASE(what_the_url_leaves_out_has_its_default, data::make(kGood), row) {
  const auto url = parse_ice_server_url(row.url);

  BOOST_REQUIRE_MESSAGE(url.has_value(), (url ? std::string{} : url.error().message));
  BOOST_TEST(to_string(*url) == row.in_full);
  BOOST_TEST((url->transport == row.transport));
  BOOST_TEST((parse_ice_server_url(to_string(*url)) == *url));
}

BOOST_DATA_TEST_CASE(what_is_no_such_url_is_refused_by_name, data::make(kBad), row) {
  const auto url = parse_ice_server_url(row.url);

  BOOST_REQUIRE(!url.has_value());
  BOOST_TEST(url.error().name == row.error);
}

BOOST_AUTO_TEST_CASE(a_literal_needs_no_resolver_and_a_name_does) {
  BOOST_TEST((parse_ice_server_url("stun:192.0.2.1")->address == Ip::parse("192.0.2.1")));
  BOOST_TEST((parse_ice_server_url("stun:[::1]")->address == Ip::parse("::1")));
  BOOST_TEST(!parse_ice_server_url("stun:example.net")->address.has_value());
}

BOOST_AUTO_TEST_CASE(the_server_has_the_address_its_name_was_resolved_to) {
  const auto url = *parse_ice_server_url("turns:turn.example.net");

  const auto server = to_ice_server(url, *Ip::parse("192.0.2.7"), "user", "secret");

  BOOST_TEST((server == IceServer{.kind = IceServerKind::Turn,
                                  .server = *Endpoint::parse("192.0.2.7:5349"),
                                  .username = "user",
                                  .credential = "secret",
                                  .transport = ServerTransport::Tls,
                                  .host = "turn.example.net"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
