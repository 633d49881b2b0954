// The nouns around the conductor, each by itself.
#include "agents/sctp/dcep.h"
#include "agents/sctp/outstanding.h"
#include "agents/sctp/reassembly.h"
#include "agents/sctp/receive_tracker.h"
#include "agents/sctp/send_queue.h"
#include "agents/sctp/state_cookie.h"
#include "agents/sctp/stream_reset.h"
#include "agents/sctp/tsn.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{10s};

BOOST_AUTO_TEST_SUITE(sctp_serial_numbers)

BOOST_AUTO_TEST_CASE(unwrap_to_the_nearest_across_the_turn) {
  const auto near = unwrap_first(Tsn{0xfffffff0});
  BOOST_TEST(unwrap(Tsn{5}, near) == near + 21);
  BOOST_TEST(unwrap(Tsn{0xffffffe0}, near) == near - 16);
  BOOST_TEST((wrap(unwrap(Tsn{5}, near)) == Tsn{5}));
  BOOST_TEST(unwrap(Ssn{2}, LongSsn{0x1ffff}) == 0x20002u);
  BOOST_TEST(unwrap(Ssn{0xfffe}, LongSsn{0x20001}) == 0x1fffeu);
}

BOOST_AUTO_TEST_SUITE_END()

// --- ReceiveTracker ---

struct TrackerFixture {
  ReceiveTracker tracker{Tsn{0xfffffffe}};
  LongTsn first = tracker.cumulative() + 1;
  SackChunk sack() { return tracker.take_sack(5000, 1000); }
};

BOOST_FIXTURE_TEST_SUITE(sctp_receive_tracker, TrackerFixture)

BOOST_AUTO_TEST_CASE(gaps_join_as_they_are_filled) {
  for (const auto offset : {1, 2, 5, 7}) tracker.accept(first + static_cast<LongTsn>(offset));
  BOOST_TEST((sack().gaps == std::vector<GapAckBlock>{{2, 3}, {6, 6}, {8, 8}}));
  tracker.accept(first + 6);
  BOOST_TEST((sack().gaps == std::vector<GapAckBlock>{{2, 3}, {6, 8}}));
  tracker.accept(first);
  BOOST_TEST((sack().cumulative_tsn == wrap(first + 2)));
  tracker.accept(first + 3);
  tracker.accept(first + 4);
  BOOST_TEST(tracker.cumulative() == first + 7);
  BOOST_TEST(!tracker.has_gaps());
}

BOOST_AUTO_TEST_CASE(knows_duplicates_and_what_is_out_of_reach) {
  tracker.accept(first);
  tracker.accept(first + 5);
  BOOST_TEST((tracker.classify(first) == ReceiveTracker::Arrival::Duplicate));
  BOOST_TEST((tracker.classify(first - 100) == ReceiveTracker::Arrival::Duplicate));
  BOOST_TEST((tracker.classify(first + 5) == ReceiveTracker::Arrival::Duplicate));
  BOOST_TEST((tracker.classify(first + 4) == ReceiveTracker::Arrival::New));
  BOOST_TEST((tracker.classify(first + 0x10000) == ReceiveTracker::Arrival::OutOfWindow));
  tracker.note_duplicate(first);
  BOOST_TEST((sack().duplicates == std::vector{wrap(first)}));
  BOOST_TEST(sack().duplicates.empty());
}

BOOST_AUTO_TEST_CASE(a_sack_keeps_to_its_size_from_the_lowest_gap_on) {
  for (LongTsn i = 1; i < 200; i += 2) tracker.accept(first + i);
  const auto small = tracker.take_sack(1, 16 + 3 * 4);
  BOOST_TEST((small.gaps == std::vector<GapAckBlock>{{2, 2}, {4, 4}, {6, 6}}));
}

