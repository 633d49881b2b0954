// Each deliberate fault of an agent against the checker that is meant to see it: exactly that one
// fails, it names the agent's packets, and without the fault it passes.
#include "reports/judge/judge.h"
#include "tests/scenario/deviation_table.h"
#include "tests/support/played.h"
#include "topologies/loader.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>

namespace rtclab::test {

std::ostream& operator<<(std::ostream& out, const DeviationRow& row) {
  return out << info(row.deviation).name << " of " << row.who << ", seed " << row.seed;
}

namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using judge::Judgement;
using judge::Verdict;

topology::Topology load_topology(std::string_view name) {
  auto loaded = topology::load(std::string{RTCLAB_SOURCE_DIR "/topologies/library/"} +
                               std::string{name} + ".xml");
  if (!loaded) throw std::runtime_error{loaded.error().to_string()};
  return *std::move(loaded);
}

topology::Nat& nat(topology::Topology& topology, std::string_view name) {
  return *std::ranges::find(topology.nats, name, &topology::Nat::name);
}

// Eleven addresses of IPv6 and two of IPv4 on either side: more than a hundred pairs.
void add_addresses(topology::Topology& topology) {
  for (auto& host : topology.hosts) {
    auto& addresses = host.interfaces.front().addresses;
    const bool is_alice = host.name == "alice-laptop";
    addresses.push_back(Prefix::parse(is_alice ? "192.168.1.11/24" : "192.168.2.21/24").value());
    for (int i = 1; i <= 10; ++i) {
      addresses.push_back(
          Prefix::parse(fmt::format("2001:db8:{}::{}/64", is_alice ? 'a' : 'b', 100 + i)).value());
    }
  }
}

topology::Topology topology_of(Place place) {
  switch (place) {
    case Place::Homes:
    case Place::Reoffer:
    case Place::Restart:
    case Place::Collision:
    case Place::TakesBack:
    case Place::Grows:
    case Place::Idle:
    case Place::Cut: return load_topology("two-homes");
    case Place::Lossy: return load_topology("two-lossy-homes");
    case Place::Relays:
    case Place::RelaysOnly:
    case Place::LongRelays:
    case Place::Closing:
    case Place::NoPath:
    case Place::HostsOnly: return load_topology("symmetric-pair");
    case Place::OneOpenNat: {
      auto topology = load_topology("two-homes");
      nat(topology, "home-a").behaviour.filtering = topology::Filtering::EndpointIndependent;
      nat(topology, "home-b").behaviour.mapping = topology::Mapping::AddressAndPortDependent;
      nat(topology, "home-b").behaviour.port_allocation = topology::PortAllocation::Random;
      return topology;
    }
    case Place::Many: {
      auto topology = load_topology("dual-stack");
      add_addresses(topology);
      return topology;
    }
    default: throw std::logic_error{"a place of the library has its own topology"};
  }
}

// The scenario of the library that is played there, when it is not the first call.
std::optional<std::string_view> library_at(Place place) {
  switch (place) {
    case Place::Tcp:
    case Place::FarTcp: return "tcp-only";
    case Place::Lite: return "lite-server";
    case Place::Media: return "renegotiation";
    case Place::Provisional: return "provisional-answer";
    case Place::Mdns: return "mdns";
    case Place::TurnTcp:
    case Place::FarTurnTcp: return "turn-tcp";
    case Place::Channels:
    case Place::LossyChannels: return "data-channels";
    case Place::Talk:
    case Place::LongTalk:
    case Place::BrokenTalk:
    case Place::NarrowTalk:
    case Place::TwoCameras:
    case Place::Unanswered:
    case Place::TalkEnds: return "audio-and-video";
    case Place::Layers: return "simulcast";
    case Place::LossyTalk: return "lossy-media";
    default: return std::nullopt;
  }
}

bool is_turn(const scenario::IceServer& server) {
  return !server.username.empty();
}

// An offer that nobody hears of.
void add_lonely_offer(scenario::Scenario& scenario, Duration at, const std::string& offerer,
                      bool ice_restart) {
  scenario.steps.push_back({scenario::CreateOffer{offerer, ice_restart}, at, {}});
  scenario.steps.push_back({scenario::SetLocalDescription{offerer}, at, {}});
}

// Another offer, answered.
void add_exchange(scenario::Scenario& scenario, Duration at, const std::string& offerer,
                  const std::string& answerer, bool ice_restart = false) {
  const auto add = [&](scenario::Action action) {
    scenario.steps.push_back({std::move(action), at, {}});
  };
  add(scenario::CreateOffer{offerer, ice_restart});
  add(scenario::SetLocalDescription{offerer});
  add(scenario::SendDescription{offerer, answerer});
  add(scenario::SetRemoteDescription{answerer});
  add(scenario::CreateAnswer{answerer});
  add(scenario::SetLocalDescription{answerer});
  add(scenario::SendDescription{answerer, offerer});
  add(scenario::SetRemoteDescription{offerer});
}

// Long enough for consent to be missed.
void keep_talking(scenario::Scenario& scenario) {
  scenario.steps.push_back(
      {scenario::SendMessage{"alice", "chat", "And another thing", 20, 1s}, 10s, {}});
}

// So far away that a request would be sent again before its answer is there.
void move_away(topology::Topology& topology) {
  for (auto& link : topology.links) {
    link.a_to_b.delay += 200ms;
    link.b_to_a.delay += 200ms;
  }
}

// Alice and Bob show another camera each.
void add_cameras(scenario::Scenario& scenario) {
  for (const auto* const peer : {"alice", "bob"}) {
    const peer::MediaTrack track{std::string{peer} + "-back", peer::MediaKind::Video};
    scenario.steps.insert(scenario.steps.begin() + 1,
                          {scenario::AddTrack{peer, track}, std::nullopt, {}});
  }
}

// Alice's camera goes, and then both do.
void end_the_talk(scenario::Scenario& scenario) {
  scenario.steps.push_back({scenario::StopTransceiver{"alice", "alice-face"}, 8s, {}});
  add_exchange(scenario, 8s, "alice", "bob");
  for (const auto* const peer : {"alice", "bob"})
    scenario.steps.push_back({scenario::ClosePeer{peer}, 12s, {}});
}

bool is_talk(Place place) {
  return place == Place::Talk || place == Place::BrokenTalk || place == Place::LongTalk ||
         place == Place::LossyTalk || place == Place::NarrowTalk || place == Place::Layers ||
         place == Place::TwoCameras || place == Place::Unanswered || place == Place::TalkEnds;
}

// Pictures of a minute make a capture too large for evidence.
void remove_cameras(scenario::Scenario& scenario) {
  std::erase_if(scenario.steps, [](const scenario::Step& step) {
    const auto* const added = std::get_if<scenario::AddTrack>(&step.action);
    return added != nullptr && added->track.kind == peer::MediaKind::Video;
  });
}

void break_the_talk(scenario::Loaded& loaded) {
  auto& scenario = loaded.scenario;
  for (const Duration at : {5s, 10s}) {
    scenario.steps.push_back(
        {test::losing(loaded.topology, "home-b.outside", "internet", 1.0), at, {}});
    scenario.steps.push_back(
        {test::losing(loaded.topology, "home-b.outside", "internet", 0.0), at + 2500ms, {}});
  }
}

void change_talk(Place place, scenario::Loaded& loaded) {
  auto& scenario = loaded.scenario;
  scenario.duration = place == Place::LongTalk     ? 60s
                      : place == Place::LossyTalk  ? 30s
                      : place == Place::TwoCameras ? 8s
                                                   : 16s;
  if (place == Place::BrokenTalk) break_the_talk(loaded);
  if (place == Place::NarrowTalk) scenario.peers.back().receive_bandwidth = 60'000;
  if (place == Place::LongTalk) remove_cameras(scenario);
  if (place == Place::Layers)
    scenario.steps.push_back(
        {test::losing(loaded.topology, "home.outside", "internet", 0.05), 3s, {}});
  if (place == Place::TwoCameras) add_cameras(scenario);
  if (place == Place::Unanswered) {
    add_lonely_offer(scenario, 8s, "alice", false);
    scenario.steps.push_back({scenario::SendDescription{"alice", "bob"}, 8s, {}});
  }
  if (place == Place::TalkEnds) end_the_talk(scenario);
}

// A call of the library as it stands, long enough for some consent checks.
scenario::Loaded library_call(Place place, std::string_view name) {
  auto loaded = load_library(name);
  loaded.scenario.duration = 40s;
  loaded.scenario.expectations.clear();
  if (is_talk(place)) change_talk(place, loaded);
  if (place == Place::Tcp) keep_talking(loaded.scenario);
  if (place == Place::Channels || place == Place::LossyChannels) {
    loaded.scenario.duration = 60s;
    loaded.scenario.steps.push_back(
        {scenario::SendMessage{"alice", "chat", "Too long", 1, Duration{0}, 300000}, 50s, {}});
  }
  if (place == Place::LossyChannels) loaded.topology = load_topology("two-lossy-homes");
  if (place == Place::FarTcp || place == Place::FarTurnTcp) move_away(loaded.topology);
  return loaded;
}

// After ten seconds nothing comes through between Bob's home and the rest; Alice has much to say.
void cut_the_path(scenario::Loaded& loaded) {
  auto& scenario = loaded.scenario;
  scenario.duration = 100s;
  scenario.steps.push_back(
      {scenario::SendMessage{"alice", "chat", "Are you there?", 40, 1s}, 9s, {}});
  scenario.steps.push_back(
      {test::losing(loaded.topology, "home-b.outside", "internet", 1.0), 10s, {}});
}

// What happens to a call after ten seconds, when the first exchange is long over.
void negotiate_again(Place place, scenario::Scenario& scenario) {
  constexpr Duration kAt = 10s;
  const auto add_audio = [&](const std::string& peer) {
    scenario.steps.push_back(
        {scenario::AddTransceiver{peer, "microphone", "audio", "sendrecv"}, kAt, {}});
  };
  if (place == Place::Grows) add_audio("alice");
  if (place == Place::Reoffer || place == Place::Grows) add_exchange(scenario, kAt, "alice", "bob");
  if (place == Place::Restart) add_exchange(scenario, kAt, "alice", "bob", true);
  if (place == Place::Collision) {
    add_lonely_offer(scenario, kAt, "alice", true);
    add_audio("bob");
    add_exchange(scenario, kAt, "bob", "alice");
  }
  if (place == Place::TakesBack) {
    add_lonely_offer(scenario, kAt, "alice", false);
    add_audio("alice");
    using What = scenario::SetLocalDescription::What;
    scenario.steps.push_back({scenario::SetLocalDescription{"alice", What::Rollback}, kAt, {}});
    add_exchange(scenario, kAt, "bob", "alice");
  }
}

// A call in which nobody hangs up, long enough for some consent checks, or for an hour's nonce to
// grow stale.
scenario::Loaded call_at(Place place) {
  if (const auto name = library_at(place)) return library_call(place, *name);
  auto loaded = load_library("first-call");
  loaded.topology = topology_of(place);
  loaded.scenario.duration = place == Place::LongRelays ? 4000s : 40s;
  loaded.scenario.expectations.clear();
  if (place == Place::RelaysOnly || place == Place::LongRelays || place == Place::Closing) {
    for (auto& peer : loaded.scenario.peers) {
      peer.configuration.ice_transport_policy = peer::IceTransportPolicy::Relay;
    }
  }
  if (place == Place::NoPath) {
    loaded.scenario.duration = 60s;
    for (auto& peer : loaded.scenario.peers) std::erase_if(peer.configuration.ice_servers, is_turn);
  }
  if (place == Place::HostsOnly) {
    for (auto& peer : loaded.scenario.peers) peer.configuration.ice_servers.clear();
    loaded.scenario.duration = 60s;
  }
  if (place == Place::Cut) cut_the_path(loaded);
  if (place == Place::Idle) loaded.scenario.duration = 100s;
  negotiate_again(place, loaded.scenario);
  if (place == Place::Closing) {
    for (const auto* const peer : {"alice", "bob"})
      loaded.scenario.steps.push_back({scenario::ClosePeer{peer}, 20s, {}});
  }
  return loaded;
}

void give(scenario::Scenario& scenario, std::string_view who, Deviation deviation) {
  const auto peer = std::ranges::find(scenario.peers, who, &scenario::Peer::name);
  if (peer != scenario.peers.end()) {
    peer->deviations.add(deviation);
  } else {
    scenario.faulty_servers.push_back({std::string{who}, {deviation}});
  }
}

using Judgements = std::map<std::string, Judgement, std::less<>>;

Judgements judgements_of(const DeviationRow& row, bool with_deviation) {
  auto call = call_at(row.place);
  for (const auto deviation : row.bob_has) give(call.scenario, "bob", deviation);
  if (with_deviation) give(call.scenario, row.who, row.deviation);
  Judgements judgements;
  for (auto& judgement : judge::judge(evidence_of(play(call, row.seed)))) {
    judgements.emplace(judgement.requirement->id, std::move(judgement));
  }
  return judgements;
}

// Many rows differ in nothing but the deviation, so the call without it is played once.
const Judgements& without_deviation(const DeviationRow& row) {
  static std::map<std::tuple<Place, std::vector<Deviation>, std::uint64_t>, Judgements> played;
  const std::tuple key{row.place, row.bob_has, row.seed};
  auto found = played.find(key);
  if (found == played.end()) found = played.emplace(key, judgements_of(row, false)).first;
  return found->second;
}

bool is_broken(const Judgement& judgement) {
  return judgement.verdict == Verdict::Fail || judgement.verdict == Verdict::Advice;
}

std::string joined(const std::set<std::string, std::less<>>& ids) {
  std::string text;
  for (const auto& id : ids) text += id + ' ';
  return text;
}

BOOST_AUTO_TEST_SUITE(deviations)

BOOST_DATA_TEST_CASE(a_deviation_is_caught_by_what_is_meant_and_by_nothing_else,
                     data::make(deviation_table()), row) {
  const auto& sound = without_deviation(row);
  const auto deviant = judgements_of(row, true);

  std::set<std::string, std::less<>> caught_by;
  for (const auto& [id, judgement] : deviant) {
    if (is_broken(judgement) && !is_broken(sound.at(id))) caught_by.insert(id);
  }
  BOOST_TEST(joined(caught_by) == joined({row.caught_by.begin(), row.caught_by.end()}));

  for (const auto id : row.caught_by) {
    const auto verdict = sound.find(id)->second.verdict;
    const bool may_be_missing = row.sound == Sound::DoesNotComeUp;
    BOOST_TEST((verdict == Verdict::Pass || (may_be_missing && verdict == Verdict::Inconclusive)),
               id << " without it: " << sound.find(id)->second.summary);
    if (id != row.caught_by.front()) continue;
    for (const auto& exhibit : deviant.find(id)->second.exhibits) {
      BOOST_TEST(exhibit.what.starts_with(std::string{row.who} + ": "), exhibit.what);
      BOOST_TEST((exhibit.frame || exhibit.signalling || exhibit.trace_line),
                 exhibit.what << " is nowhere");
    }
  }
}

BOOST_AUTO_TEST_CASE(every_deviation_has_a_row_or_a_reason) {
  std::set<Deviation> known;
  for (const auto& row : deviation_table()) known.insert(row.deviation);
  for (const auto& unplayed : unplayed_deviations()) {
    BOOST_TEST(known.insert(unplayed.deviation).second, info(unplayed.deviation).name);
    BOOST_TEST(!unplayed.why.empty());
  }
  for (const auto& each : all_deviations()) BOOST_TEST(known.contains(each.deviation), each.name);
}

// "rtclab list deviations" tells the clause that a deviation breaks, and "rtclab judge" the one
// that caught it. Requirements of drafts have no number that a Rule could hold.
BOOST_AUTO_TEST_CASE(a_deviation_breaks_the_clause_of_a_requirement_that_catches_it) {
  std::map<std::string_view, std::string> clauses;
  for (const auto& each : judge::requirements())
    clauses[each.id] = std::string{each.spec} + " §" + std::string{each.section};
  std::map<Deviation, std::set<std::string>> caught;
  for (const auto& row : deviation_table()) {
    for (const auto id : row.caught_by) caught[row.deviation].insert(clauses[id]);
  }

  for (const auto& [deviation, by] : caught) {
    const bool only_drafts = std::ranges::none_of(
        by, [](const std::string& clause) { return clause.starts_with("RFC "); });
    const auto& known = info(deviation);
    BOOST_TEST((only_drafts || by.contains(known.rule.to_string())),
               known.name << " says that it breaks " << known.rule.to_string()
                          << ", and is caught as " << *by.begin());
  }
}

BOOST_AUTO_TEST_CASE(every_requirement_is_shown_to_fail_or_has_a_reason) {
  std::set<std::string_view> known;
  for (const auto& row : deviation_table())
    known.insert(row.caught_by.begin(), row.caught_by.end());
  BOOST_TEST(known.size() >= 100u);
  for (const auto& unbroken : unbroken_requirements()) {
    BOOST_TEST(known.insert(unbroken.requirement).second, unbroken.requirement);
    BOOST_TEST(!unbroken.why.empty());
  }
  for (const auto& requirement : judge::requirements()) {
    // Those on NATs have a table of their own: nats_test.cc.
    if (requirement.id.starts_with("nat-")) continue;
    BOOST_TEST(known.erase(requirement.id) == 1u, requirement.id << " is never shown to fail");
  }
  for (const auto id : known) BOOST_TEST(id == "", "there is no requirement " << id);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
