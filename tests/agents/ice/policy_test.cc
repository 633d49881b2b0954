// The pure decisions: which pair to unfreeze, check, drop, nominate.
#include "agents/ice/check_policy.h"
#include "agents/ice/nomination.h"

#include <boost/test/unit_test.hpp>

#include <deque>

namespace rtclab::ice {
namespace {

using namespace std::chrono_literals;
using enum PairState;

constexpr Instant kStart{};

struct Pairs {
  CandidatePair& add(PairState state, std::uint64_t priority, const std::string& foundation = "1") {
    CandidatePair pair;
    pair.id = PairId{pairs.size() + 1};
    pair.state = state;
    pair.priority = PairPriority{priority};
    pair.local.foundation = foundation;
    return pairs.emplace_back(pair);
  }
  CandidatePair& add_valid(std::uint64_t priority,
                           CandidateType type = CandidateType::ServerReflexive) {
    auto& pair = add(Succeeded, priority);
    pair.valid = true;
    pair.checked_by = pair.id;
    pair.local.type = type;
    return pair;
  }
  [[nodiscard]] std::vector<const CandidatePair*> view() const {
    std::vector<const CandidatePair*> all;
    for (const auto& pair : pairs) all.push_back(&pair);
    return all;
  }
  [[nodiscard]] NominationDecision decide(Duration since_first,
                                          bool candidates_may_come = false) const {
    return decide_nomination({view(), kStart + since_first, kStart, candidates_may_come});
  }

