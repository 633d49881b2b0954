// ICE over TCP (RFC 6544): two agents whose datagrams the network drops, or who have no others.
#include "agents/ice/local_preference.h"
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

constexpr TcpCandidates kActive{.active = true};
constexpr TcpCandidates kActivePassive{.active = true, .passive = true};
constexpr TcpCandidates kSo{.so = true};

CallOptions over_tcp(const TcpCandidates& a, const TcpCandidates& b) {
  CallOptions options{.has_stun = false};
  options.agent_a.tcp = a;
  options.agent_b.tcp = b;
  return options;
}

// UDP is filtered between the two.
struct TcpCall : Call {
  explicit TcpCall(CallOptions options = over_tcp(kActive, kActivePassive))
      : Call{std::move(options)} {
    world.drops = [](const Datagram& datagram) { return datagram.transport == Transport::Udp; };
    world.keeps_record = true;
  }
  [[nodiscard]] std::vector<SentMessage> tcp_checks(const Side& side) const {
    auto checks = sent_checks(world, *side.machine);
    std::erase_if(checks,
                  [](const SentMessage& each) { return each.path.transport != Transport::Tcp; });
    return checks;
  }
  // Data on the path, and every octet of TCP is in frames.
  [[nodiscard]] bool is_framed(const Side& side) const {
    Bytes octets;
    for (const auto& sent : world.sent) {
      if (sent.sender != side.machine || sent.path.transport != Transport::Tcp) continue;
      if (sent.bytes.size() < 2 || ByteReader{sent.bytes}.u16() != sent.bytes.size() - 2)
        return false;
    }
    return true;
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_tcp, TcpCall)

BOOST_AUTO_TEST_CASE(an_active_and_a_passive_candidate_connect_where_udp_is_filtered) {
  start();
  BOOST_REQUIRE(run_until_completed());

  const auto of_a = *a->agent.selected_pair(a->stream);
  const auto of_b = *b->agent.selected_pair(b->stream);
  BOOST_TEST((of_a.local.transport == Transport::Tcp));
  BOOST_TEST((of_a.local.tcp_type == TcpType::Active));
  // RFC 6544 §7.1 and §7.2: the port that the connection got is news to both.
  BOOST_TEST((of_a.local.type == CandidateType::PeerReflexive));
  BOOST_TEST((of_b.local.tcp_type == TcpType::Passive));
  BOOST_TEST((of_b.remote.type == CandidateType::PeerReflexive));
  BOOST_TEST((of_b.remote.tcp_type == TcpType::Active));
  BOOST_TEST((of_a.local.address == of_b.remote.address));
  BOOST_TEST(of_a.nominated);
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
  BOOST_TEST(is_framed(*a));
  BOOST_TEST(is_framed(*b));
}

BOOST_AUTO_TEST_CASE(the_passive_side_may_be_the_one_that_controls) {
  TcpCall call{over_tcp(kActivePassive, kActive)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->local.tcp_type == TcpType::Passive));
  BOOST_TEST(call.passes(*call.a, *call.b));
}

BOOST_AUTO_TEST_CASE(two_so_candidates_open_at_once_and_make_one_connection) {
  TcpCall call{over_tcp(kSo, kSo)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  const auto pair = *call.a->agent.selected_pair(call.a->stream);
  BOOST_TEST((pair.local.tcp_type == TcpType::So));
  BOOST_TEST((pair.local.type == CandidateType::Host));
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 1u);
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(two_active_agents_have_nothing_to_pair) {
  TcpCall call{over_tcp(kActive, kActive)};
  call.start();
  call.world.run_for(45s);
  BOOST_TEST(call.both(State::Failed));
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 0u);
}

// RFC 6544 §4.2: UDP is better where it works.
BOOST_AUTO_TEST_CASE(udp_is_chosen_where_both_work) {
  world.drops = nullptr;
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_TEST((a->agent.selected_pair(a->stream)->local.transport == Transport::Udp));
}

