// Short-term and long-term credentials, both halves against each other.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/long_term_client.h"
#include "agents/stun/long_term_server.h"
#include "agents/stun/nonce_cookie.h"
#include "agents/stun/short_term.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::stun {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using Next = LongTermClient::Next;

constexpr Instant kStart{Duration{1s}};
const Endpoint kClient = *Endpoint::parse("192.0.2.1:32853");
const Endpoint kOther = *Endpoint::parse("192.0.2.1:32854");

Message a_request(std::uint64_t seed = 1) {
  SeededRng rng{seed};
  Message message;
  message.transaction = TransactionId::draw(rng);
  return message;
}

LongTermServer a_server(SecurityFeatures features = {true, false}) {
  SeededRng rng{11};
  return {{"example.org", {{"alice", "secret"}, {"bob", "hidden"}}, 1h, features}, rng};
}

// What the server says about an octet string; the error code, or 0 for accepted.
int verdict(const LongTermServer& server, ByteView octets, Instant now = kStart,
            const Endpoint& from = kClient) {
  const auto message = *Message::parse(octets);
  const auto result = server.authenticate(now, message, octets, from);
  const auto* const refusal = std::get_if<Message>(&result);
  return refusal == nullptr ? 0 : refusal->find<ErrorCode>()->code;
}

Bytes challenge_of(const LongTermServer& server, Instant now = kStart) {
  const auto octets = seal(a_request());
  return seal(
      std::get<Message>(server.authenticate(now, *Message::parse(octets), octets, kClient)));
}

// A client that has seen the server's challenge.
LongTermClient a_challenged(const LongTermServer& server, std::string password = "secret") {
  LongTermClient client{"alice", std::move(password)};
  const auto octets = challenge_of(server);
  BOOST_TEST_REQUIRE((client.receive(*Message::parse(octets), octets, false) == Next::Retry));
  return client;
}

BOOST_AUTO_TEST_SUITE(stun_short_term)

std::optional<Key> password_of(std::string_view username) {
  if (username != "evtj:h6vY") return std::nullopt;
  return short_term_key("secret");
}

ShortTerm check(const Message& message, const Seal& how) {
  const auto octets = seal(message, how);
  return check_short_term(*Message::parse(octets), octets, password_of);
}

BOOST_AUTO_TEST_CASE(the_right_name_and_password_pass) {
  const auto message = a_request().add(Username{"evtj:h6vY"});
  BOOST_TEST((check(message, {.key = short_term_key("secret")}) == ShortTerm::Accepted));
  BOOST_TEST((check(message, {short_term_key("secret"), IntegrityAlgorithm::Sha256, true, {}}) ==
              ShortTerm::Accepted));
}

