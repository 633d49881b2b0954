// Two sessions joined in memory; and what a client makes of certificates.
#include "agents/tls/session.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rtclab::tls {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

const std::vector<std::string> kNames{"turn.example.org", "198.51.100.1"};

struct Parties {
  SeededRng rng{7};
  Authority authority = Authority::generate(rng);
  Identity identity = authority.issue(rng, kNames);
  ClientSettings client{.host = "turn.example.org",
                        .alpn = {"stun.turn"},
                        .trust = {.authorities = {authority.der()}}};
  ServerSettings server{.identity = identity, .alpn = {"stun.turn"}};
};

class Joined {
 public:
  explicit Joined(const Parties& parties, Instant start = {}, std::size_t portion = 16384)
      : client{parties.client, client_rng_},
        server{parties.server, server_rng_},
        now{start},
        portion_{portion} {
    client.start(now);
    exchange();
  }

  void exchange() {
    for (bool busy = true; busy;) busy = carry(client, server) | carry(server, client);
    while (auto event = client.poll_event()) trace.push_back(std::move(*event));
  }
  std::string data(Session& at) {
    std::string text;
    while (const auto octets = at.poll_data()) text += as_text(*octets);
    return text;
  }
  const Event* event(std::string_view name) const {
    const auto found = std::ranges::find(trace, name, &Event::name);
    return found == trace.end() ? nullptr : &*found;
  }

 private:
  SeededRng client_rng_{1};
  SeededRng server_rng_{2};

  bool carry(Session& from, Session& to) {
    bool any = false;
    while (const auto octets = from.poll_octets()) {
      any = true;
      wire.insert(wire.end(), octets->begin(), octets->end());
      for (ByteView rest = *octets; !rest.empty();) {
        const auto part = rest.first(std::min(portion_, rest.size()));
        to.receive(now, part);
        rest = rest.subspan(part.size());
      }
    }
    return any;
  }

 public:
  Session client;
  Session server;
  Instant now;
  Bytes wire;
  std::vector<Event> trace;  // of the client

 private:
  std::size_t portion_;
};

BOOST_AUTO_TEST_SUITE(tls_session)

BOOST_DATA_TEST_CASE(opens_and_carries_data_however_the_stream_is_cut,
                     data::make({1, 3, 100, 16384}), portion) {
  const Parties parties;
  Joined joined{parties, {}, static_cast<std::size_t>(portion)};
  BOOST_TEST_REQUIRE((joined.client.state() == Session::State::Open));
  BOOST_TEST_REQUIRE((joined.server.state() == Session::State::Open));

  joined.client.send(as_octets("to the server"));
  joined.server.send(Bytes(50000, std::byte{'x'}));
  joined.exchange();

  BOOST_TEST(joined.data(joined.server) == "to the server");
  BOOST_TEST(joined.data(joined.client) == std::string(50000, 'x'));
}

BOOST_AUTO_TEST_CASE(agrees_on_tls_1_3_and_on_the_protocol) {
  const Parties parties;
  const Joined joined{parties};
  BOOST_TEST(joined.client.version() == "TLSv1.3");
  BOOST_TEST(joined.client.alpn() == "stun.turn");
  BOOST_TEST(joined.server.alpn() == "stun.turn");
  BOOST_TEST_REQUIRE(joined.event("tls:connected") != nullptr);
  BOOST_TEST(joined.event("tls:key_log") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_client_without_alpn_is_served) {
  Parties parties;
  parties.client.alpn.clear();
  const Joined joined{parties};
  BOOST_TEST((joined.client.state() == Session::State::Open));
  BOOST_TEST(joined.client.alpn() == "");
}

BOOST_AUTO_TEST_CASE(a_client_that_speaks_another_protocol_is_refused) {
  Parties parties;
  parties.client.alpn = {"h2"};
  const Joined joined{parties};
  BOOST_TEST((joined.client.state() == Session::State::Failed));
  BOOST_TEST((joined.server.state() == Session::State::Failed));
}

BOOST_AUTO_TEST_CASE(closing_is_said_to_the_peer) {
  const Parties parties;
  Joined joined{parties};
  joined.client.close();
  joined.exchange();
  BOOST_TEST((joined.server.state() == Session::State::Closed));
  joined.server.receive(joined.now, as_octets("whatever"));
  BOOST_TEST(!joined.server.poll_data().has_value());
}

BOOST_AUTO_TEST_CASE(noise_fails_the_handshake) {
  const Parties parties;
  SeededRng rng{3};
  Session server{parties.server, rng};
  server.receive({}, as_octets("GET / HTTP/1.1\r\n\r\n"));
  BOOST_TEST((server.state() == Session::State::Failed));
  BOOST_TEST(!server.why_failed().empty());
}

BOOST_AUTO_TEST_CASE(one_seed_makes_one_history) {
  const Parties parties;
  BOOST_TEST((Joined{parties}.wire == Joined{parties}.wire));
}

// --- certificates ---

void check_refused(const Parties& parties, std::string_view why, Instant now = {}) {
  const Joined joined{parties, now};
  BOOST_TEST((joined.client.state() == Session::State::Failed));
  BOOST_TEST(joined.client.why_failed() == "the certificate is refused: " + std::string{why});
}

BOOST_AUTO_TEST_CASE(an_address_in_the_certificate_serves_as_a_name) {
  Parties parties;
  parties.client.host = "198.51.100.1";
  BOOST_TEST((Joined{parties}.client.state() == Session::State::Open));
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_is_refused) {
  Parties parties;
  parties.client.host = "example.org";
  check_refused(parties, "hostname mismatch");
  parties.client.host = "198.51.100.2";
  check_refused(parties, "IP address mismatch");
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_borne_by_no_certificate) {
  Parties parties;
  for (const auto& host : {std::string{}, std::string{"turn.example.org\0.evil", 22},
                           std::string{".example.org"}, std::string(300, 'a')}) {
    parties.client.host = host;
    check_refused(parties, "hostname mismatch");
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_authority_is_refused) {
  Parties parties;
  parties.client.trust.authorities = {Authority::generate(parties.rng).der()};
  check_refused(parties, "certificate signature failure");  // they bear the same name
}

BOOST_AUTO_TEST_CASE(without_any_trust_everybody_is_refused) {
  Parties parties;
  parties.client.trust = {};
  check_refused(parties, "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(a_certificate_lasts_for_a_year_of_virtual_time) {
  const Parties parties;
  BOOST_TEST((Joined{parties, Instant{} + 24h * 364}.client.state() == Session::State::Open));
  check_refused(parties, "certificate has expired", Instant{} + 24h * 366);
}

BOOST_AUTO_TEST_CASE(a_certificate_of_the_future_is_refused) {
  Parties parties;
  parties.client.trust.epoch = dtls::CalendarTime{dtls::kEpoch.value() - 3 * 86400};
  check_refused(parties, "certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(a_fingerprint_stands_above_name_dates_and_authority) {
  Parties parties;
  parties.client.host = "some.other.name";
  parties.client.trust = {.fingerprints = {parties.identity.fingerprint()}};
  BOOST_TEST((Joined{parties, Instant{} + 24h * 1000}.client.state() == Session::State::Open));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_signed_itself_can_be_named_as_its_authority) {
  Parties parties;
  const auto identity = Identity::self_signed(parties.rng, kNames);
  parties.server.identity = identity;
  check_refused(parties, "self-signed certificate");
  parties.client.trust.authorities = {identity.der()};
  BOOST_TEST((Joined{parties}.client.state() == Session::State::Open));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tls