// RFC 6544 §8, after the three seconds of RFC 8445 §8.3.1.
BOOST_AUTO_TEST_CASE(connections_that_were_not_selected_are_closed) {
  TcpCall call;
  call.world.drops = nullptr;
  // UDP is slow to be checked: TCP connections are made meanwhile.
  call.world.drops = [&](const Datagram& datagram) {
    return datagram.transport == Transport::Udp && call.world.now() < Instant{} + 400ms;
  };
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_REQUIRE((call.a->agent.selected_pair(call.a->stream)->local.transport == Transport::Udp));
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 1u);
  call.world.run_for(3500ms);
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 0u);
  BOOST_TEST(call.passes(*call.a, *call.b));
}

// RFC 6544 §4.5.
BOOST_AUTO_TEST_CASE(an_active_candidate_shows_port_9_and_listens_nowhere) {
  gather(*a);
  BOOST_REQUIRE(a->candidates.size() == 2u);
  BOOST_TEST(a->candidates[1].address.port.value() == 9);
  BOOST_TEST((a->candidates[1].to_string().ends_with("typ host tcptype active")));
  BOOST_TEST(a->machine->listeners.empty());
}

BOOST_AUTO_TEST_CASE(a_passive_candidate_shows_the_port_it_listens_at) {
  gather(*b);
  BOOST_REQUIRE(b->machine->listeners.size() == 1u);
  const auto passive =
      std::ranges::find(b->candidates, std::optional{TcpType::Passive}, &Candidate::tcp_type);
  BOOST_REQUIRE(passive != b->candidates.end());
  BOOST_TEST((passive->address == b->machine->listeners.front()));
}

// RFC 8489 §6.2.2: one request, 39.5 s.
BOOST_AUTO_TEST_CASE(a_check_over_tcp_is_never_resent) {
  start();
  world.run_for(300ms);
  world.drops = [](const Datagram&) { return true; };
  BOOST_REQUIRE(!tcp_checks(*a).empty());
  BOOST_REQUIRE(run_until_completed());
  std::set<std::string> ids;
  for (const auto& check : tcp_checks(*a))
    BOOST_TEST(ids.insert(check.message.transaction.to_hex()).second);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_fails_its_pair_at_once_and_says_why) {
  trickles = false;
  gather(*a);
  a->agent.set_remote_credentials(world.now(), a->stream, b->agent.local_credentials(b->stream));
  Candidate nobody;
  nobody.transport = Transport::Tcp;
  nobody.tcp_type = TcpType::Passive;
  nobody.address = endpoint("203.0.113.2:4444");
  nobody.foundation = "1";
  nobody.priority = Priority{1000};
  a->agent.add_remote_candidate(world.now(), a->stream, nobody);
  world.drain(*a->machine);
  world.run_for(1s);

  const auto pairs = a->agent.pairs(a->stream);
  BOOST_REQUIRE(pairs.size() == 1u);
  BOOST_TEST((pairs.front().state == PairState::Failed));
  const auto moves = a->traced("ice:pair_state_changed");
  BOOST_TEST(text_of(moves.back().event, "reason") ==
             "the TCP connection cannot be made: connection refused");
}

// RFC 6544 §11.1: active and so candidates MUST connect again.
const std::vector<std::pair<TcpCandidates, TcpCandidates>> kTcpSides{
    {kActive, kActivePassive}, {kActivePassive, kActive}, {kSo, kSo}};
BOOST_DATA_TEST_CASE(a_connection_that_is_lost_is_made_again, data::xrange(kTcpSides.size()), i) {
  TcpCall call{over_tcp(kTcpSides[i].first, kTcpSides[i].second)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());

  call.world.reset_connections(*call.a->machine);
  BOOST_TEST((call.a->state() == State::Disconnected));
  BOOST_TEST(!call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16")));
  call.world.run_for(2s);

  BOOST_TEST(call.both(State::Completed));
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 1u);
  BOOST_TEST(call.a->agent.selected_pair(call.a->stream)->nominated);
  BOOST_TEST(call.b->agent.selected_pair(call.b->stream)->nominated);
}

