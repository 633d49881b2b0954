#include "agents/mdns/responder.h"

#include "agents/mdns/candidate_name.h"
#include "tests/agents/mdns/link.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::mdns {
namespace {

using namespace std::chrono_literals;
using test::a_query;
using test::ip;
using test::Link;
using test::multicasts;
using test::unicasts;

const std::string kNeighbour = "192.168.1.7:5353";

Message asking_for_unicast(const std::string& name) {
  auto query = a_query(name);
  query.questions.front().unicast_response = true;
  return query;
}

BOOST_AUTO_TEST_SUITE(mdns_responder)

BOOST_AUTO_TEST_CASE(a_name_is_a_uuid_of_its_own_for_each_address_and_the_same_each_time) {
  Link link;
  auto& machine = link.add({"192.168.1.1", "fe80::1"});

  const auto v4 = link.register_address(machine, "192.168.1.1");
  const auto v6 = link.register_address(machine, "fe80::1");

  BOOST_TEST(is_candidate_name(v4));
  BOOST_TEST(v4 != v6);
  BOOST_TEST(link.register_address(machine, "192.168.1.1") == v4);
}

BOOST_AUTO_TEST_CASE(no_socket_opens_before_a_name_is_registered) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  link.run_for(10s);
  BOOST_TEST(machine.asked.empty());

  static_cast<void>(link.register_address(machine, "192.168.1.1"));

  BOOST_TEST(machine.asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_name_is_announced_twice_a_second_apart) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(60s);

  BOOST_REQUIRE(machine.sent.size() == 2u);
  BOOST_TEST((machine.sent[0].at == Instant{1s}));
  BOOST_TEST((machine.sent[1].at == Instant{2s}));
  const auto& [at, path, message] = machine.sent[0];
  BOOST_TEST(path.remote.to_string() == "224.0.0.251:5353");
  BOOST_TEST(path.local.to_string() == "192.168.1.1:5353");
  BOOST_TEST(message.authoritative);
  BOOST_TEST(message.answers.at(0).name.to_string() == name);
  BOOST_TEST(message.answers.at(0).cache_flush);
  BOOST_TEST(message.answers.at(0).ttl == 120u);
  BOOST_TEST((*message.answers.at(0).find_address() == ip("192.168.1.1")));
}

BOOST_AUTO_TEST_CASE(a_question_is_answered_at_once_and_the_answer_announces) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");

  link.inject(machine, kNeighbour, a_query(name));

  BOOST_TEST(machine.sent.size() == 1u);
  BOOST_TEST((machine.sent[0].at == Instant{}));
  link.run_for(60s);
  BOOST_TEST(machine.sent.size() == 2u);
  BOOST_TEST((machine.sent[1].at == Instant{1s}));
}

BOOST_AUTO_TEST_CASE(a_record_is_multicast_once_a_second_whoever_asks) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(10s);
  machine.sent.clear();

  for (int i = 0; i < 30; ++i) {
    link.inject(machine, kNeighbour, a_query(name));
    link.run_for(100ms);
  }

  BOOST_TEST(machine.sent.size() >= 3u);
  for (std::size_t i = 1; i < machine.sent.size(); ++i) {
    BOOST_TEST((machine.sent[i].at - machine.sent[i - 1].at >= 1s));
  }
}

BOOST_AUTO_TEST_CASE(a_probe_is_answered_within_the_second) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(2s);
  machine.sent.clear();

  auto probe = a_query(name, RecordType::Any);
  probe.authorities.push_back(Record::address(*Name::parse(name), ip("192.168.1.9"), 120));
  link.inject(machine, kNeighbour, probe);
  link.run_for(250ms);

  BOOST_TEST(multicasts(machine.sent).size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_wants_the_answer_alone_gets_it_alone_if_all_heard_it_lately) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(2s);
  machine.sent.clear();

  link.inject(machine, kNeighbour, asking_for_unicast(name));
  BOOST_TEST(unicasts(machine.sent).size() == 1u);
  BOOST_TEST(unicasts(machine.sent).at(0).path.remote.to_string() == kNeighbour);

  link.run_for(31s);
  link.inject(machine, kNeighbour, asking_for_unicast(name));
  BOOST_TEST(unicasts(machine.sent).size() == 1u);
  BOOST_TEST(multicasts(machine.sent).size() == 1u);
}

BOOST_AUTO_TEST_CASE(no_answer_is_sent_to_an_address_beyond_the_link) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(10s);
  machine.sent.clear();

  link.inject(machine, "203.0.113.9:5353", asking_for_unicast(name));
  link.inject(machine, "203.0.113.9:40000", a_query(name));

  BOOST_TEST(unicasts(machine.sent).empty());
}