BOOST_AUTO_TEST_CASE(says_when_a_sack_is_due) {
  using Due = ReceiveTracker::Due;
  const auto packet = [this](LongTsn tsn) {
    tracker.accept(tsn);
    tracker.note_packet(false);
    return tracker.due();
  };
  BOOST_TEST((packet(first) == Due::Now));  // the first DATA
  (void)sack();
  BOOST_TEST((packet(first + 1) == Due::Delayed));
  BOOST_TEST((packet(first + 2) == Due::Now));  // every second packet
  (void)sack();
  BOOST_TEST((packet(first + 4) == Due::Now));  // a gap
  (void)sack();
  BOOST_TEST((packet(first + 3) == Due::Now));  // the gap closes
  (void)sack();
  BOOST_TEST((packet(first + 5) == Due::Delayed));
  tracker.delay_over();
  BOOST_TEST((tracker.due() == Due::Now));
  (void)sack();
  tracker.note_duplicate(first);
  tracker.note_packet(false);
  BOOST_TEST((tracker.due() == Due::Now));
}

BOOST_AUTO_TEST_CASE(forward_moves_over_what_was_received_beyond) {
  tracker.accept(first + 3);
  BOOST_TEST(tracker.forward(first + 2));
  BOOST_TEST(tracker.cumulative() == first + 3);
  BOOST_TEST(!tracker.forward(first + 1));
}

BOOST_AUTO_TEST_SUITE_END()

// --- Reassembly ---

struct ReassemblyFixture {
  Reassembly reassembly{10000};

  void add(LongTsn tsn, std::uint16_t ssn, std::string_view flags, std::string_view words) {
    const auto has = [flags](char c) { return flags.find(c) != std::string_view::npos; };
    reassembly.add(tsn, DataChunk{{.tsn = wrap(tsn),
                                   .stream = StreamId{1},
                                   .ssn = Ssn{ssn},
                                   .ppid = Ppid{51},
                                   .unordered = has('U'),
                                   .beginning = has('B'),
                                   .end = has('E')},
                                  to_octets(words)});
  }
  std::string all() {
    std::string text;
    while (const auto message = reassembly.take())
      text += std::string{as_text(message->bytes)} + '|';
    return text;
  }
};

BOOST_FIXTURE_TEST_SUITE(sctp_reassembly, ReassemblyFixture)

BOOST_AUTO_TEST_CASE(fragments_in_any_order_make_the_message) {
  add(102, 0, "E", "c");
  add(100, 0, "B", "a");
  BOOST_TEST(all().empty());
  add(101, 0, "", "b");
  BOOST_TEST(all() == "abc|");
  BOOST_TEST(reassembly.buffered() == 0u);
}

BOOST_AUTO_TEST_CASE(ordered_messages_wait_for_their_turn) {
  add(102, 2, "BE", "third");
  add(101, 1, "BE", "second");
  BOOST_TEST(all().empty());
  add(100, 0, "BE", "first");
  BOOST_TEST(all() == "first|second|third|");
}

BOOST_AUTO_TEST_CASE(unordered_messages_do_not_wait_and_do_not_mix) {
  add(103, 0, "UBE", "two");
  add(105, 0, "UE", "d");
  add(100, 0, "UB", "a");
  add(101, 0, "UE", "b");
  add(104, 0, "UB", "c");
  BOOST_TEST(all() == "two|ab|cd|");
}

BOOST_AUTO_TEST_CASE(forward_drops_what_is_incomplete_and_delivers_what_waited) {
  add(100, 0, "B", "never");
  add(102, 1, "BE", "one");
  add(104, 3, "BE", "three");
  reassembly.forward(103, std::vector<ForwardTsnChunk::Skipped>{{StreamId{1}, Ssn{2}}});
  BOOST_TEST(all() == "one|three|");
  BOOST_TEST(reassembly.buffered() == 0u);
}