BOOST_AUTO_TEST_CASE(a_connection_that_cannot_be_made_again_ends_the_session) {
  start();
  BOOST_REQUIRE(run_until_completed());
  world.drops = [](const Datagram&) { return true; };
  world.reset_connections(*a->machine);
  world.run_for(70s);
  BOOST_TEST(both(State::Failed));
}

// RFC 7675 §5.1.
BOOST_AUTO_TEST_CASE(consent_is_checked_over_tcp_too) {
  start();
  BOOST_REQUIRE(run_until_completed());
  world.sent.clear();
  world.run_for(60s);
  const auto checks = tcp_checks(*a);
  BOOST_TEST(checks.size() >= 10u);
  BOOST_TEST(checks.size() <= 15u);
  BOOST_TEST(both(State::Completed));
}

BOOST_AUTO_TEST_CASE(an_hour_of_data_in_pieces_arrives_whole) {
  start();
  BOOST_REQUIRE(run_until_completed());
  for (int i = 0; i < 200; ++i) {
    world.run_for(18s);
    BOOST_REQUIRE(passes(*a, *b));
    BOOST_REQUIRE(passes(*b, *a));
  }
}

// RFC 6544 §9.2: the connection in use outlives the restart, until its successor is selected.
BOOST_AUTO_TEST_CASE(a_restart_keeps_the_connection_and_data_flows_on_it) {
  start();
  BOOST_REQUIRE(run_until_completed());
  for (auto* side : {a.get(), b.get()}) {
    side->agent.restart(world.now(), side->stream);
    world.drain(*side->machine);
  }
  BOOST_TEST(world.connections_of(*a->machine) == 1u);
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
  BOOST_TEST(world.connections_of(*a->machine) == 1u);
}