BOOST_AUTO_TEST_CASE(a_resolver_of_plain_dns_gets_its_question_back_and_a_short_life) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  auto query = a_query(name);
  query.id = 0x1234;

  link.inject(machine, "192.168.1.7:40000", query);

  BOOST_REQUIRE(unicasts(machine.sent).size() == 1u);
  const auto reply = unicasts(machine.sent)[0].message;
  BOOST_TEST(reply.id == 0x1234);
  BOOST_TEST((reply.questions == query.questions));
  BOOST_TEST(reply.answers.at(0).ttl <= 10u);
  BOOST_TEST(!reply.answers.at(0).cache_flush);
}

BOOST_AUTO_TEST_CASE(a_type_that_the_name_has_not_is_denied) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");

  link.inject(machine, kNeighbour, a_query(name, RecordType::Aaaa));

  BOOST_REQUIRE(machine.sent.size() == 1u);
  const auto& answer = machine.sent[0].message.answers.at(0);
  BOOST_TEST((std::get<Nsec>(answer.data).types == std::vector{RecordType::A}));
}

BOOST_AUTO_TEST_CASE(who_knows_the_answer_for_long_enough_gets_none) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  const auto name = link.register_address(machine, "192.168.1.1");
  link.run_for(10s);
  machine.sent.clear();
  auto query = a_query(name);
  query.answers.push_back(Record::address(*Name::parse(name), ip("192.168.1.1"), 60));

  link.inject(machine, kNeighbour, query);
  BOOST_TEST(machine.sent.empty());

  query.answers.front().ttl = 59;
  link.inject(machine, kNeighbour, query);
  BOOST_TEST(machine.sent.size() == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_said_about_names_of_others) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  static_cast<void>(link.register_address(machine, "192.168.1.1"));
  link.run_for(10s);
  machine.sent.clear();

  link.inject(machine, kNeighbour, a_query("printer.local", RecordType::Any));
  link.run_for(10s);

  BOOST_TEST(machine.sent.empty());
}

BOOST_AUTO_TEST_CASE(an_address_is_told_on_its_own_interface_only) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  link.run([&] { machine.agent.handle_input(link.now, InterfaceUp{"wlan0", ip("10.0.0.1")}); });
  static_cast<void>(link.register_address(machine, "192.168.1.1"));
  link.run_for(10s);

  BOOST_TEST(machine.asked.size() == 2u);
  BOOST_TEST(machine.sent.size() == 2u);
  for (const auto& sent : machine.sent) BOOST_TEST((sent.path.local.ip == ip("192.168.1.1")));
}

BOOST_AUTO_TEST_CASE(a_name_that_is_taken_back_says_goodbye_where_it_was_told) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  static_cast<void>(link.register_address(machine, "192.168.1.1"));
  link.run_for(10s);
  machine.sent.clear();

  link.run([&] { machine.agent.remove_address(link.now, ip("192.168.1.1")); });

  BOOST_REQUIRE(machine.sent.size() == 1u);
  BOOST_TEST(machine.sent[0].message.answers.at(0).ttl == 0u);
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_heard_of_goes_without_a_word) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  static_cast<void>(link.register_address(machine, "192.168.1.1"));

  link.run([&] { machine.agent.remove_address(link.now, ip("192.168.1.1")); });
  link.run_for(10s);

  BOOST_TEST(machine.sent.empty());
}

BOOST_AUTO_TEST_CASE(closing_says_goodbye_and_gives_the_sockets_back) {
  Link link;
  auto& machine = link.add({"192.168.1.1", "fe80::1"});
  static_cast<void>(link.register_address(machine, "192.168.1.1"));
  link.run_for(10s);
  machine.sent.clear();

  link.run([&] { machine.agent.close(link.now); });

  BOOST_TEST(machine.sent.size() == 2u);  // on either socket of the interface
  BOOST_TEST(machine.closed.size() == 2u);
  BOOST_TEST(!machine.agent.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(names_are_handed_out_also_where_no_socket_can_be_had) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  machine.sockets_fail = true;

  BOOST_TEST(is_candidate_name(link.register_address(machine, "192.168.1.1")));
  link.run_for(10s);
  BOOST_TEST(machine.sent.empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_names_leaves_at_the_rate) {
  Link link;
  auto& machine = link.add({"192.168.1.1"});
  for (int i = 0; i < 500; ++i) {
    link.run([&] {
      static_cast<void>(machine.agent.register_address(link.now, ip("192.168.1.1")));
      machine.agent.remove_address(link.now, ip("192.168.1.1"));
      static_cast<void>(machine.agent.register_address(link.now, ip("192.168.1.1")));
    });
    const auto name = link.register_address(machine, "192.168.1.1");
    link.inject(machine, kNeighbour, a_query(name));
  }
  link.run_for(1s);
  BOOST_TEST(machine.sent.size() <= 16u + 20u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