BOOST_AUTO_TEST_CASE(forward_spares_an_unordered_message_that_reaches_beyond_it) {
  // Found by two associations at 10 % loss, seed 4: the cumulative TSN had run ahead of FORWARD
  // TSN.
  add(101, 0, "UB", "a");
  reassembly.forward(100, {});
  add(102, 0, "UE", "b");
  BOOST_TEST(all() == "ab|");
}

BOOST_AUTO_TEST_CASE(a_reset_stream_counts_from_zero) {
  add(100, 0, "BE", "a");
  add(101, 2, "BE", "stranded");
  BOOST_TEST(all() == "a|");
  reassembly.reset(std::vector{StreamId{1}});
  add(102, 0, "BE", "b");
  BOOST_TEST(all() == "b|");
  BOOST_TEST(reassembly.buffered() == 0u);
}

BOOST_AUTO_TEST_CASE(ssns_wrap) {
  for (std::uint32_t i = 0; i < 70000; ++i) add(100 + i, static_cast<std::uint16_t>(i), "BE", "x");
  std::size_t count = 0;
  while (reassembly.take()) ++count;
  BOOST_TEST(count == 70000u);
}

BOOST_AUTO_TEST_CASE(a_message_beyond_the_limit_overflows) {
  add(100, 0, "B", std::string(6000, 'x'));
  BOOST_TEST(!reassembly.overflowed());
  add(101, 0, "", std::string(6000, 'x'));
  BOOST_TEST(reassembly.overflowed());
}

BOOST_AUTO_TEST_SUITE_END()

// --- SendQueue ---

struct QueueFixture {
  SendQueue queue;
  void add(std::uint16_t stream, std::size_t size, Reliability reliability = Reliable{},
           Order order = Order::Ordered) {
    queue.add(kNow, StreamId{stream}, {Ppid{53}, Bytes(size), order, reliability});
  }
  // "1.0 B-", stream, SSN, flags, of the next fragment.
  std::string next(Instant now = kNow) {
    if (!queue.next_size(now, 1000)) return "";
    const auto fragment = queue.take(1000);
    return std::to_string(fragment.header.stream.value()) + "." +
           std::to_string(fragment.header.ssn.value()) + (fragment.header.beginning ? "B" : "") +
           (fragment.header.end ? "E" : "");
  }
};

BOOST_FIXTURE_TEST_SUITE(sctp_send_queue, QueueFixture)

