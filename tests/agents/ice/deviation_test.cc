// Each deliberate fault shows on the wire, and an agent without it does not show it.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <set>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

using Checks = std::vector<SentMessage>;

struct Row {
  Deviation deviation;
  std::function<bool(const Call&, const Checks&)>
      shows;  // in what a, who has the fault and is controlling, sent
  bool on_the_controlled_side = false;
  bool has_turn = false;  // a relay makes for more pairs that work
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << info(row.deviation).name;
}

bool any(const Checks& checks, const std::function<bool(const SentMessage&)>& predicate) {
  return std::ranges::any_of(checks, predicate);
}

bool nominates(const SentMessage& check) {
  return check.message.has<stun::UseCandidate>();
}

// The credentials are the run's own; b's ufrag comes first in what a sends.
const std::vector<Row> kRows{
    {Deviation::IceCheckWithoutUsername,
     [](const Call&, const Checks& checks) {
       return any(checks, [](const auto& c) { return !c.message.template has<stun::Username>(); });
     }},
    {Deviation::IceCheckWithoutFingerprint,
     [](const Call&, const Checks& checks) {
       return any(checks, [](const auto& c) {
         return stun::check_fingerprint(c.bytes) == stun::Check::Absent;
       });
     }},
    {Deviation::IceCheckWithoutPriority,
     [](const Call&, const Checks& checks) {
       return any(checks, [](const auto& c) { return !c.message.template has<stun::Priority>(); });
     }},
    {Deviation::IcePriorityAsHost,
     [](const Call&, const Checks& checks) {
       return any(checks, [](const auto& c) {
         return c.message.template find<stun::Priority>()->value >> 24u != 110;
       });
     }},
    {Deviation::IceNoRoleAttribute,
     [](const Call&, const Checks& checks) {
       return any(checks,
                  [](const auto& c) { return !c.message.template has<stun::IceControlling>(); });
     }},
    {Deviation::IceUsernameSwapped,
     [](const Call& call, const Checks& checks) {
       const auto own = call.a->agent.local_credentials(call.a->stream).ufrag;
       return any(checks, [&](const auto& c) {
         return c.message.template find<stun::Username>()->value.starts_with(own + ":");
       });
     }},
    {Deviation::IceControlledNominates,
     [](const Call&, const Checks& checks) {
       return any(checks, [](const auto& c) {
         return c.message.template has<stun::IceControlled>() && nominates(c);
       });
     },
     true},
    {Deviation::IceNominateBeforeSuccess,
     [](const Call&, const Checks& checks) { return nominates(checks.front()); }},
    {Deviation::IceNominateTwoPairs,
     [](const Call&, const Checks& checks) {
       std::set<Path> nominated;
       for (const auto& check : checks) {
         if (nominates(check)) nominated.insert(check.path);
       }
       return nominated.size() > 1;
     },
     false, true},
    {Deviation::IceTieBreakerPerCheck,
     [](const Call&, const Checks& checks) {
       std::set<std::uint64_t> seen;
       for (const auto& check : checks)
         seen.insert(check.message.find<stun::IceControlling>()->value);
       return seen.size() > 1;
     }},
    {Deviation::ConsentFixedInterval,
     [](const Call&, const Checks& checks) {
       return checks.back().at - checks[checks.size() - 2].at == 5s;
     }},
    {Deviation::ConsentEverySecond,
     [](const Call&, const Checks& checks) {
       return checks.back().at - checks[checks.size() - 2].at == 1s;
     }},
    {Deviation::ConsentReusesTransactionId,
     [](const Call&, const Checks& checks) {
       return checks.back().message.transaction == checks[checks.size() - 2].message.transaction;
     }},
};

// A call between two homes in which one side has the fault; its checks during thirty seconds.
std::pair<std::unique_ptr<Call>, Checks> run(const Deviations& deviations, const Row& row) {
  const bool on_b = row.on_the_controlled_side;
  CallOptions options{.a = {kPortRestricted}, .b = {kPortRestricted}, .has_turn = row.has_turn};
  (on_b ? options.agent_b : options.agent_a).deviations = deviations;
  auto call = std::make_unique<Call>(std::move(options));
  call->world.keeps_record = true;
  call->start();
  call->world.run_for(30s);
  auto checks = sent_checks(call->world, on_b ? *call->b->machine : *call->a->machine);
  return {std::move(call), std::move(checks)};
}

BOOST_AUTO_TEST_SUITE(ice_deviation)

BOOST_DATA_TEST_CASE(shows_exactly_where_it_is_configured, data::make(kRows), row) {
  const auto [faulty, faulty_checks] = run({row.deviation}, row);
  BOOST_TEST(row.shows(*faulty, faulty_checks));

  const auto [sound, sound_checks] = run({}, row);
  BOOST_TEST(!row.shows(*sound, sound_checks));
}

BOOST_AUTO_TEST_CASE(an_agent_without_triggered_checks_sends_none) {
  CallOptions options;
  options.agent_a.deviations.add(Deviation::IceNoTriggeredChecks);
  Call call{std::move(options)};
  call.start();
  call.world.run_for(5s);
  BOOST_TEST(!call.a->first("ice:check_sent", "kind", "triggered").has_value());
}

BOOST_AUTO_TEST_CASE(the_lowest_priority_goes_first) {
  CallOptions options{.has_stun = false};
  options.agent_a.deviations.add(Deviation::IceLowestPriorityFirst);
  Call call{std::move(options)};
  call.trickles = false;
  call.world.keeps_record = true;
  call.gather(*call.a);
  for (const std::uint32_t priority : {300u, 100u, 200u}) {
    Candidate remote;
    remote.address = Endpoint{*Ip::parse("192.0.2.1"), Port{static_cast<std::uint16_t>(priority)}};
    remote.priority = Priority{priority};
    remote.foundation = std::to_string(priority);
    call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, remote);
  }
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  call.world.drain(*call.a->machine);
  BOOST_TEST(sent_checks(call.world, *call.a->machine).front().path.remote.port.value() == 100);
}

BOOST_AUTO_TEST_CASE(who_ignores_a_role_conflict_keeps_its_role_and_answers_success) {
  CallOptions options;
  options.agent_a.deviations.add(Deviation::IceIgnoreRoleConflict);
  options.agent_b.deviations.add(Deviation::IceIgnoreRoleConflict);
  Call call{std::move(options)};
  call.b->agent.set_role(call.world.now(), Role::Controlling);
  call.world.drain(*call.b->machine);
  call.start();
  call.world.run_for(5s);
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
  BOOST_TEST((call.b->agent.role() == Role::Controlling));
  BOOST_TEST(call.a->traced("ice:check_refused").empty());
}

BOOST_AUTO_TEST_CASE(data_leaves_before_any_check_passed) {
  CallOptions options{.has_stun = false};
  options.agent_a.deviations.add(Deviation::DataBeforeConsent);
  Call call{std::move(options)};
  call.start();
  call.world.run_until([&] { return !call.a->agent.pairs(call.a->stream).empty(); }, 1s);
  BOOST_TEST((call.a->state() == State::Checking || call.a->state() == State::New));
  BOOST_TEST(call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16hello")));
}

BOOST_AUTO_TEST_CASE(credentials_are_too_short_on_demand) {
  SeededRng rng{1};
  const auto credentials =
      Credentials::draw(rng, {Deviation::SdpShortUfrag, Deviation::SdpShortPwd});
  BOOST_TEST(credentials.ufrag.size() < 4);
  BOOST_TEST(credentials.pwd.size() < 22);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
