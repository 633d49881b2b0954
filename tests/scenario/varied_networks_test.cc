// Calls of the library on networks that nobody tuned for them. Agents that keep the rules pass the
// judge wherever they are: what a NAT, a link or a rollback does is no fault of theirs.
//
// Each row once failed: the judge took something for a fault that is none, or an agent did
// something that RFC 8445 forbids.
#include "reports/judge/judge.h"
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::test {

// One text that stands in the file, and what stands there instead.
using Edits = std::vector<std::pair<std::string_view, std::string_view>>;

struct VariedCall {
  std::string_view scenario;  // of the library, in two-homes
  std::string_view what;      // is different
  std::uint64_t seed;
  Edits scenario_edits, topology_edits;
  std::string_view clause;  // that it once failed
  judge::Verdict now;       // Pass or Inconclusive
};

std::ostream& operator<<(std::ostream& out, const VariedCall& call) {
  return out << call.scenario << ": " << call.what;
}

namespace {

namespace data = boost::unit_test::data;
using judge::Verdict;

std::string edited(const std::string& path, const Edits& edits) {
  std::ifstream file{RTCLAB_SOURCE_DIR "/" + path};
  std::ostringstream read;
  read << file.rdbuf();
  auto text = read.str();
  for (const auto& [old, fresh] : edits) {
    const auto place = text.find(old);
    if (place == std::string::npos)
      throw std::runtime_error{path + " has no \"" + std::string{old} + '"'};
    text.replace(place, old.size(), fresh);
  }
  return text;
}

scenario::Loaded load(const VariedCall& call) {
  const ScratchFolder folder;
  const auto name = std::string{call.scenario} + ".xml";
  auto edits = call.scenario_edits;
  edits.emplace_back("topology=\"two-homes\"", "topology=\"varied.xml\"");
  folder.write(name, edited("scenarios/library/" + name, edits));
  folder.write("varied.xml", edited("topologies/library/two-homes.xml", call.topology_edits));
  auto loaded = scenario::load(folder.path() / name, folder.path());
  if (!loaded) throw std::runtime_error{loaded.error().to_string()};
  return *std::move(loaded);
}

// The elements of two-homes that rows change.
constexpr std::string_view kNatA =
    R"(<nat name="home-a" mapping="EIM" filtering="APDF" portAllocation="preserving" lifetime="300s">)";
constexpr std::string_view kNatB =
    R"(<nat name="home-b" mapping="EIM" filtering="APDF" portAllocation="preserving" lifetime="300s">)";
constexpr std::string_view kLinkA = R"(<link a="home-a.outside" b="internet" delay="15ms"/>)";

// clang-format off
std::vector<VariedCall> varied_calls() {
  return {
      {"ice-restart", "the answerer's NAT answers from another port", 1, {},
       {{kNatA, R"(<nat name="home-a" preset="full-cone">)"},
        {kNatB, R"(<nat name="home-b" preset="symmetric" filtering="EIF">)"}},
       "ice-8445-7.3-answer", Verdict::Pass},
      {"nat-restart", "data comes from a port that no check came from", 1, {},
       {{kNatB, R"(<nat name="home-b" preset="address-restricted">)"}},
       "sctp-9260-6.2-sack-delay", Verdict::Pass},
      {"address-change", "there is no way to send an acknowledgement", 1, {},
       {{kLinkA, R"(<link a="home-a.outside" b="internet" preset="edge"/>)"}},
       "sctp-9260-6.2-sack-delay", Verdict::Pass},
      {"data-channels", "gap blocks on a very bad line", 1, {},
       {{kLinkA, R"(<link a="home-a.outside" b="internet" preset="very-bad"/>)"}},
       "sctp-9260-6.1-cwnd", Verdict::Pass},
      {"second-copies", "a mapping ends between two sends of a request", 1, {},
       {{kNatA, R"(<nat name="home-a" preset="symmetric" lifetime="2s">)"},
        {kLinkA, R"(<link a="home-a.outside" b="internet" preset="4g"/>)"},
        {R"(<link a="bob-laptop" b="home-b.inside" delay="1ms"/>)",
         R"(<link a="bob-laptop" b="home-b.inside"><outage from="2s" to="4s"/></link>)"}},
       "stun-8489-12-binding-xma", Verdict::Pass},
      {"nat-changes-type", "an ICMP error before, a flow that went on after the change", 1,
       {{R"(<createAnswer peer="bob"/>)",
         R"(<stopServer machine="stun" at="2.8s"/><wait for="1s"/><createAnswer peer="bob"/>)"}},
       {{kNatA, R"(<nat name="home-a" lifetime="2s" icmpErrors="dropped">)"}},
       "nat-4787-REQ-12-icmp-no-kill", Verdict::Pass},
      {"implicit-rollback", "the answer to an offer that was taken back never arrives", 1,
       {{R"(<discardDescription peer="bob"/>)", ""},
        {R"(<sendDescription peer="alice" to="bob"/>)",
         R"(<setAddress machine="home-a" interface="outside" address="203.0.113.147/24" at="2s"/>
        <sendDescription peer="alice" to="bob"/>)"}},
       {{kNatB, R"(<nat name="home-b" preset="cgn">)"}},
       "ice-8445-7.3.1.4-triggered-check", Verdict::Inconclusive},
      {"nat-restart", "another pair was checked last when the nominated one loses consent", 1, {},
       {{kLinkA, R"(<link a="home-a.outside" b="internet" delay="200ms"/>)"}},
       "ice-8445-8.1.1-nominate-one", Verdict::Pass},
      {"ice-restart", "both NATs answer from another port: a pair is learned from each check", 1, {},
       {{kNatA, R"(<nat name="home-a" preset="symmetric" filtering="EIF">)"},
        {kNatB, R"(<nat name="home-b" preset="symmetric" filtering="EIF">)"}},
       "ice-8445-6.1.4.2-highest-first", Verdict::Pass},
      {"link-outage", "a mapping of ten seconds: a new reflexive address every fifteen", 1, {},
       {{kNatB, R"(<nat name="home-b" preset="mobile-carrier" lifetime="10s">)"}},
       "trickle-8838-13-no-candidate-after-eoc", Verdict::Pass},
  };
}
// clang-format on

BOOST_AUTO_TEST_SUITE(varied_networks)

BOOST_DATA_TEST_CASE(agents_that_keep_the_rules_break_none, data::make(varied_calls()), call) {
  const auto played = play(load(call), call.seed);
  for (const auto& judgement : judge::judge(evidence_of(played))) {
    const auto& id = judgement.requirement->id;
    BOOST_TEST((judgement.verdict != Verdict::Fail), id << ": " << judgement.summary);
    if (id == call.clause)
      BOOST_TEST((judgement.verdict == call.now), id << ": " << judgement.summary);
  }
}

// Every mapping draws its outside address, and every filter is open: what one asks comes in, and is
// answered from elsewhere.
BOOST_DATA_TEST_CASE(two_nats_that_answer_from_ever_other_addresses_come_to_an_end,
                     data::make({1u, 2u, 3u, 4u, 5u, 6u}), seed) {
  const auto pool = [](std::string_view net, int first) {
    std::string element = "<outside address=\"";
    for (int i = 0; i < 32; ++i)
      element += (i == 0 ? "" : " ") + std::string{net} + std::to_string(first + i) + "/24";
    return element + "\"/>";
  };
  const auto pool_a = pool("203.0.113.", 10), pool_b = pool("198.51.100.", 20);
  const auto played = play(
      load(
          {.scenario = "first-call",
           .what = "",
           .seed = seed,
           .scenario_edits = {{"duration=\"12s\"", "duration=\"90s\""},
                              {R"(<iceServer urls="turn:turn" username="alice")", "<!--"},
                              {R"(credential="wonderland"/>)", "-->"},
                              {R"(<iceServer urls="turn:turn" username="bob")", "<!--"},
                              {R"(credential="builder"/>)", "-->"}},
           .topology_edits =
               {{kNatA,
                 R"(<nat name="home-a" mapping="APDM" filtering="EIF" pooling="arbitrary">)"},
                {R"(<outside address="203.0.113.10/24"/>)", pool_a},
                {kNatB, R"(<nat name="home-b" mapping="ADM" filtering="EIF" pooling="arbitrary">)"},
                {R"(<outside address="198.51.100.20/24"/>)", pool_b}},
           .clause = "",
           .now = Verdict::Pass}),
      seed);
  const auto evidence = evidence_of(played);
  for (const std::string_view peer : {"alice", "bob"}) {
    std::string state;
    for (const auto& event : evidence.trace)
      if (event.vantage == peer && event.name == "ice:state_changed") state = event.text("to");
    BOOST_TEST((state == "completed" || state == "failed"), peer << " is " << state);
  }
  for (const auto& judgement : judge::judge(evidence))
    BOOST_TEST((judgement.verdict != Verdict::Fail),
               judgement.requirement->id << ": " << judgement.summary);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