BOOST_AUTO_TEST_CASE(streams_take_turns_by_message_and_fragments_stay_together) {
  add(1, 2500);
  add(1, 10);
  add(2, 10);
  std::vector<std::string> order;
  for (auto item = next(); !item.empty(); item = next()) order.push_back(item);
  BOOST_TEST((order == std::vector<std::string>{"1.0B", "1.0", "1.0E", "2.0BE", "1.1BE"}));
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(unordered_messages_take_no_ssn) {
  add(1, 10, Reliable{}, Order::Unordered);
  add(1, 10);
  BOOST_TEST(next() == "1.0BE");
  BOOST_TEST(next() == "1.0BE");
}

BOOST_AUTO_TEST_CASE(a_message_past_its_lifetime_takes_no_ssn_either) {
  add(1, 10, LimitedLifetime{1s});
  add(1, 10);
  BOOST_TEST(next(kNow + 1s) == "1.0BE");
  BOOST_TEST(queue.take_dropped().size() == 1u);
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_message_can_be_dropped_and_frees_its_ssn) {
  add(1, 2500);
  add(1, 10);
  const auto fragment = [this] {
    (void)queue.next_size(kNow, 1000);
    return queue.take(1000);
  }();
  const auto rest = queue.drop_rest(fragment.message);
  BOOST_REQUIRE(rest.has_value());
  BOOST_TEST(rest->header.end);
  BOOST_TEST(rest->payload.empty());
  BOOST_TEST(!queue.drop_rest(fragment.message).has_value());
  BOOST_TEST(next() == "1.1BE");
}

BOOST_AUTO_TEST_CASE(a_stream_is_ready_to_reset_when_it_has_fallen_silent) {
  add(1, 10);
  queue.begin_reset(StreamId{1});
  queue.begin_reset(StreamId{9});  // never used
  BOOST_TEST((queue.ready_to_reset(10) == std::vector{StreamId{9}}));
  (void)next();
  BOOST_TEST((queue.ready_to_reset(10) == std::vector{StreamId{1}, StreamId{9}}));
  queue.end_reset(StreamId{1}, true);
  add(1, 10);
  BOOST_TEST(next() == "1.0BE");
}

BOOST_AUTO_TEST_SUITE_END()

// --- Outstanding ---

struct OutstandingFixture {
  Outstanding outstanding{Tsn{1000}};
  void send(Instant now, std::size_t count = 1, std::optional<std::uint32_t> limit = std::nullopt) {
    for (std::size_t i = 0; i < count; ++i) {
      Fragment fragment;
      fragment.message = MessageNumber{message++};
      fragment.header.beginning = fragment.header.end = true;
      fragment.payload = Bytes(100);
      fragment.max_retransmissions = limit;
      (void)outstanding.send(now, std::move(fragment));
    }
  }
  Outstanding::SackOutcome sack(Instant now, std::uint32_t cumulative,
                                std::vector<GapAckBlock> gaps = {}, bool recovery = false) {
    return outstanding.handle_sack(now, {Tsn{cumulative}, 50000, std::move(gaps), {}}, recovery)
        .value();
  }
  std::uint64_t message = 0;
};

BOOST_FIXTURE_TEST_SUITE(sctp_outstanding, OutstandingFixture)

BOOST_AUTO_TEST_CASE(measures_one_chunk_per_round_trip_and_never_one_that_was_sent_twice) {
  send(kNow);
  send(kNow + 10ms);
  BOOST_TEST((sack(kNow + 50ms, 1001).round_trip == 50ms));
  send(kNow + 60ms);
  outstanding.mark_all_lost(kNow + 100ms);
  BOOST_REQUIRE(outstanding.resend(kNow + 100ms, 1000).has_value());
  BOOST_TEST(!sack(kNow + 150ms, 1002).round_trip.has_value());
}

BOOST_AUTO_TEST_CASE(old_sacks_and_sacks_for_what_was_never_sent_are_refused) {
  send(kNow, 3);
  (void)sack(kNow, 1001);
  BOOST_TEST(!outstanding.handle_sack(kNow, {Tsn{1000}, 1, {}, {}}, false).has_value());
  BOOST_TEST(!outstanding.handle_sack(kNow, {Tsn{1003}, 1, {}, {}}, false).has_value());
  BOOST_TEST(outstanding.flight() == 116u);
}

BOOST_AUTO_TEST_CASE(the_third_missing_report_loses_the_chunk_once) {
  send(kNow, 8);
  BOOST_TEST(sack(kNow, 999, {{2, 2}}).lost.empty());
  BOOST_TEST(sack(kNow, 999, {{2, 3}}).lost.empty());
  BOOST_TEST(sack(kNow, 999, {{2, 4}}).lost.size() == 1u);
  BOOST_REQUIRE(outstanding.resend(kNow, 1000).has_value());
  for (std::uint16_t end = 5; end <= 8; ++end)
    BOOST_TEST(sack(kNow, 999, {{2, end}}, true).lost.empty());
}

BOOST_AUTO_TEST_CASE(only_what_lies_below_the_highest_newly_acknowledged_is_missing) {
  send(kNow, 8);
  // The same SACK three times acknowledges nothing new: no report.
  for (int i = 0; i < 4; ++i) BOOST_TEST(sack(kNow, 999, {{3, 3}}).lost.empty());
  // And 1004 is above the newly acknowledged 1001.
  (void)sack(kNow, 999, {{2, 3}, {6, 6}});
  BOOST_TEST(sack(kNow, 999, {{2, 3}, {6, 7}}).lost.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_peer_takes_back_is_in_flight_again) {
  send(kNow, 3);
  (void)sack(kNow, 999, {{3, 3}});
  BOOST_TEST(outstanding.flight() == 232u);
  BOOST_TEST(sack(kNow, 999).reneged);
  BOOST_TEST(outstanding.flight() == 348u);
}

BOOST_AUTO_TEST_CASE(abandoned_chunks_move_the_forward_point_over_themselves_only) {
  send(kNow, 1, 0u);
  send(kNow, 1, 0u);
  send(kNow, 1);
  send(kNow, 1, 0u);
  outstanding.mark_all_lost(kNow);
  BOOST_TEST(outstanding.take_abandoned().size() == 3u);
  const auto forward = outstanding.forward_tsn(100);
  BOOST_REQUIRE(forward.has_value());
  BOOST_TEST((forward->new_cumulative_tsn == Tsn{1001}));
  BOOST_TEST(std::get<ForwardTsnChunk>(forward->chunk).skipped.size() == 1u);
  BOOST_TEST(outstanding.flight() == 0u);
  (void)sack(kNow, 1001);
  BOOST_TEST(!outstanding.forward_tsn(100).has_value());
  (void)sack(kNow, 1002);
  BOOST_TEST((outstanding.forward_tsn(100)->new_cumulative_tsn == Tsn{1003}));
}

BOOST_AUTO_TEST_SUITE_END()

// --- StreamReset ---

BOOST_AUTO_TEST_SUITE(sctp_stream_reset)

BOOST_AUTO_TEST_CASE(a_request_waits_for_its_last_tsn_and_is_answered_twice) {
  StreamReset reset{Tsn{1}, Tsn{500}};
  const OutgoingResetRequest request{RequestNumber{500}, RequestNumber{0}, Tsn{600}, {StreamId{3}}};
  const auto cumulative = unwrap_first(Tsn{599});

  const auto waiting = reset.handle(request, cumulative, 10);
  BOOST_TEST((waiting.response.result == ResetResult::InProgress));
  BOOST_TEST(!waiting.reset.has_value());
  BOOST_TEST((reset.handle(request, cumulative, 10).response.result == ResetResult::InProgress));
  BOOST_TEST(!reset.note_cumulative(cumulative).has_value());

  const auto done = reset.note_cumulative(cumulative + 1);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST((done->response.result == ResetResult::Performed));
  BOOST_TEST((*done->reset == std::vector{StreamId{3}}));
  // Asked once more, the answer is the same and nothing is reset again.
  const auto again = reset.handle(request, cumulative + 1, 10);
  BOOST_TEST((again.response.result == ResetResult::Performed));
  BOOST_TEST(!again.reset.has_value());
}

BOOST_AUTO_TEST_CASE(foreign_numbers_streams_and_requests_are_refused) {
  StreamReset reset{Tsn{1}, Tsn{500}};
  const auto cumulative = unwrap_first(Tsn{599});
  BOOST_TEST((reset.handle({RequestNumber{502}, RequestNumber{0}, Tsn{1}, {}}, cumulative, 10)
                  .response.result == ResetResult::BadSequenceNumber));
  BOOST_TEST(
      (reset.handle({RequestNumber{500}, RequestNumber{0}, Tsn{1}, {StreamId{10}}}, cumulative, 10)
           .response.result == ResetResult::WrongSsn));
  BOOST_TEST(
      (reset.handle(OtherRequest{17, RequestNumber{501}}).response.result == ResetResult::Denied));
}

BOOST_AUTO_TEST_CASE(our_request_stands_until_a_final_answer) {
  StreamReset reset{Tsn{7}, Tsn{500}};
  reset.request({StreamId{1}}, unwrap_first(Tsn{20}));
  BOOST_TEST((reset.current().number == RequestNumber{7}));
  BOOST_TEST((reset.current().response_number == RequestNumber{499}));
  BOOST_TEST(!reset.handle(ResetResponse{RequestNumber{6}, ResetResult::Performed}).has_value());
  BOOST_TEST(!reset.handle(ResetResponse{RequestNumber{7}, ResetResult::InProgress}).has_value());
  BOOST_TEST(reset.requesting());
  BOOST_TEST((reset.handle(ResetResponse{RequestNumber{7}, ResetResult::Performed})->result ==
              ResetResult::Performed));
  BOOST_TEST(!reset.requesting());
}

BOOST_AUTO_TEST_CASE(the_parameters_survive_the_way_out_and_back) {
  const OutgoingResetRequest request{
      RequestNumber{1}, RequestNumber{2}, Tsn{3}, {StreamId{4}, StreamId{5}}};
  BOOST_TEST((std::get<OutgoingResetRequest>(*decode(encode(request))) == request));
  const ResetResponse response{RequestNumber{9}, ResetResult::Denied};
  BOOST_TEST((std::get<ResetResponse>(*decode(encode(response))) == response));
  auto cut = encode(request);
  cut.value.pop_back();
  BOOST_TEST(!decode(cut).has_value());
  BOOST_TEST(!decode({99, Bytes(20)}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

// --- CookieSealer ---

BOOST_AUTO_TEST_SUITE(sctp_state_cookie)

BOOST_AUTO_TEST_CASE(comes_back_as_it_was_and_nothing_else_does) {
  SeededRng rng{1};
  SeededRng other_rng{2};
  const CookieSealer sealer{rng};
  const StateCookie cookie{5000,   5001, 1,  Tsn{2}, {3, 4, 5, 6, Tsn{7}, true, false},
                           {8, 9}, kNow, 60s};
  auto octets = sealer.seal(cookie);

  BOOST_TEST((sealer.open(octets) == cookie));
  BOOST_TEST(!CookieSealer{other_rng}.open(octets).has_value());
  for (auto& octet : octets) {
    octet ^= std::byte{1};
    BOOST_TEST(!sealer.open(octets).has_value());
    octet ^= std::byte{1};
  }
  octets.pop_back();
  BOOST_TEST(!sealer.open(octets).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

// --- DCEP ---

BOOST_AUTO_TEST_SUITE(sctp_dcep)

BOOST_AUTO_TEST_CASE(open_has_the_octets_of_section_5_1) {
  const DcepOpen open{Order::Unordered, LimitedRetransmissions{3}, 256, "ab", "c"};
  const auto octets = encode(open);
  BOOST_TEST(to_hex(octets) ==
             "03810100000000030002000161"
             "6263");
  BOOST_TEST((std::get<DcepOpen>(*decode_dcep(octets)) == open));
}

BOOST_AUTO_TEST_CASE(ack_is_one_octet) {
  BOOST_TEST(to_hex(encode(DcepAck{})) == "02");
  BOOST_TEST(std::holds_alternative<DcepAck>(*decode_dcep(from_hex("02"))));
}

// Recorded: Pion 3.1.56 (datachannel 1.5.5) answers DATA_CHANNEL_OPEN with these.
BOOST_AUTO_TEST_CASE(an_ack_that_is_padded_as_pion_does_is_an_ack) {
  BOOST_TEST(std::holds_alternative<DcepAck>(*decode_dcep(from_hex("02000000"))));
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong) {
  BOOST_TEST((decode_dcep({}).error().flaw == Flaw::Truncated));
  BOOST_TEST((decode_dcep(from_hex("04")).error().flaw == Flaw::BadValue));
  BOOST_TEST((decode_dcep(from_hex("03000100")).error().flaw == Flaw::Truncated));
  BOOST_TEST((decode_dcep(from_hex("030001000000000000020000")).error().flaw == Flaw::BadLength));
  BOOST_TEST((decode_dcep(from_hex("030701000000000000000000")).error().flaw == Flaw::BadValue));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
