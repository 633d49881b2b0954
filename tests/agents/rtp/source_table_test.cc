#include "agents/rtp/source_table.h"

#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::rtp {

std::ostream& operator<<(std::ostream& out, SourceVerdict verdict) {
  return out << to_string(verdict);
}

namespace {

using namespace std::chrono_literals;
using enum SourceVerdict;

Endpoint at(std::uint16_t port) {
  return {Ip{}, Port{port}};
}
Sighting data_of(std::uint32_t ssrc, std::uint16_t port) {
  return {Ssrc{ssrc}, Channel::Data, at(port), std::nullopt};
}
Sighting description_of(std::uint32_t ssrc, std::uint16_t port, const char* cname) {
  return {Ssrc{ssrc}, Channel::Control, at(port), cname};
}

BOOST_AUTO_TEST_SUITE(rtp_source_table)

BOOST_AUTO_TEST_CASE(a_source_is_new_once_on_each_channel) {
  SourceTable table{AddressPolicy::Fixed};

  BOOST_TEST(table.note({}, data_of(7, 1)) == New);
  BOOST_TEST(table.note({}, data_of(7, 1)) == Known);
  // RTCP may come from another port.
  BOOST_TEST(table.note({}, description_of(7, 2, "a")) == Known);
  BOOST_TEST(table.note({}, description_of(7, 3, "a")) == ThirdPartyLoop);
}

BOOST_AUTO_TEST_CASE(another_address_is_a_loop_and_another_name_a_collision) {
  SourceTable table{AddressPolicy::Fixed};
  table.note({}, description_of(7, 1, "a"));

  BOOST_TEST(table.note({}, description_of(7, 9, "a")) == ThirdPartyLoop);
  BOOST_TEST(table.note({}, description_of(7, 9, "b")) == ThirdPartyCollision);
  BOOST_TEST(table.note({}, description_of(7, 1, "a")) == Known);
}

BOOST_AUTO_TEST_CASE(under_ice_a_source_may_move) {
  SourceTable table{AddressPolicy::MayMove};
  table.note({}, description_of(7, 1, "a"));

  BOOST_TEST(table.note({}, description_of(7, 2, "a")) == Moved);
  BOOST_TEST(table.note({}, description_of(7, 2, "a")) == Known);
  BOOST_TEST(table.note({}, description_of(7, 2, "b")) == ThirdPartyCollision);
}

BOOST_AUTO_TEST_CASE(who_has_our_ssrc_makes_us_change_it) {
  SourceTable table{AddressPolicy::Fixed};
  SeededRng rng{1};
  const auto ours = table.draw_own(rng);

  BOOST_TEST(table.note({}, data_of(ours.value(), 9)) == OwnCollision);
  // From now on the SSRC is theirs.
  BOOST_TEST(table.note({}, data_of(ours.value(), 9)) == Known);
}

BOOST_AUTO_TEST_CASE(our_own_packets_that_come_back_make_us_change_it_once) {
  SourceTable table{AddressPolicy::Fixed};
  SeededRng rng{1};
  const auto first = table.draw_own(rng);
  BOOST_TEST(table.note({}, data_of(first.value(), 9)) == OwnCollision);
  const auto second = table.draw_own(rng);

  BOOST_TEST(table.note(Instant{1s}, data_of(second.value(), 9)) == OwnLoop);
  BOOST_TEST(table.note(Instant{2s}, data_of(second.value(), 9)) == OwnLoop);

  table.forget_conflicts_before(Instant{3s});
  BOOST_TEST(table.note(Instant{4s}, data_of(second.value(), 9)) == OwnCollision);
}

BOOST_AUTO_TEST_CASE(a_forgotten_source_is_new_again) {
  SourceTable table{AddressPolicy::Fixed};
  table.note({}, data_of(7, 1));

  table.forget(Ssrc{7});

  BOOST_TEST(table.note({}, data_of(7, 2)) == New);
}

BOOST_AUTO_TEST_CASE(no_ssrc_is_drawn_that_somebody_uses) {
  SeededRng rng{1};
  const auto taken = static_cast<std::uint32_t>(SeededRng{1}.next());
  SourceTable table{AddressPolicy::Fixed};
  table.note({}, data_of(taken, 1));

  BOOST_TEST(table.draw_own(rng).value() != taken);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
