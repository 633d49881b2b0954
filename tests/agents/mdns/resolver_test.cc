#include "agents/mdns/resolver.h"

#include "tests/agents/mdns/link.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::mdns {
namespace {

using namespace std::chrono_literals;
using test::an_answer;
using test::ip;
using test::Link;
using test::Sent;

const std::string kName = "d9197193-d9af-4e68-b88f-227332229c34.local";
const std::string kNeighbour = "192.168.1.7:5353";

std::string another_name(int i) {
  auto digits = std::to_string(i);
  digits.insert(0, 8 - digits.size(), '0');
  return digits + kName.substr(8);
}

BOOST_AUTO_TEST_SUITE(mdns_resolver)

BOOST_AUTO_TEST_CASE(a_name_on_the_link_is_resolved_in_one_exchange) {
  Link link;
  auto& alice = link.add({"192.168.1.1"});
  auto& bob = link.add({"192.168.1.2"});
  const auto name = link.register_address(alice, "192.168.1.1");

  link.resolve(bob, name);

  BOOST_REQUIRE(bob.resolved().size() == 1u);
  BOOST_TEST(bob.resolved()[0].name == name);
  BOOST_TEST((bob.resolved()[0].address == ip("192.168.1.1")));
  link.run_for(60s);
  BOOST_TEST(bob.events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_found_too) {
  Link link;
  auto& alice = link.add({"fe80::1"});
  auto& bob = link.add({"fe80::2"});
  const auto name = link.register_address(alice, "fe80::1");

  link.resolve(bob, name);

  BOOST_TEST((bob.resolved().at(0).address == ip("fe80::1")));
}

BOOST_AUTO_TEST_CASE(each_question_is_a_message_of_its_own) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);

  BOOST_REQUIRE(bob.sent.size() == 2u);
  BOOST_TEST((bob.sent[0].message.questions.at(0).type == RecordType::A));
  BOOST_TEST((bob.sent[1].message.questions.at(0).type == RecordType::Aaaa));
  for (const auto& sent : bob.sent) BOOST_TEST(sent.message.questions.size() == 1u);
}

BOOST_AUTO_TEST_CASE(questions_are_repeated_after_1_2_and_4_seconds_and_given_up_with_a_reason) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  link.run_for(60s);

  std::vector<Duration> at;
  for (const auto& sent : bob.sent) {
    if (sent.message.questions.at(0).type == RecordType::A) at.push_back(sent.at - Instant{});
  }
  BOOST_TEST((at == std::vector<Duration>{0s, 1s, 3s, 7s}));
  BOOST_REQUIRE(bob.failed().size() == 1u);
  BOOST_TEST(bob.failed()[0].reason == "no answer");
  BOOST_TEST(!bob.agent.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(only_the_first_question_wants_its_answer_alone) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  link.run_for(60s);

  for (const auto& sent : bob.sent) {
    BOOST_TEST(sent.message.questions.at(0).unicast_response == (sent.at == Instant{}));
  }
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_asked_for_again) {
  Link link;
  auto& alice = link.add({"192.168.1.1"});
  auto& bob = link.add({"192.168.1.2"});
  const auto name = link.register_address(alice, "192.168.1.1");
  link.run_for(10s);
  link.loses = [](const Sent& sent) { return sent.at < Instant{10s + 500ms}; };

  link.resolve(bob, name);
  BOOST_TEST(bob.resolved().empty());
  link.run_for(1s);

  BOOST_TEST(bob.resolved().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_announcement_that_was_heard_saves_the_question) {
  Link link;
  auto& alice = link.add({"192.168.1.1"});
  auto& bob = link.add({"192.168.1.2"});
  static_cast<void>(link.register_address(bob, "192.168.1.2"));
  const auto name = link.register_address(alice, "192.168.1.1");
  link.run_for(5s);
  bob.sent.clear();

  link.resolve(bob, name);

  BOOST_TEST(bob.resolved().size() == 1u);
  BOOST_TEST(bob.sent.empty());
}

BOOST_AUTO_TEST_CASE(what_was_heard_is_forgotten_with_its_time_to_live) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  static_cast<void>(link.register_address(bob, "192.168.1.2"));
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}, 30));
  link.run_for(30s);

  link.resolve(bob, kName);

  BOOST_TEST(bob.resolved().empty());
}

BOOST_AUTO_TEST_CASE(a_goodbye_leaves_one_second) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  static_cast<void>(link.register_address(bob, "192.168.1.2"));
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}));
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}, 0));
  link.run_for(1s);

  link.resolve(bob, kName);

  BOOST_TEST(bob.resolved().empty());
}

