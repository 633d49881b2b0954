#include "agents/stun/server.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::stun {
namespace {

static_assert(Agent<Server>);

const Endpoint kServer = *Endpoint::parse("198.51.100.1:3478");
const Endpoint kClient = *Endpoint::parse("192.0.2.1:32853");
const Path kPath{Transport::Udp, kServer, kClient};

Message a_request() {
  SeededRng rng{1};
  Message message;
  message.transaction = TransactionId::draw(rng);
  return message;
}

std::vector<Output> drain(Server& server) {
  std::vector<Output> outputs;
  while (auto output = server.poll_output()) outputs.push_back(std::move(*output));
  return outputs;
}

Server a_server(Server::Config config = {}) {
  Server server{std::move(config)};
  server.handle_input({}, InterfaceUp{"eth0", kServer.ip});
  (void)drain(server);
  return server;
}

std::optional<Transmit> answer(Server& server, ByteView datagram, const Path& path = kPath) {
  server.handle_input({}, Received{path, datagram});
  for (auto& output : drain(server)) {
    if (auto* const transmit = std::get_if<Transmit>(&output)) return std::move(*transmit);
  }
  return std::nullopt;
}

Message answer_message(Server& server, const Message& request) {
  const auto reply = answer(server, seal(request));
  BOOST_TEST_REQUIRE(reply.has_value());
  return *Message::parse(reply->bytes);
}

BOOST_AUTO_TEST_SUITE(stun_server)

BOOST_AUTO_TEST_CASE(asks_for_a_socket_on_each_address) {
  Server server{{.alternate_port = Port{3479}}};
  server.handle_input({}, InterfaceUp{"eth0", kServer.ip});

  const auto outputs = drain(server);

  BOOST_REQUIRE(outputs.size() == 2u);
  BOOST_TEST((std::get<OpenSocket>(outputs[0]).local == kServer));
  BOOST_TEST(std::get<OpenSocket>(outputs[1]).local.to_string() == "198.51.100.1:3479");
}

BOOST_AUTO_TEST_CASE(answers_with_the_address_it_saw_on_the_path_the_request_took) {
  auto server = a_server();

  const auto reply = answer(server, seal(a_request()));

  BOOST_REQUIRE(reply.has_value());
  BOOST_TEST((reply->path == kPath));
  const auto response = *Message::parse(reply->bytes);
  BOOST_TEST((response.cls == Class::Success));
  BOOST_TEST((response.transaction == a_request().transaction));
  BOOST_TEST((response.find<XorMappedAddress>()->endpoint == kClient));
  BOOST_TEST(response.find<Software>()->value == "rtclab");
  BOOST_TEST(!response.has<MappedAddress>());
  BOOST_TEST(!response.has<Fingerprint>());
  BOOST_TEST(!response.has<OtherAddress>());
}

BOOST_AUTO_TEST_CASE(puts_a_fingerprint_where_it_saw_one) {
  auto server = a_server();
  const auto reply = answer(server, seal(a_request(), {.key = {}, .fingerprint = true}));
  BOOST_TEST((check_fingerprint(reply->bytes) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(lists_what_it_does_not_understand) {
  auto server = a_server();
  auto request = a_request();
  request.attributes.push_back({AttributeType{0x7eee}, {}});
  request.attributes.push_back({AttributeType{0xc0ff}, {}});

  const auto response = answer_message(server, request);

  BOOST_TEST(response.find<ErrorCode>()->code == error::kUnknownAttribute);
  BOOST_TEST((response.find<UnknownAttributes>()->types == std::vector{AttributeType{0x7eee}}));
}

BOOST_AUTO_TEST_CASE(answers_400_to_a_bad_value) {
  auto server = a_server();
  auto request = a_request();
  request.attributes.push_back({AttributeType::Priority, Bytes(3)});
  BOOST_TEST(answer_message(server, request).find<ErrorCode>()->code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(is_silent_to_indications_responses_other_methods_and_noise) {
  auto server = a_server();
  auto indication = a_request();
  indication.cls = Class::Indication;
  auto allocate = a_request();
  allocate.method = Method::Allocate;
  auto broken = seal(a_request(), {.key = {}, .fingerprint = true});
  broken.back() ^= std::byte{1};

  BOOST_TEST(!answer(server, seal(indication)).has_value());
  BOOST_TEST(!answer(server, seal(Message::response_to(a_request(), Class::Success))).has_value());
  BOOST_TEST(!answer(server, seal(allocate)).has_value());
  BOOST_TEST(!answer(server, broken).has_value());
  BOOST_TEST(!answer(server, to_octets("GET / HTTP/1.1")).has_value());
  BOOST_TEST(!answer(server, {}).has_value());
}

BOOST_AUTO_TEST_CASE(deviation_answer_indications) {
  auto server = a_server({.deviations = {Deviation::StunAnswerIndications}});
  auto indication = a_request();
  indication.cls = Class::Indication;
  BOOST_TEST(answer(server, seal(indication)).has_value());
}

// --- RFC 5780 ---

Server a_server_with_two_addresses() {
  auto server = a_server({.alternate_port = Port{3479}});
  server.handle_input({}, InterfaceUp{"eth0", *Ip::parse("198.51.100.2")});
  (void)drain(server);
  return server;
}

struct Change {
  ChangeRequest request;
  const char* from;
};

BOOST_AUTO_TEST_CASE(answers_from_where_it_is_asked_to) {
  for (const auto& [change, from] :
       {Change{{false, false}, "198.51.100.1:3478"}, Change{{true, false}, "198.51.100.2:3478"},
        Change{{false, true}, "198.51.100.1:3479"}, Change{{true, true}, "198.51.100.2:3479"}}) {
    auto server = a_server_with_two_addresses();

    const auto reply = answer(server, seal(a_request().add(change)));

    BOOST_REQUIRE(reply.has_value());
    BOOST_TEST(reply->path.local.to_string() == from);
    BOOST_TEST((reply->path.remote == kClient));
    const auto response = *Message::parse(reply->bytes);
    BOOST_TEST(response.find<ResponseOrigin>()->endpoint.to_string() == from);
    BOOST_TEST(response.find<OtherAddress>()->endpoint.to_string() == "198.51.100.2:3479");
  }
}

BOOST_AUTO_TEST_CASE(with_one_address_change_request_is_unknown) {
  auto server = a_server({.alternate_port = Port{3479}});
  const auto response = answer_message(server, a_request().add(ChangeRequest{true, true}));
  BOOST_TEST(
      (response.find<UnknownAttributes>()->types == std::vector{AttributeType::ChangeRequest}));
}

BOOST_AUTO_TEST_CASE(answers_to_another_port_and_pads_but_not_both) {
  auto server = a_server();
  const auto elsewhere = answer(server, seal(a_request().add(ResponsePort{Port{5000}})));
  const auto padded = answer(server, seal(a_request().add(Padding{Bytes(1500)})));
  const auto both =
      answer_message(server, a_request().add(ResponsePort{Port{5000}}).add(Padding{Bytes(4)}));

  BOOST_TEST(elsewhere->path.remote.to_string() == "192.0.2.1:5000");
  BOOST_TEST(padded->bytes.size() > 1500u);
  BOOST_TEST(both.find<ErrorCode>()->code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(a_lost_interface_takes_its_sockets_along) {
  auto server = a_server_with_two_addresses();
  server.handle_input({}, InterfaceDown{"eth0", *Ip::parse("198.51.100.2")});

  BOOST_TEST(drain(server).size() == 2u);
  const auto response = answer_message(server, a_request());
  BOOST_TEST(!response.has<OtherAddress>());
}

BOOST_AUTO_TEST_CASE(answers_over_tcp_however_the_stream_is_cut) {
  Server server = a_server({.over_tcp = true});
  const Path path{Transport::Tcp, kServer, kClient};
  server.handle_input({}, StreamOpened{std::nullopt, path});
  auto octets = seal(a_request());
  const auto again = octets;
  octets.insert(octets.end(), again.begin(), again.end());

  std::vector<Transmit> answers;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    server.handle_input({}, Received{path, ByteView{octets}.subspan(i, 1)});
    for (auto& output : drain(server)) {
      if (auto* const transmit = std::get_if<Transmit>(&output)) answers.push_back(*transmit);
    }
  }

  BOOST_TEST_REQUIRE(answers.size() == 2u);
  for (const auto& answer : answers) {
    BOOST_TEST((answer.path == path));
    const auto response = *Message::parse(answer.bytes);
    BOOST_TEST((response.find<XorMappedAddress>()->endpoint == kClient));
    BOOST_TEST(!response.has<OtherAddress>());
  }
}

BOOST_AUTO_TEST_CASE(ends_a_tcp_stream_that_is_no_stun) {
  Server server = a_server({.over_tcp = true});
  const Path path{Transport::Tcp, kServer, kClient};
  server.handle_input({}, StreamOpened{std::nullopt, path});
  server.handle_input({}, Received{path, as_octets("GET / HTTP/1.1\r\n\r\n")});
  int closed = 0;
  for (const auto& output : drain(server))
    closed += std::holds_alternative<CloseStream>(output) ? 1 : 0;
  BOOST_TEST(closed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
