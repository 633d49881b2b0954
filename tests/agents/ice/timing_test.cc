// When things happen, to the nanosecond: pacing, resends, patience, consent, keepalives.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::ice {
namespace {

using namespace test;

Candidate remote_host(const std::string& address, std::uint32_t priority = 2130706431) {
  Candidate candidate;
  candidate.address = endpoint(address);
  candidate.foundation = "f" + address;
  candidate.priority = Priority{priority};
  return candidate;
}

// a checks `count` addresses where nobody answers.
struct DeafPeer : Call {
  explicit DeafPeer(std::size_t count, Deviations deviations = {})
      : Call{{.has_stun = false, .agent_a = {.deviations = deviations}}} {
    world.keeps_record = true;
    trickles = false;
    gather(*a);
    const auto now = world.now();
    for (std::size_t i = 0; i < count; ++i) {
      a->agent.add_remote_candidate(now, a->stream,
                                    remote_host("192.0.2." + std::to_string(i + 1) + ":9000"));
    }
    a->agent.set_remote_credentials(now, a->stream, {"peer", "0123456789012345678901"});
    a->agent.end_of_remote_candidates(now, a->stream);
    world.drain(*a->machine);
  }
  [[nodiscard]] std::vector<Duration> check_times() const {
    std::vector<Duration> times;
    for (const auto& check : sent_checks(world, *a->machine))
      times.push_back(check.at.time_since_epoch());
    return times;
  }
};

BOOST_AUTO_TEST_SUITE(ice_timing)

// RFC 8489 §6.2.1.
BOOST_AUTO_TEST_CASE(a_check_is_resent_on_the_schedule_of_stun) {
  DeafPeer call{1};
  call.world.run_for(60s);
  const std::vector<Duration> expected{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms};
  BOOST_TEST((call.check_times() == expected));
}

// RFC 8445 §6.1.4.2: the first at once, then one each Ta, and no resend before all have been sent
// (§14.3).
BOOST_AUTO_TEST_CASE(checks_leave_one_each_ta) {
  DeafPeer call{5};
  call.world.run_for(300ms);
  const std::vector<Duration> expected{0ms, 50ms, 100ms, 150ms, 200ms};
  BOOST_TEST((call.check_times() == expected));
}

BOOST_AUTO_TEST_CASE(a_deviant_agent_sends_all_checks_at_once) {
  DeafPeer call{5, {Deviation::IceNoPacing}};
  BOOST_TEST((call.check_times() == std::vector<Duration>(5, 0ms)));
}

BOOST_AUTO_TEST_CASE(a_deviant_agent_resends_after_100_ms) {
  DeafPeer call{1, {Deviation::IceShortRto}};
  call.world.run_for(150ms);
  BOOST_TEST((call.check_times() == std::vector<Duration>{0ms, 100ms}));
}

// RFC 8445 §14.3: 5 checks to perform, so that the first one's RTO is 50 ms x 5 x 5.
BOOST_AUTO_TEST_CASE(the_rto_counts_the_checks_in_the_set) {
  DeafPeer call{5};
  call.world.run_for(1300ms);
  const auto times = call.check_times();
  BOOST_REQUIRE(times.size() >= 6u);
  BOOST_TEST((times[5] == 1250ms));
}

// RFC 8863 §4.
BOOST_AUTO_TEST_CASE(failure_comes_after_39_5_seconds_and_not_before) {
  DeafPeer call{1};
  call.world.run_for(60s);
  BOOST_REQUIRE(call.a->entered(State::Failed).has_value());
  BOOST_TEST((call.a->entered(State::Failed)->time_since_epoch() == 39500ms));
}

BOOST_AUTO_TEST_CASE(without_any_pair_failure_waits_as_long) {
  DeafPeer call{0};
  call.world.run_for(60s);
  BOOST_REQUIRE(call.a->entered(State::Failed).has_value());
  BOOST_TEST((call.a->entered(State::Failed)->time_since_epoch() == 39500ms));
}

BOOST_AUTO_TEST_CASE(a_failed_pair_says_why) {
  DeafPeer call{1};
  call.world.run_for(60s);
  const auto moves = call.a->traced("ice:pair_state_changed");
  BOOST_TEST(text_of(moves.back().event, "to") == "failed");
  BOOST_TEST(text_of(moves.back().event, "reason") ==
             "no answer to 7 requests: filtered or lost on the way");
}

// RFC 8445 §6.1.2.5.
BOOST_AUTO_TEST_CASE(never_more_than_a_hundred_pairs_are_checked) {
  DeafPeer call{150};
  call.world.run_for(600s);
  std::vector<Endpoint> targets;
  for (const auto& check : sent_checks(call.world, *call.a->machine))
    targets.push_back(check.path.remote);
  std::ranges::sort(targets);
  targets.erase(std::ranges::unique(targets).begin(), targets.end());
  BOOST_TEST(targets.size() == 100u);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_is_given_up_after_39_5_seconds) {
  Call call;
  call.world.drops = [](const Datagram& datagram) {
    return datagram.destination == endpoint("198.51.100.1:3478");
  };
  call.gather(*call.a);
  call.world.run_for(60s);
  BOOST_REQUIRE(call.a->traced("ice:end_of_candidates").size() == 1u);
  BOOST_TEST((call.a->traced("ice:end_of_candidates").front().at.time_since_epoch() == 39500ms));
  BOOST_TEST(call.a->traced("ice:gathering_failed").size() == 1u);
}

// RFC 8445 §14.3: 50 ms for each of the candidates, also of those whose sockets open after the
// first request has left.
BOOST_AUTO_TEST_CASE(the_rto_of_gathering_counts_every_address_of_the_machine) {
  Call call{{.a = {.also = {"203.0.113.11", "203.0.113.12", "203.0.113.13", "203.0.113.14",
                            "203.0.113.15", "203.0.113.16", "203.0.113.17", "203.0.113.18",
                            "203.0.113.19", "203.0.113.20", "203.0.113.21"}}}};
  call.world.keeps_record = true;
  call.world.drops = [](const Datagram& datagram) {
    return datagram.destination == endpoint("198.51.100.1:3478");
  };
  call.gather(*call.a);
  call.world.run_for(649ms);

  const auto requests = sent_messages(call.world, *call.a->machine, stun::Class::Request);

  BOOST_REQUIRE(requests.size() == 13u);
  BOOST_TEST((requests[12].message.transaction == requests[0].message.transaction));
  BOOST_TEST((requests[12].at - requests[0].at == 600ms));
}

// RFC 8445 §5.1.1.4 and §11.
BOOST_AUTO_TEST_CASE(
    reflexive_candidates_are_kept_alive_every_15_seconds_until_a_pair_is_nominated) {
  Call call{{.a = {kPortRestricted}}};
  call.world.keeps_record = true;
  call.gather(*call.a);
  call.world.run_for(31s);

  const auto requests = sent_messages(call.world, *call.a->machine, stun::Class::Request);

  BOOST_REQUIRE(requests.size() == 3u);
  BOOST_TEST((requests[1].at - requests[0].at == 15050ms));  // 15 s after the answer
  BOOST_TEST((requests[2].at - requests[1].at == 15050ms));
}

struct Connected : Call {
  explicit Connected(Deviations deviations = {}) : Call{{.agent_a = {.deviations = deviations}}} {
    world.keeps_record = true;
    start();
    BOOST_REQUIRE(run_until_completed());
  }
  // From now on nothing that a sends arrives.
  void silence_a() {
    silenced = world.now();
    world.drops = [this](const Datagram& datagram) { return datagram.sender == a->machine; };
  }
  [[nodiscard]] Instant last_renewal(const Side& side) const {
    Instant last{};
    for (const auto& each : side.traced("ice:consent")) {
      if (text_of(each.event, "outcome") == "renewed") last = each.at;
    }
    return last;
  }
  Instant silenced{};
};

// RFC 7675 §5.1.
BOOST_AUTO_TEST_CASE(consent_expires_30_seconds_after_the_last_answer) {
  Connected call;
  call.world.run_for(20s);
  call.silence_a();
  call.world.run_for(60s);

  const auto failed = call.a->entered(State::Failed);
  BOOST_REQUIRE(failed.has_value());
  BOOST_TEST((*failed - call.last_renewal(*call.a) == 30s));
  BOOST_TEST(!call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16")));
}

BOOST_AUTO_TEST_CASE(missing_answers_disconnect_first_and_answers_reconnect) {
  Connected call;
  call.world.run_for(20s);
  call.silence_a();
  call.world.run_until([&] { return call.a->state() == State::Disconnected; }, 30s);
  BOOST_TEST((call.a->state() == State::Disconnected));
  BOOST_TEST((call.world.now() - call.last_renewal(*call.a) <= 13s));

  call.world.drops = nullptr;
  call.world.run_for(7s);

  BOOST_TEST((call.a->state() == State::Completed));
}

BOOST_AUTO_TEST_CASE(after_the_expiry_nothing_is_sent_on_the_pair) {
  Connected call;
  call.silence_a();
  call.world.run_until([&] { return call.a->state() == State::Failed; }, 60s);
  const auto count = sent_checks(call.world, *call.a->machine).size();
  call.world.run_for(60s);
  BOOST_TEST(sent_checks(call.world, *call.a->machine).size() == count);
}

BOOST_AUTO_TEST_CASE(consent_checks_come_every_four_to_six_seconds_each_with_its_own_id) {
  Connected call;
  const auto settled = call.world.now();
  call.world.run_for(120s);
  std::optional<SentMessage> before;
  for (const auto& check : sent_checks(call.world, *call.a->machine)) {
    if (check.at <= settled) continue;
    if (before) {
      BOOST_TEST((check.at - before->at >= 4s && check.at - before->at <= 6s));
      BOOST_TEST((check.message.transaction != before->message.transaction));
    }
    before = check;
  }
  BOOST_TEST(before.has_value());
}

// RFC 8445 §11 with RFC 7675 §4: consent checks are the keepalives.
BOOST_AUTO_TEST_CASE(a_consented_pair_gets_no_indications) {
  Connected call;
  call.world.run_for(60s);
  BOOST_TEST(sent_messages(call.world, *call.a->machine, stun::Class::Indication).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
