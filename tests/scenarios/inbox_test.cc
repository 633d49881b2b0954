#include "scenarios/inbox.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::scenario {
namespace {

using signalling::Receipt;

const peer::Description kOffer{peer::SdpType::Offer, "v=0\r\na=ice-ufrag:abcd\r\nm=x\r\n"};

Inbox::Entry candidate(std::string id, std::string ufrag) {
  return {std::move(id), "alice",
          peer::IceCandidateInit{"candidate:1", "0", std::uint16_t{0}, std::move(ufrag)}};
}
Inbox::Entry description(std::string id) {
  return {std::move(id), "alice", kOffer};
}

std::string id_of(const std::optional<Inbox::Entry>& entry) {
  return entry ? entry->id : "nothing";
}

BOOST_AUTO_TEST_SUITE(inbox)

BOOST_AUTO_TEST_CASE(as_it_comes_a_candidate_is_taken_though_nothing_is_there_for_it) {
  Inbox inbox{Receipt::AsItComes};
  inbox.add(candidate("a", "abcd"));
  inbox.add(description("b"));
  inbox.add(candidate("c", "abcd"));

  BOOST_TEST(id_of(inbox.take_candidate(std::nullopt)) == "a");
  BOOST_TEST(id_of(inbox.take_candidate(std::nullopt)) == "nothing");  // c waits behind b
  BOOST_TEST(id_of(inbox.take_description()) == "b");
  BOOST_TEST(id_of(inbox.take_candidate(std::nullopt)) == "c");
}

BOOST_AUTO_TEST_CASE(with_care_a_candidate_waits_for_the_description_of_its_generation) {
  Inbox inbox{Receipt::Once};
  inbox.add(candidate("a", "abcd"));
  inbox.add(candidate("b", "efgh"));
  inbox.add(description("c"));

  BOOST_TEST(id_of(inbox.take_candidate(std::nullopt)) == "nothing");
  const auto held = inbox.newly_held();
  BOOST_TEST(held.size() == 2u);
  BOOST_TEST(inbox.newly_held().empty());  // told once
  BOOST_TEST(id_of(inbox.take_description()) == "c");
  BOOST_TEST(id_of(inbox.take_candidate(kOffer)) == "a");
  BOOST_TEST(id_of(inbox.take_candidate(kOffer)) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_ufrag_is_not_taken_for_a_longer_one) {
  BOOST_TEST(!has_place_for({.candidate = "x", .username_fragment = "abc"}, kOffer));
  BOOST_TEST(has_place_for({.candidate = "x", .username_fragment = "abcd"}, kOffer));
  BOOST_TEST(has_place_for({.candidate = "x"}, kOffer));
  BOOST_TEST(!has_place_for({.candidate = "x"}, std::nullopt));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