  std::deque<CandidatePair> pairs;
};

BOOST_FIXTURE_TEST_SUITE(ice_check_policy, Pairs)

// RFC 8838 §12, rules 1 to 3.
BOOST_AUTO_TEST_CASE(the_topmost_pair_of_a_foundation_waits_and_the_others_freeze) {
  add(Waiting, 50);
  auto fresh = pairs.front();
  fresh.id = PairId{9};

  fresh.priority = PairPriority{60};
  BOOST_TEST((initial_state(fresh, view()).state == Waiting));
  fresh.priority = PairPriority{40};
  BOOST_TEST((initial_state(fresh, view()).state == Frozen));
  fresh.local.foundation = "2";
  BOOST_TEST((initial_state(fresh, view()).state == Waiting));
}

BOOST_AUTO_TEST_CASE(a_foundation_that_worked_freezes_nothing) {
  auto fresh = add(Succeeded, 50);
  fresh.priority = PairPriority{40};
  BOOST_TEST((initial_state(fresh, view()).state == Waiting));
}

// RFC 8445 §6.1.4.2 step 2.
BOOST_AUTO_TEST_CASE(frozen_pairs_thaw_when_none_waits_and_their_foundation_rests) {
  add(InProgress, 90, "1");
  add(Frozen, 80, "1");
  add(Frozen, 70, "2");
  const auto& best = add(Frozen, 75, "2");

  const auto thawed = to_unfreeze(view(), view());

  BOOST_REQUIRE(thawed.size() == 1);
  BOOST_TEST((thawed.front() == best.id));
}

BOOST_AUTO_TEST_CASE(nothing_thaws_while_a_pair_waits) {
  add(Waiting, 10, "1");
  add(Frozen, 80, "2");
  BOOST_TEST(to_unfreeze(view(), view()).empty());
}

// RFC 8445 §6.1.4.2 step 3.
BOOST_AUTO_TEST_CASE(the_waiting_pair_with_the_highest_priority_is_next) {
  add(Waiting, 10);
  add(InProgress, 99);
  const auto& best = add(Waiting, 20);
  add(Frozen, 50);

  BOOST_TEST((next_ordinary_check(view(), CheckOrder::HighestFirst)->pair == best.id));
  BOOST_TEST((next_ordinary_check(view(), CheckOrder::LowestFirst)->pair == pairs.front().id));
}

BOOST_AUTO_TEST_CASE(a_pruned_pair_is_not_checked) {
  add(Waiting, 10).pruned = true;
  BOOST_TEST(!next_ordinary_check(view(), CheckOrder::HighestFirst).has_value());
}

struct FullList : Pairs {
  [[nodiscard]] std::optional<DropDecision> drop_for(std::uint64_t priority) const {
    CandidatePair fresh;
    fresh.id = PairId{99};
    fresh.priority = PairPriority{priority};
    std::vector<ListedPair> listed;
    for (const auto& pair : pairs) listed.push_back({&pair, pairs.size()});
    return to_drop(fresh, listed, 3);
  }
};

// RFC 8445 §6.1.2.5, RFC 8838 §11 step 5.
BOOST_FIXTURE_TEST_CASE(below_the_limit_nothing_is_dropped, FullList) {
  add(Waiting, 10);
  BOOST_TEST(!drop_for(5).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_failed_pair_makes_room_first, FullList) {
  add(Waiting, 10);
  const auto& failed = add(Failed, 90);
  add(Waiting, 20);
  BOOST_TEST((drop_for(15)->pair == failed.id));
}

BOOST_FIXTURE_TEST_CASE(then_the_lowest_makes_room_for_a_better_one, FullList) {
  const auto& lowest = add(Waiting, 10);
  add(InProgress, 5);
  add(Waiting, 20);
  BOOST_TEST((drop_for(15)->pair == lowest.id));
  BOOST_TEST((drop_for(7)->pair == PairId{99}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(ice_nomination, Pairs)

BOOST_AUTO_TEST_CASE(without_a_valid_pair_there_is_nothing_to_nominate) {
  add(InProgress, 10);
  BOOST_TEST(!decide(10s).nominate.has_value());
}

BOOST_AUTO_TEST_CASE(the_best_pair_is_nominated_at_once_when_no_better_one_can_succeed) {
  add(Failed, 90);
  const auto& best = add_valid(50);
  add_valid(40);
  add(InProgress, 30);

  const auto decision = decide(0s);

  BOOST_REQUIRE(decision.nominate.has_value());
  BOOST_TEST((*decision.nominate == best.id));
  BOOST_TEST(!decision.reason.empty());
}

BOOST_AUTO_TEST_CASE(a_better_pair_is_waited_for_but_not_for_ever) {
  add(InProgress, 90);
  const auto& best = add_valid(50);

  BOOST_TEST(!decide(kNominationWait - 1ns).nominate.has_value());
  BOOST_TEST((decide(0s).reconsider == kStart + kNominationWait));
  BOOST_TEST((decide(kNominationWait).nominate == best.id));
}

BOOST_AUTO_TEST_CASE(a_relay_has_to_wait_longer) {
  add(InProgress, 90);
  add_valid(50, CandidateType::Relayed);
  BOOST_TEST(!decide(kNominationWait).nominate.has_value());
  BOOST_TEST(decide(kRelayNominationWait).nominate.has_value());
}

BOOST_AUTO_TEST_CASE(candidates_to_come_matter_unless_both_are_hosts) {
  auto& pair = add_valid(50);
  BOOST_TEST(!decide(0s, true).nominate.has_value());
  pair.local.type = CandidateType::Host;
  BOOST_TEST(decide(0s, true).nominate.has_value());
}

// A reflexive valid pair ranks as the host pair that proved it.
BOOST_AUTO_TEST_CASE(pairs_compare_by_the_checks_that_proved_them) {
  auto& checked = add(Succeeded, 90);
  auto& reflexive = add_valid(10);
  reflexive.on_check_list = false;
  reflexive.checked_by = checked.id;
  add(InProgress, 50);
  BOOST_TEST((decide(0s).nominate == reflexive.id));
}

// RFC 8445 §8.1.1: of several nominated pairs the best is used.
BOOST_AUTO_TEST_CASE(a_second_nomination_needs_an_agreement) {
  auto& first = add_valid(50);
  first.nominated = true;
  auto& better = add_valid(90);
  const auto decide_again = [&](bool may_change) {
    return decide_renomination(
        {.pairs = view(), .selected = first.id, .last_value = 0, .may_change = may_change});
  };
  BOOST_TEST(!decide_again(false).nominate.has_value());
  BOOST_TEST((decide_again(true).nominate == better.id));
  BOOST_TEST(decide_again(true).reason == "pair 2 is valid by now and better than pair 1");
}

BOOST_AUTO_TEST_CASE(the_best_pair_is_not_nominated_twice) {
  auto& first = add_valid(50);
  first.nominated = true;
  add_valid(40);
  BOOST_TEST(!decide_renomination(
                  {.pairs = view(), .selected = first.id, .last_value = 0, .may_change = true})
                  .nominate.has_value());
}

BOOST_AUTO_TEST_CASE(who_took_over_from_a_lost_pair_is_nominated_if_a_second_nomination_may_be) {
  auto& heir = add_valid(40);
  const auto nominated = [&](bool may_change) {
    return decide_renomination(
               {.pairs = view(), .selected = heir.id, .last_value = 0, .may_change = may_change})
        .nominate;
  };
  BOOST_TEST((nominated(true) == heir.id));
  BOOST_TEST(!nominated(false).has_value());
  // RFC 6544 §11.1: the same pair, on a new connection.
  heir.is_heir = true;
  BOOST_TEST((nominated(false) == heir.id));
}

BOOST_AUTO_TEST_CASE(where_one_nomination_is_all_no_other_pair_follows_the_nominated_one) {
  auto& first = add_valid(50);
  auto& other = add_valid(90);
  first.nominated = true;
  BOOST_TEST((best_pair_for_data(view(), Eligible::Nominated) == first.id));
  first.valid = first.nominated = false;
  BOOST_TEST(!best_pair_for_data(view(), Eligible::Nominated).has_value());
  BOOST_TEST((best_pair_for_data(view()) == other.id));
  other.is_heir = true;
  BOOST_TEST((best_pair_for_data(view(), Eligible::Nominated) == other.id));
}

// draft-thatcher-ice-renomination §4.
BOOST_AUTO_TEST_CASE(the_largest_value_of_a_nomination_wins_over_priority) {
  auto& high = add_valid(90);
  high.nominated = true;
  auto& low = add_valid(40);
  low.nominated = true;
  BOOST_TEST((best_pair_for_data(view()) == high.id));
  low.nomination = 1;
  BOOST_TEST((best_pair_for_data(view()) == low.id));
  high.nomination = 2;
  BOOST_TEST((best_pair_for_data(view()) == high.id));
}

// RFC 6544 §11.1.
BOOST_AUTO_TEST_CASE(a_pair_without_its_connection_comes_last) {
  auto& broken = add_valid(90);
  broken.nominated = true;
  broken.is_broken = true;
  BOOST_TEST((best_pair_for_data(view()) == broken.id));
  auto& other = add_valid(10);
  BOOST_TEST((best_pair_for_data(view()) == other.id));
}

BOOST_AUTO_TEST_CASE(data_prefers_nominated_pairs) {
  add_valid(90);
  add_valid(10).nominated = true;
  const auto& best = add_valid(20);
  pairs.back().nominated = true;
  BOOST_TEST((best_pair_for_data(view()) == best.id));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