BOOST_AUTO_TEST_CASE(an_active_agent_behind_a_symmetric_nat_reaches_a_public_passive_one) {
  auto options = over_tcp(kActive, kActivePassive);
  options.a = {kSymmetric};
  TcpCall call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(closing_closes_connections_and_listeners) {
  start();
  BOOST_REQUIRE(run_until_completed());
  b->agent.close(world.now());
  world.drain(*b->machine);
  world.run_for(1s);
  BOOST_TEST(b->machine->listeners.empty());
  BOOST_TEST(world.connections_of(*b->machine) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

// A stranger at the other end of a TCP connection.
class Stranger : public Actor {
 public:
  explicit Stranger(std::string greeting) : greeting_{std::move(greeting)} {}
  void handle_input(Instant, const Input& input) override {
    if (const auto* const up = std::get_if<InterfaceUp>(&input))
      outputs_.push_back(OpenSocket{1, Transport::Tcp, {up->address, Port{22}}, std::nullopt});
    if (const auto* const opened = std::get_if<StreamOpened>(&input))
      outputs_.push_back(Transmit{opened->path, to_octets(greeting_)});
    if (std::holds_alternative<StreamClosed>(input)) was_left = true;
  }
  void handle_timeout(Instant) override {}
  std::optional<Output> poll_output() override {
    if (outputs_.empty()) return std::nullopt;
    std::optional front{outputs_.front()};
    outputs_.erase(outputs_.begin());
    return front;
  }
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const override { return std::nullopt; }
  bool was_left = false;

 private:
  std::string greeting_;
  std::vector<Output> outputs_;
};

BOOST_AUTO_TEST_SUITE(ice_tcp_strangers)

// RFC 6544 §7.1.
const std::vector<std::string> kGreetings{"SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n",
                                          std::string("\x00\x05hello", 7)};
BOOST_DATA_TEST_CASE(what_does_not_begin_with_stun_is_left_alone, data::make(kGreetings),
                     greeting) {
  TcpCall call{over_tcp(kActive, kActive)};
  Stranger stranger{greeting};
  auto& machine = call.world.add_machine("server", {*Ip::parse("192.0.2.80")});
  call.world.boot(machine, stranger);
  call.trickles = false;
  call.gather(*call.a);
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  Candidate wrong;
  wrong.transport = Transport::Tcp;
  wrong.tcp_type = TcpType::Passive;
  wrong.address = endpoint("192.0.2.80:22");
  wrong.foundation = "1";
  wrong.priority = Priority{1000};
  call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, wrong);
  call.world.drain(*call.a->machine);
  call.world.run_for(2s);

  BOOST_TEST((call.a->agent.pairs(call.a->stream).front().state == PairState::Failed));
  BOOST_TEST(stranger.was_left);
  BOOST_TEST(call.a->data.empty());
}

// Deviation IceTcpResend, against RFC 6544 §7.1: to somebody who says nothing.
BOOST_DATA_TEST_CASE(a_check_without_an_answer_is_resent_on_demand_only, data::make({true, false}),
                     is_faulty) {
  auto options = over_tcp(kActive, kActive);
  if (is_faulty) options.agent_a.deviations.add(Deviation::IceTcpResend);
  TcpCall call{std::move(options)};
  Stranger silent{""};
  auto& machine = call.world.add_machine("server", {*Ip::parse("192.0.2.80")});
  call.world.boot(machine, silent);
  call.trickles = false;
  call.gather(*call.a);
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  Candidate remote;
  remote.transport = Transport::Tcp;
  remote.tcp_type = TcpType::Passive;
  remote.address = endpoint("192.0.2.80:22");
  remote.foundation = "1";
  remote.priority = Priority{1000};
  call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, remote);
  call.world.drain(*call.a->machine);
  call.world.run_for(38s);
  BOOST_TEST((call.tcp_checks(*call.a).size() == (is_faulty ? 7u : 1u)));
  call.world.run_for(5s);
  BOOST_TEST((call.a->agent.pairs(call.a->stream).front().state == PairState::Failed));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_tcp_priority)

// RFC 6544 §4.2.
BOOST_AUTO_TEST_CASE(the_direction_counts_as_recommended) {
  using enum TcpType;
  for (const auto type : {CandidateType::Host, CandidateType::Relayed}) {
    BOOST_TEST(direction_preference(type, Active) == 6);
    BOOST_TEST(direction_preference(type, Passive) == 4);
    BOOST_TEST(direction_preference(type, So) == 2);
  }
  BOOST_TEST(direction_preference(CandidateType::ServerReflexive, So) == 6);
  BOOST_TEST(direction_preference(CandidateType::ServerReflexive, Active) == 4);
  BOOST_TEST(direction_preference(CandidateType::ServerReflexive, Passive) == 2);
}

BOOST_AUTO_TEST_CASE(a_single_address_has_the_largest_other_preference) {
  BOOST_TEST(tcp_local_preference(CandidateType::Host, TcpType::Active, 0) == 6 * 8192 + 8191);
  BOOST_TEST(tcp_local_preference(CandidateType::Host, TcpType::Passive, 3) == 4 * 8192 + 8188);
}

BOOST_AUTO_TEST_CASE(any_udp_but_a_relay_is_above_any_tcp_and_a_relay_below_all) {
  for (const auto udp :
       {CandidateType::Host, CandidateType::PeerReflexive, CandidateType::ServerReflexive}) {
    for (const auto tcp :
         {CandidateType::Host, CandidateType::PeerReflexive, CandidateType::ServerReflexive}) {
      BOOST_TEST(type_preference(udp, Transport::Udp) > type_preference(tcp, Transport::Tcp));
      BOOST_TEST(type_preference(tcp, Transport::Tcp) >
                 type_preference(CandidateType::Relayed, Transport::Udp));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