BOOST_AUTO_TEST_CASE(a_goodbye_for_a_name_unheard_of_answers_nothing) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}, 0));
  BOOST_TEST(bob.events.empty());
}

BOOST_AUTO_TEST_CASE(a_name_with_two_addresses_is_no_candidate) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7", "192.168.1.8"}));

  BOOST_REQUIRE(bob.failed().size() == 1u);
  BOOST_TEST(bob.failed()[0].reason == "the name has more than one address");
}

BOOST_AUTO_TEST_CASE(a_record_that_flushes_replaces_what_is_older_than_a_second) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  static_cast<void>(link.register_address(bob, "192.168.1.2"));
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}));
  link.run_for(1500ms);
  auto moved = an_answer(kName, {"192.168.1.8"});
  moved.answers.front().cache_flush = true;
  link.inject(bob, kNeighbour, moved);

  link.resolve(bob, kName);

  BOOST_TEST((bob.resolved().at(0).address == ip("192.168.1.8")));
}

BOOST_AUTO_TEST_CASE(an_answer_from_beyond_the_link_or_another_port_is_none) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);

  link.inject(bob, "203.0.113.9:5353", an_answer(kName, {"192.168.1.7"}));
  link.inject(bob, "192.168.1.7:5354", an_answer(kName, {"192.168.1.7"}));
  BOOST_TEST(bob.events.empty());

  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}));
  BOOST_TEST(bob.resolved().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_address_where_no_neighbour_can_be_is_no_answer) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);

  link.inject(bob, kNeighbour,
              an_answer(kName, {"::", "127.0.0.1", "224.0.0.5", "0.0.0.0", "ff02::1"}));

  BOOST_TEST(bob.events.empty());
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_uuid_is_never_asked_for) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, "printer.local");

  BOOST_REQUIRE(bob.failed().size() == 1u);
  BOOST_TEST(bob.failed()[0].reason == "not the UUID of an mDNS candidate");
  link.run_for(10s);
  BOOST_TEST(bob.sent.empty());
}

BOOST_AUTO_TEST_CASE(a_machine_without_an_interface_says_so) {
  Link link;
  auto& bob = link.add({});
  link.resolve(bob, kName);
  link.run_for(60s);
  BOOST_TEST(bob.failed().at(0).reason == "no interface to ask on");
}

BOOST_AUTO_TEST_CASE(an_interface_that_comes_late_is_asked_on) {
  Link link;
  auto& bob = link.add({});
  link.resolve(bob, kName);
  link.run_for(5s);
  link.run([&] { bob.agent.handle_input(link.now, InterfaceUp{"eth0", ip("192.168.1.2")}); });

  BOOST_TEST(bob.sent.size() == 2u);
  link.run_for(60s);
}

BOOST_AUTO_TEST_CASE(a_name_asked_for_twice_has_one_outcome) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  link.resolve(bob, kName);
  link.inject(bob, kNeighbour, an_answer(kName, {"192.168.1.7"}));
  BOOST_TEST(bob.events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(five_hundred_names_are_not_asked_for_all_at_once) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  for (int i = 0; i < 500; ++i) link.resolve(bob, another_name(i));
  link.run_for(1s);
  BOOST_TEST(bob.sent.size() <= 16u + 20u);
  BOOST_TEST(bob.failed().size() == 500u - Resolver::kMostQueries);
  link.run_for(60s);
  BOOST_TEST(bob.failed().size() == 500u);
  BOOST_TEST(!bob.agent.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_flood_of_records_leaves_the_last_ones_known) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  static_cast<void>(link.register_address(bob, "192.168.1.2"));
  for (int i = 0; i < 2000; ++i) {
    link.inject(bob, kNeighbour, an_answer(another_name(i), {"192.168.1.7"}));
    link.run_for(1ms);
  }

  link.resolve(bob, another_name(0));
  BOOST_TEST(bob.resolved().empty());
  link.resolve(bob, another_name(1999));
  BOOST_TEST(bob.resolved().size() == 1u);
}

BOOST_AUTO_TEST_CASE(nonsense_is_discarded_with_its_flaw) {
  Link link;
  auto& bob = link.add({"192.168.1.2"});
  link.resolve(bob, kName);
  const auto octets = from_hex("0000 8400 0001");
  const Path path{Transport::Udp, *Endpoint::parse("192.168.1.2:5353"),
                  *Endpoint::parse(kNeighbour)};
  link.run([&] { bob.agent.handle_input(link.now, Received{path, octets}); });

  BOOST_TEST(bob.trace.back().name == "transport:packet_discarded");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
