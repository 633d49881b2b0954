// Faults that a STUN server can be told to have: each shows where a checker would look.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/server.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <vector>

namespace rtclab::stun {
namespace {

const Endpoint kServer = *Endpoint::parse("198.51.100.1:3478");
const Ip kOtherIp = *Ip::parse("198.51.100.2");
const Endpoint kClient = *Endpoint::parse("192.0.2.1:32853");

// The answer of a server with two addresses to `request`.
Transmit answer(std::optional<Deviation> deviation, const Message& request) {
  Server::Config config{.alternate_port = Port{3479}};
  if (deviation) config.deviations.add(*deviation);
  Server server{config};
  server.handle_input({}, InterfaceUp{"eth0", kServer.ip});
  server.handle_input({}, InterfaceUp{"eth0", kOtherIp});
  server.handle_input({}, Received{{Transport::Udp, kServer, kClient}, seal(request)});
  std::optional<Transmit> reply;
  while (auto output = server.poll_output()) {
    if (auto* const transmit = std::get_if<Transmit>(&*output)) reply = std::move(*transmit);
  }
  BOOST_TEST_REQUIRE(reply.has_value());
  return *reply;
}

Message a_request() {
  SeededRng rng{1};
  return {Class::Request, Method::Binding, TransactionId::draw(rng), {}};
}
Message an_unknown_request() {
  auto request = a_request();
  request.attributes.push_back({AttributeType{0x7eee}, {}});
  return request;
}

BOOST_AUTO_TEST_SUITE(stun_deviations)

BOOST_AUTO_TEST_CASE(error_number_too_high) {
  const auto reply = answer(Deviation::StunErrorNumberTooHigh, an_unknown_request());
  const auto reading = Message::parse_structure(reply.bytes);
  BOOST_TEST_REQUIRE(reading.flaws.size() == 1u);
  BOOST_TEST((reading.flaws[0].rule == Rule{8489, "14.8"}));
  BOOST_TEST(to_hex(reading.message->find(AttributeType::ErrorCode)->value).substr(0, 8) ==
             "0000048a");
}

BOOST_AUTO_TEST_CASE(mapped_address_unmasked) {
  const auto reply =
      *Message::parse(answer(Deviation::StunMappedAddressUnmasked, a_request()).bytes);
  const auto* const attribute = reply.find(AttributeType::XorMappedAddress);
  BOOST_TEST((decode_address(attribute->value).value() == kClient));
}

BOOST_AUTO_TEST_CASE(unknown_attributes_unlisted) {
  const auto reply =
      *Message::parse(answer(Deviation::StunUnknownAttributesUnlisted, an_unknown_request()).bytes);
  BOOST_TEST(reply.find<ErrorCode>()->code == error::kUnknownAttribute);
  BOOST_TEST(!reply.has<UnknownAttributes>());
  BOOST_TEST(
      Message::parse(answer(std::nullopt, an_unknown_request()).bytes)->has<UnknownAttributes>());
}

BOOST_AUTO_TEST_CASE(ignore_change_request) {
  const auto request = a_request().add(ChangeRequest{true, true});
  BOOST_TEST((answer(Deviation::NbdIgnoreChangeRequest, request).path.local == kServer));
  BOOST_TEST((answer(std::nullopt, request).path.local == Endpoint{kOtherIp, Port{3479}}));
}

BOOST_AUTO_TEST_CASE(no_response_origin) {
  const auto reply = *Message::parse(answer(Deviation::NbdNoResponseOrigin, a_request()).bytes);
  BOOST_TEST(!reply.has<ResponseOrigin>());
  BOOST_TEST(reply.has<OtherAddress>());
}

BOOST_AUTO_TEST_CASE(ignore_response_port) {
  const auto request = a_request().add(ResponsePort{Port{1234}});
  BOOST_TEST((answer(Deviation::NbdIgnoreResponsePort, request).path.remote == kClient));
  BOOST_TEST(answer(std::nullopt, request).path.remote.port.value() == 1234);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
