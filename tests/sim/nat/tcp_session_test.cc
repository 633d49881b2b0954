#include "sim/nat/tcp_session.h"

#include "tests/sim/nat/bench.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;
using From = TcpSession::From;

struct Segment {
  From from;
  unsigned flags;
};

struct Life {
  std::string_view what;
  std::vector<Segment> segments;
  TcpPhase phase;
};
std::ostream& operator<<(std::ostream& out, const Life& life) {
  return out << life.what;
}

// RFC 5382 §5; the openings are those of RFC 9293 §3.5.
const std::vector<Life> kLives{
    {"a SYN", {{From::Inside, kSyn}}, TcpPhase::PartiallyOpen},
    {"a SYN that was answered",
     {{From::Inside, kSyn}, {From::Outside, kSyn | kAck}},
     TcpPhase::PartiallyOpen},
    {"a handshake of three",
     {{From::Inside, kSyn}, {From::Outside, kSyn | kAck}, {From::Inside, kAck}},
     TcpPhase::Established},
    {"SYNs that crossed",
     {{From::Inside, kSyn}, {From::Outside, kSyn}, {From::Inside, kSyn | kAck}},
     TcpPhase::PartiallyOpen},
    {"SYNs that crossed, and an acknowledgment",
     {{From::Outside, kSyn},
      {From::Inside, kSyn},
      {From::Outside, kSyn | kAck},
      {From::Inside, kSyn | kAck},
      {From::Inside, kAck}},
     TcpPhase::Established},
    {"one FIN",
     {{From::Inside, kSyn},
      {From::Outside, kSyn | kAck},
      {From::Inside, kAck},
      {From::Inside, kFin | kAck}},
     TcpPhase::HalfClosed},
    {"a FIN from each side",
     {{From::Inside, kSyn},
      {From::Outside, kSyn | kAck},
      {From::Inside, kAck},
      {From::Inside, kFin | kAck},
      {From::Outside, kFin | kAck}},
     TcpPhase::Closing},
    {"a reset", {{From::Inside, kSyn}, {From::Outside, kRst | kAck}}, TcpPhase::Reset},
    {"a new SYN after a reset",
     {{From::Inside, kSyn}, {From::Outside, kRst | kAck}, {From::Inside, kSyn}},
     TcpPhase::PartiallyOpen},
};

// A connection that stands, through a NAT.
Endpoint connect(Bench& bench, const Endpoint& from, const Endpoint& to) {
  BOOST_REQUIRE((bench.out(tcp(from, to, kSyn)) == Outcome::ToOutside));
  const auto outside = bench.seen().source;
  BOOST_REQUIRE((bench.in(tcp(to, outside, kSyn | kAck)) == Outcome::ToInside));
  BOOST_REQUIRE((bench.out(tcp(from, to, kAck)) == Outcome::ToOutside));
  return outside;
}

BOOST_AUTO_TEST_SUITE(tcp_session)

BOOST_DATA_TEST_CASE(the_phase_follows_from_what_passed, data::make(kLives), life) {
  TcpSession session;
  for (const auto& segment : life.segments) {
    session.note(segment.from, TcpFlags::of(static_cast<std::uint8_t>(segment.flags)), Instant{1s});
  }
  BOOST_TEST((session.phase() == life.phase), to_string(session.phase()));
  const bool open = life.phase == TcpPhase::Established || life.phase == TcpPhase::HalfClosed;
  const auto timeout = open ? 7440s : 240s;
  BOOST_TEST((session.ends() == Instant{1s + timeout}));
}

BOOST_AUTO_TEST_CASE(an_established_connection_keeps_its_mapping_for_two_hours_and_four_minutes) {
  Bench bench;
  const auto outside = connect(bench, kAlice, kServer);

  bench.now = Instant{7440s - 1ns};
  BOOST_TEST((bench.in(tcp(kServer, outside, kAck)) == Outcome::ToInside));
  bench.now += 7440s;
  BOOST_TEST((bench.in(tcp(kServer, outside, kAck)) == Outcome::Dropped));
}

// RFC 5382 §5: the mapping of a closed connection goes after four minutes, not after two hours.
BOOST_AUTO_TEST_CASE(a_closed_connection_gives_its_mapping_back_soon) {
  Bench bench;
  const auto outside = connect(bench, kAlice, kServer);
  bench.now = Instant{300s};  // the table has looked after the mapping's deadline once
  bench.out(tcp(kAlice, kServer, kFin | kAck));
  bench.in(tcp(kServer, outside, kFin | kAck));

  BOOST_TEST((*bench.translator.next_wakeup() == Instant{540s}));
  bench.translator.handle_timeout(Instant{540s - 1ns});
  BOOST_TEST(bench.translator.mappings() == 1u);
  bench.translator.handle_timeout(Instant{540s});
  BOOST_TEST(bench.translator.mappings() == 0u);
}

BOOST_AUTO_TEST_CASE(one_mapping_lives_as_long_as_the_last_connection_through_it) {
  Bench bench;
  const auto outside = connect(bench, kAlice, kServer);
  BOOST_TEST((connect(bench, kAlice, kStranger) == outside));
  bench.in(tcp(kServer, outside, kRst));

  bench.now = Instant{1000s};
  BOOST_TEST((bench.in(tcp(kServer, outside, kSyn)) == Outcome::Dropped));
  BOOST_TEST((bench.in(tcp(kStranger, outside, kAck)) == Outcome::ToInside));
}

// RFC 5382 §4.3: a SYN from a stranger is dropped in silence, so that a SYN of our own can still
// meet it (REQ-4), and both sides open at once (REQ-2).
BOOST_AUTO_TEST_CASE(a_simultaneous_open_passes_two_nats) {
  Bench a;
  auto other = a_nat();
  other.name = "home-b";
  other.outside = {"outside", {*Prefix::parse("203.0.113.9/24")}};
  Bench b{other};
  // Where each shows is known beforehand: ports are handed out one after the other.
  const auto outside_a = ep("198.51.100.1:40000");
  const auto outside_b = ep("203.0.113.9:40000");

  BOOST_REQUIRE((a.out(tcp(kAlice, outside_b)) == Outcome::ToOutside));
  BOOST_TEST((b.in(a.packet) == Outcome::Dropped));
  BOOST_TEST(!b.verdict.error.has_value());
  BOOST_REQUIRE((b.out(tcp(kBob, outside_a)) == Outcome::ToOutside));
  BOOST_TEST((a.in(b.packet) == Outcome::ToInside));
  BOOST_REQUIRE((a.out(tcp(kAlice, outside_b, kSyn | kAck)) == Outcome::ToOutside));
  BOOST_TEST((b.in(a.packet) == Outcome::ToInside));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