BOOST_AUTO_TEST_CASE(no_name_or_no_integrity_is_400) {
  BOOST_TEST((check(a_request(), {.key = short_term_key("secret")}) == ShortTerm::Incomplete));
  BOOST_TEST((check(a_request().add(Username{"evtj:h6vY"}), {}) == ShortTerm::Incomplete));
  BOOST_TEST(error_code(ShortTerm::Incomplete) == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(another_name_or_password_is_401) {
  BOOST_TEST((check(a_request().add(Username{"x:y"}), {.key = short_term_key("secret")}) ==
              ShortTerm::Refused));
  BOOST_TEST((check(a_request().add(Username{"evtj:h6vY"}), {.key = short_term_key("guess")}) ==
              ShortTerm::Refused));
  BOOST_TEST(error_code(ShortTerm::Refused) == error::kUnauthenticated);
}

BOOST_AUTO_TEST_CASE(the_response_uses_the_algorithm_that_proved_the_request) {
  const auto both = *Message::parse(
      seal(a_request(), {short_term_key("s"), IntegrityAlgorithm::Both, false, {}}));
  const auto sha1 = *Message::parse(seal(a_request(), {.key = short_term_key("s")}));
  BOOST_TEST((integrity_for_response(both) == IntegrityAlgorithm::Sha256));
  BOOST_TEST((integrity_for_response(sha1) == IntegrityAlgorithm::Sha1));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stun_nonce_cookie)

BOOST_AUTO_TEST_CASE(carries_the_features) {
  BOOST_TEST(nonce_cookie({}) == "obMatJos2AAAA");
  BOOST_TEST(nonce_cookie({true, false}) == "obMatJos2gAAA");
  BOOST_TEST(nonce_cookie({false, true}) == "obMatJos2QAAA");
  for (const auto features : {SecurityFeatures{}, {true, false}, {false, true}, {true, true}}) {
    BOOST_TEST((security_features(nonce_cookie(features) + "rest") == features));
  }
}

BOOST_AUTO_TEST_CASE(is_not_seen_in_other_nonces) {
  for (const auto* const nonce :
       {"", "f//499k954d6OL34oL9FSTvy64sA", "obMatJos2", "obMatJos2AA", "obMatJos2A!AA"}) {
    BOOST_TEST(!security_features(nonce).has_value());
  }
}

// The nonce of RFC 8489 §B.1 has bit 22 set, which nobody has assigned.
BOOST_AUTO_TEST_CASE(other_bits_do_not_disturb) {
  BOOST_TEST((security_features("obMatJos2AAAC") == SecurityFeatures{}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stun_long_term)

BOOST_AUTO_TEST_CASE(a_bare_request_is_challenged) {
  const auto response = *Message::parse(challenge_of(a_server()));

  BOOST_TEST(response.find<ErrorCode>()->code == error::kUnauthenticated);
  BOOST_TEST(response.find<Realm>()->value == "example.org");
  BOOST_TEST((security_features(response.find<Nonce>()->value) == SecurityFeatures{true, false}));
  BOOST_TEST(response.find<PasswordAlgorithms>()->list.size() == 2u);
  BOOST_TEST(!response.has<Username>());
}

BOOST_AUTO_TEST_CASE(the_first_request_is_bare) {
  LongTermClient client{"alice", "secret"};
  const auto request = *Message::parse(client.seal(a_request(), true));
  BOOST_TEST(request.attributes.size() == 1u);  // FINGERPRINT
}

const std::vector<SecurityFeatures> kFeatureSets{
    {false, false}, {true, false}, {false, true}, {true, true}};

BOOST_DATA_TEST_CASE(a_challenged_client_passes, data::xrange(std::size_t{4}), set) {
  const SecurityFeatures features = kFeatureSets[set];
  const LongTermServer server = a_server(features);
  const LongTermClient client = a_challenged(server);

  const Bytes octets = client.seal(a_request(2), false);

  BOOST_TEST(verdict(server, octets) == 0);
  const Message request = *Message::parse(octets);
  BOOST_TEST(request.has<UserHash>() == features.username_anonymity);
  BOOST_TEST(request.has<Username>() == !features.username_anonymity);
  BOOST_TEST(request.has<MessageIntegritySha256>() == features.password_algorithms);
  BOOST_TEST(request.has<MessageIntegrity>() == !features.password_algorithms);
  if (features.password_algorithms) {
    BOOST_TEST((request.find<PasswordAlgorithm>()->hash == PasswordHash::Sha256));
    BOOST_TEST(
        (request.find(AttributeType::PasswordAlgorithms)->value ==
         Message::parse(challenge_of(server))->find(AttributeType::PasswordAlgorithms)->value));
  }
}

// RFC 8489 §9.2.4: a client of RFC 5389 overlooks the list and is taken as MD5, and answered with
// SHA-1.
BOOST_AUTO_TEST_CASE(an_old_client_passes_at_a_new_server) {
  const auto server = a_server();
  const auto nonce = Message::parse(challenge_of(server))->find<Nonce>()->value;
  const auto message =
      a_request(2).add(Username{"alice"}).add(Realm{"example.org"}).add(Nonce{nonce});

  const auto octets = seal(message, {.key = long_term_key("alice", "example.org", "secret")});

  const auto result = server.authenticate(kStart, *Message::parse(octets), octets, kClient);
  const auto& accepted = std::get<LongTermServer::Accepted>(result);
  BOOST_TEST(accepted.username == "alice");
  BOOST_TEST((accepted.integrity == IntegrityAlgorithm::Sha1));
}

struct Incomplete {
  const char* name;
  AttributeType without;
};
std::ostream& operator<<(std::ostream& out, const Incomplete& row) {
  return out << row.name;
}
const std::vector<Incomplete> kIncomplete{
    {"no USERNAME", AttributeType::Username},
    {"no REALM", AttributeType::Realm},
    {"no NONCE", AttributeType::Nonce},
    {"no PASSWORD-ALGORITHMS", AttributeType::PasswordAlgorithms},
    {"no PASSWORD-ALGORITHM", AttributeType::PasswordAlgorithm}};

BOOST_DATA_TEST_CASE(an_incomplete_request_is_400_without_a_challenge, data::make(kIncomplete),
                     row) {
  const auto server = a_server();
  auto message = *Message::parse(a_challenged(server).seal(a_request(2), false));
  std::erase_if(message.attributes, [&](const Attribute& attribute) {
    return attribute.type == row.without || attribute.type == AttributeType::MessageIntegritySha256;
  });
  const auto octets = seal(message, {.key = to_octets("whatever")});

  const auto result = server.authenticate(kStart, *Message::parse(octets), octets, kClient);

  const auto& response = std::get<Message>(result);
  BOOST_TEST(response.template find<ErrorCode>()->code == error::kBadRequest);
  BOOST_TEST(response.attributes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_algorithm_outside_the_list_is_400) {
  const auto server = a_server();
  auto message = *Message::parse(a_challenged(server).seal(a_request(2), false));
  for (auto& attribute : message.attributes) {
    if (attribute.type == AttributeType::PasswordAlgorithm)
      attribute.value = PasswordAlgorithm{PasswordHash{7}, {}}.encode({});
  }
  std::erase_if(message.attributes,
                [](const Attribute& a) { return a.type == AttributeType::MessageIntegritySha256; });

  BOOST_TEST(verdict(server, seal(message, {.key = to_octets("k")})) == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_or_an_unknown_user_is_401) {
  const auto server = a_server();
  BOOST_TEST(verdict(server, a_challenged(server, "guess").seal(a_request(2), false)) ==
             error::kUnauthenticated);

  LongTermClient mallory{"mallory", "secret"};
  const auto octets = challenge_of(server);
  (void)mallory.receive(*Message::parse(octets), octets, false);
  BOOST_TEST(verdict(server, mallory.seal(a_request(2), false)) == error::kUnauthenticated);
}

BOOST_AUTO_TEST_CASE(a_nonce_lives_as_long_as_it_was_told_to) {
  const auto server = a_server();
  const auto octets = a_challenged(server).seal(a_request(2), false);

  BOOST_TEST(verdict(server, octets, kStart + 1h - 1ns) == 0);
  BOOST_TEST(verdict(server, octets, kStart + 1h) == error::kStaleNonce);
}

BOOST_AUTO_TEST_CASE(a_nonce_is_good_for_one_client_only) {
  const auto server = a_server();
  BOOST_TEST(server.nonce_for(kStart, kClient) != server.nonce_for(kStart, kOther));
  BOOST_TEST(server.nonce_for(kStart, kClient) != server.nonce_for(kStart + 1ns, kClient));

  const auto octets = a_challenged(server).seal(a_request(2), false);
  BOOST_TEST(verdict(server, octets, kStart, kOther) == error::kStaleNonce);
}

BOOST_AUTO_TEST_CASE(a_forged_nonce_is_stale) {
  const auto server = a_server();
  for (const auto* const nonce : {"", "obMatJos2gAAA", "obMatJos2AAAA0000000000000000", "x"}) {
    const auto message =
        a_request(2).add(Username{"alice"}).add(Realm{"example.org"}).add(Nonce{nonce});
    BOOST_TEST(
        verdict(server, seal(message, {.key = long_term_key("alice", "example.org", "secret")})) ==
        error::kStaleNonce);
  }
}

BOOST_AUTO_TEST_CASE(a_client_takes_the_new_nonce_after_438) {
  const auto server = a_server();
  auto client = a_challenged(server);
  const auto late = kStart + 2h;
  const auto stale = client.seal(a_request(2), false);
  const auto result = server.authenticate(late, *Message::parse(stale), stale, kClient);
  const auto response = seal(std::get<Message>(result));

  BOOST_TEST((client.receive(*Message::parse(response), response, true) == Next::Retry));

  BOOST_TEST(verdict(server, client.seal(a_request(3), false), late) == 0);
}

BOOST_AUTO_TEST_CASE(deviation_keep_stale_nonce) {
  const auto server = a_server();
  LongTermClient client{"alice", "secret", {Deviation::TurnKeepStaleNonce}};
  const auto challenge = challenge_of(server);
  (void)client.receive(*Message::parse(challenge), challenge, false);
  const auto stale = client.seal(a_request(2), false);
  const auto late = kStart + 2h;
  const auto response =
      seal(std::get<Message>(server.authenticate(late, *Message::parse(stale), stale, kClient)));

  BOOST_TEST((client.receive(*Message::parse(response), response, true) == Next::Retry));

  BOOST_TEST(verdict(server, client.seal(a_request(3), false), late) == error::kStaleNonce);
}

BOOST_AUTO_TEST_CASE(deviation_credentials_in_first_request) {
  const LongTermClient client{"alice", "secret", {Deviation::TurnCredentialsInFirstRequest}};
  const auto request = *Message::parse(client.seal(a_request(), false));
  BOOST_TEST(request.find<Username>()->value == "alice");
}

BOOST_AUTO_TEST_CASE(a_second_401_in_the_same_realm_is_final) {
  const auto server = a_server();
  auto client = a_challenged(server, "guess");
  const auto octets = challenge_of(server);
  BOOST_TEST((client.receive(*Message::parse(octets), octets, true) == Next::Report));
}

BOOST_AUTO_TEST_CASE(a_list_that_was_taken_out_of_the_challenge_stops_the_client) {
  auto message = *Message::parse(challenge_of(a_server()));
  std::erase_if(message.attributes,
                [](const Attribute& a) { return a.type == AttributeType::PasswordAlgorithms; });
  const auto octets = seal(message);
  LongTermClient client{"alice", "secret"};

  BOOST_TEST((client.receive(message, octets, false) == Next::Report));

  BOOST_TEST(!client.has_challenge());
}

BOOST_AUTO_TEST_CASE(a_list_without_a_known_algorithm_stops_the_client) {
  auto message = *Message::parse(challenge_of(a_server()));
  for (auto& attribute : message.attributes) {
    if (attribute.type == AttributeType::PasswordAlgorithms) attribute.value = from_hex("00770000");
  }
  LongTermClient client{"alice", "secret"};
  BOOST_TEST((client.receive(message, seal(message), false) == Next::Report));
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_verify_never_came) {
  const auto server = a_server();
  auto client = a_challenged(server);
  const auto response = Message::response_to(a_request(2), Class::Success);
  const auto bad_request =
      Message::response_to(a_request(2), Class::Error).add(ErrorCode::standard(400));
  const auto good =
      seal(response, {long_term_key("alice", "example.org", "secret", PasswordHash::Sha256),
                      IntegrityAlgorithm::Sha256,
                      false,
                      {}});
  const auto forged = seal(response, {to_octets("guess"), IntegrityAlgorithm::Sha256, false, {}});

  BOOST_TEST((client.receive(response, good, true) == Next::Report));
  BOOST_TEST((client.receive(response, forged, true) == Next::Ignore));
  BOOST_TEST((client.receive(response, seal(response), true) == Next::Ignore));
  BOOST_TEST((client.receive(bad_request, seal(bad_request), true) == Next::Ignore));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
