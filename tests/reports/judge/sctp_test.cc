// SCTP as keys of the capture show it: what was sent again by which rule, and when a channel that
// the peer closes has to be closed in return.
#include "agents/sctp/dcep.h"
#include "agents/sctp/reconfiguration.h"
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rtclab::test {
namespace {

using enum Who;

constexpr sctp::StreamId kStream{1};

sctp::DataChunk data(std::uint32_t tsn) {
  return {.header = {.tsn = sctp::Tsn{tsn},
                     .stream = kStream,
                     .ppid = sctp::kPpidString,
                     .beginning = true,
                     .end = true},
          .payload = Bytes(1000)};
}

sctp::SackChunk sack(std::uint32_t cumulative, std::vector<sctp::GapAckBlock> gaps = {}) {
  return {.cumulative_tsn = sctp::Tsn{cumulative}, .receiver_window = 100000, .gaps = gaps};
}

BOOST_AUTO_TEST_SUITE(judge_sctp)

// --- retransmission ---

// Two chunks of Alice's. The second is sent again fast, and once more when the next SACK comes; in
// between the timer of the first may expire, which has the second sent anew, too.
Case sent_again(bool timer_expires) {
  auto call = Case{}.negotiated();
  call.sctp(1s, Alice, {data(1)}).sctp(2s, Alice, {data(2)});
  call.sctp(2050ms, Bob, {sack(0, {{3, 4}})}).sctp(2060ms, Alice, {data(2)});
  if (timer_expires) call.sctp(2080ms, Alice, {data(1)});  // nothing came just then
  call.sctp(2100ms, Bob, {sack(0, {{3, 5}})}).sctp(2110ms, Alice, {data(2)});
  return call;
}

// Found by a stranger's sweep over networks.
BOOST_AUTO_TEST_CASE(what_a_timeout_left_waiting_for_the_window_is_not_retransmitted_fast) {
  constexpr auto kClause = "sctp-9260-7.2.4-fast-retransmit";
  BOOST_TEST(sent_again(true).verdict(kClause) == "pass");
  BOOST_TEST(sent_again(false).verdict(kClause) == "fail");
}

// --- closing ---

sctp::ReConfigChunk reset(std::uint32_t number) {
  return {{sctp::encode(sctp::OutgoingResetRequest{
      .number = sctp::RequestNumber{number}, .last_tsn = sctp::Tsn{1}, .streams = {kStream}})}};
}

// Bob opens a channel and closes it at 3 s. Alice goes on sending until `sends_until`, and the call
// ends at `end`.
Case closing(Duration request_came, Duration sends_until, Duration end) {
  auto call = Case{}.negotiated();
  auto open = data(1);
  open.header.ppid = sctp::kPpidDcep;
  open.payload = sctp::encode(sctp::DcepOpen{.priority = 256, .label = "chat"});
  call.sctp(2s, Bob, {std::move(open)});
  call.sctp(3s, Bob, {reset(1)}).came(request_came);
  std::uint32_t tsn = 100;
  for (auto at = 2500ms; at <= sends_until; at += 500ms) call.sctp(at, Alice, {data(tsn++)});
  call.sctp(end, Bob, {sctp::AbortChunk{}});
  return call;
}

// Found by a stranger's sweep over networks: 64 kbit/s.
BOOST_AUTO_TEST_CASE(whoever_has_messages_to_send_may_close_its_half_of_a_channel_later) {
  constexpr auto kClause = "dc-8831-6.7-close-reset";
  BOOST_TEST(closing(3010ms, 2500ms, 6s).verdict(kClause) == "inconclusive");
  BOOST_TEST(closing(3010ms, 2500ms, 6100ms).verdict(kClause) == "fail");
  // The request was long on its way.
  BOOST_TEST(closing(4s, 2500ms, 6900ms).verdict(kClause) == "inconclusive");
  // Messages were still waiting.
  BOOST_TEST(closing(3010ms, 7s, 9900ms).verdict(kClause) == "inconclusive");
  BOOST_TEST(closing(3010ms, 7s, 10100ms).verdict(kClause) == "fail");

  auto closed = closing(3010ms, 2500ms, 9s);
  closed.sctp(3500ms, Alice, {reset(1)});
  BOOST_TEST(closed.verdict(kClause) == "pass");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
