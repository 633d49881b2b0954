// What a session does by the clauses, seen from outside.
#include "tests/agents/media/pair.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::media {
namespace {

// The RTP packets of side 0, parsed.
std::vector<PacketView> rtp_of(const Pair& pair, std::size_t side = 0) {
  std::vector<PacketView> packets;
  for (const auto& crossing : pair.crossings)
    if (crossing.from == side && crossing.kind == PacketKind::Rtp)
      packets.push_back(*PacketView::parse(crossing.bytes));
  return packets;
}
std::vector<rtp::CompoundPacket> rtcp_of(const Pair& pair, std::size_t side) {
  std::vector<rtp::CompoundPacket> packets;
  for (const auto& crossing : pair.crossings) {
    if (crossing.from == side && crossing.kind == PacketKind::Rtcp)
      packets.push_back(*rtp::CompoundPacket::parse(crossing.bytes));
  }
  return packets;
}
template <class T>
std::vector<T> all_of(const std::vector<rtp::CompoundPacket>& compounds) {
  std::vector<T> found;
  for (const auto& compound : compounds)
    for (const auto& packet : compound.packets)
      if (const auto* const value = std::get_if<T>(&packet)) found.push_back(*value);
  return found;
}

struct Recorded : Pair {
  Recorded() { record = true; }
};

BOOST_FIXTURE_TEST_SUITE(media_session, Recorded)

// RFC 3550 §5.1: one more for each packet, 960 ticks of 48 kHz for 20 ms.
BOOST_AUTO_TEST_CASE(sequence_numbers_and_timestamps_advance_as_they_must) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.pauses = false});
  run_for(2s);

  const auto packets = rtp_of(*this);

  BOOST_REQUIRE(packets.size() == 101u);
  for (std::size_t i = 1; i < packets.size(); ++i) {
    BOOST_TEST(packets[i].sequence.ahead_of(packets[i - 1].sequence) == 1);
    BOOST_TEST(packets[i].timestamp.ahead_of(packets[i - 1].timestamp) == 960);
  }
}

// RFC 3551 §4.1: only where a talk spurt begins after a silence in which nothing was sent.
BOOST_AUTO_TEST_CASE(audio_is_marked_where_talk_begins_and_silence_is_left_out) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.dtx = true});
  run_for(30s);

  const auto packets = rtp_of(*this);

  int marked = 0;
  for (std::size_t i = 1; i < packets.size(); ++i) {
    const auto step = packets[i].timestamp.ahead_of(packets[i - 1].timestamp);
    BOOST_TEST(packets[i].sequence.ahead_of(packets[i - 1].sequence) == 1);
    if (packets[i].marker) ++marked;
    if (!packets[i].marker && packets[i].payload.size() > 8 && packets[i - 1].payload.size() > 8)
      BOOST_TEST(step == 960);
  }
  BOOST_TEST(packets.front().marker);
  BOOST_TEST((marked >= 4 && marked <= 40));
  BOOST_TEST(packets.size() < 1000u);  // of 1500 without DTX
  BOOST_TEST((*this)[1].statistics().inbound.at(0).packets_unrepaired == 0u);
}

// RFC 9143 §15: until a report says that the remote knows.
BOOST_AUTO_TEST_CASE(mid_stands_in_the_first_packets_and_not_for_ever) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.pauses = false});
  run_for(20s);

  const auto packets = rtp_of(*this);

  BOOST_TEST(packets.front().text(1) == "0");
  BOOST_TEST(packets.at(4).text(1) == "0");
  BOOST_TEST(packets.back().text(1).empty());
  BOOST_REQUIRE(all<SourceAdded>(1).size() == 1u);
  BOOST_TEST(all<SourceAdded>(1)[0].by == "mid");
}

BOOST_AUTO_TEST_CASE(transport_wide_numbers_go_through_all_streams_without_gap) {
  connect(*this, {audio_section(), video_section()});
  talk(*this, 0);
  show(*this, 0);
  run_for(3s);

  std::optional<rtp::SequenceNumber> before;
  for (const auto& packet : rtp_of(*this)) {
    const auto data = packet.find(4);
    BOOST_REQUIRE(data.has_value());
    const rtp::SequenceNumber number{ByteReader{*data}.u16()};
    if (before) BOOST_TEST(number.ahead_of(*before) == 1);
    before = number;
  }
}

// RFC 3550 §6.1.
BOOST_AUTO_TEST_CASE(without_reduced_size_every_datagram_is_compound_with_a_cname) {
  for (auto& path : paths) path.loss = 0.02;
  connect(*this, {audio_section(), video_section()}, false);
  show(*this, 0);
  talk(*this, 1);
  run_for(10s);

  for (std::size_t side = 0; side < 2; ++side) {
    const auto compounds = rtcp_of(*this, side);
    BOOST_TEST(compounds.size() > 10u);
    for (const auto& compound : compounds) {
      const auto& first = compound.packets.front();
      BOOST_TEST((std::holds_alternative<rtp::SenderReport>(first) ||
                  std::holds_alternative<rtp::ReceiverReport>(first)));
      BOOST_REQUIRE(compound.find<rtp::SourceDescription>() != nullptr);
      BOOST_TEST(compound.find<rtp::SourceDescription>()
                     ->chunks.at(0)
                     .find(rtp::SdesType::Cname)
                     .value() == (side == 0 ? "alice" : "bob"));
    }
  }
}

BOOST_AUTO_TEST_CASE(with_reduced_size_early_feedback_goes_alone) {
  paths[0].loss = 0.05;
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(10s);

  const auto compounds = rtcp_of(*this, 1);

  BOOST_TEST(std::ranges::any_of(compounds, [](const auto& compound) {
    return std::holds_alternative<rtp::Nack>(compound.packets.front());
  }));
}

// RFC 4585 §6.2.1: what is named must be missing.
BOOST_AUTO_TEST_CASE(a_nack_names_only_what_was_lost) {
  paths[0].loss = 0.05;
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(10s);

  std::set<std::uint16_t> lost;
  for (const auto& crossing : crossings) {
    if (!crossing.lost || crossing.kind != PacketKind::Rtp) continue;
    const auto packet = PacketView::parse(crossing.bytes);
    if (packet->payload_type.value() == 96) lost.insert(packet->sequence.value());
  }
  const auto nacks = all_of<rtp::Nack>(rtcp_of(*this, 1));
  BOOST_TEST(nacks.size() > 5u);
  for (const auto& nack : nacks)
    for (const auto sequence : nack.lost()) BOOST_TEST(lost.contains(sequence.value()));
}

BOOST_AUTO_TEST_CASE(feedback_that_is_not_negotiated_is_not_sent) {
  paths[0].loss = 0.05;
  auto section = video_section();
  section.receive[0].feedback.clear();
  section.extensions.transport_cc.reset();
  connect(*this, {section});
  show(*this, 0);
  run_for(10s);

  for (const auto& compound : rtcp_of(*this, 1)) {
    BOOST_TEST(compound.find<rtp::Nack>() == nullptr);
    BOOST_TEST(compound.find<rtp::PictureLossIndication>() == nullptr);
    BOOST_TEST(compound.find<rtp::FullIntraRequest>() == nullptr);
    BOOST_TEST(compound.find<rtp::TransportFeedback>() == nullptr);
  }
}

// RFC 4588 §4 and RFC 8852 §3.2.
BOOST_AUTO_TEST_CASE(a_repair_is_the_lost_packet_behind_its_number_in_a_stream_of_its_own) {
  paths[0].loss = 0.03;
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(5s);

  const auto packets = rtp_of(*this);
  int repairs = 0;
  for (const auto& packet : packets) {
    if (packet.payload_type.value() != 97) continue;
    ++repairs;
    ByteReader in{packet.payload};
    const auto number = in.u16();
    const auto original = std::ranges::find_if(packets, [&](const PacketView& other) {
      return other.payload_type.value() == 96 && other.sequence.value() == number;
    });
    BOOST_REQUIRE((original != packets.end()));
    BOOST_TEST((original->timestamp == packet.timestamp));
    BOOST_TEST(original->marker == packet.marker);
    BOOST_TEST((original->ssrc != packet.ssrc));
    BOOST_TEST(std::ranges::equal(in.rest(), original->payload));
  }
  BOOST_TEST(repairs > 3);
}

// RFC 3550 §6.4.1: both times of an SR are one instant, so that two SRs give the clock rate.
BOOST_AUTO_TEST_CASE(sender_reports_tie_the_rtp_clock_to_the_ntp_clock) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.pauses = false});
  run_for(30s);

  const auto reports = all_of<rtp::SenderReport>(rtcp_of(*this, 0));

  BOOST_REQUIRE(reports.size() > 10u);
  const auto& first = reports.front();
  const auto& last = reports.back();
  const auto seconds = static_cast<double>(last.ntp.value() - first.ntp.value()) / 4294967296.0;
  BOOST_TEST(last.timestamp.ahead_of(first.timestamp) / seconds == 48000,
             boost::test_tools::tolerance(0.0001));
  BOOST_TEST(last.packet_count <= (*this)[0].statistics().outbound.at(0).packets_sent);
  BOOST_TEST(last.packet_count > 1300u);
}

BOOST_AUTO_TEST_CASE(who_sends_nothing_reports_as_receiver) {
  connect(*this, {audio_section()});
  talk(*this, 0);
  run_for(5s);

  BOOST_TEST(all_of<rtp::SenderReport>(rtcp_of(*this, 1)).empty());
  BOOST_TEST(!all_of<rtp::ReceiverReport>(rtcp_of(*this, 1)).empty());
}

// RFC 3550 §8.2.
BOOST_AUTO_TEST_CASE(a_collision_of_ssrcs_ends_in_a_bye_and_another_ssrc) {
  auto alice = audio_section();
  alice.encodings = {{.ssrc = 1111}};
  (*this)[0].configure(now(), {.cname = "alice", .sections = {alice}});
  (*this)[1].configure(now(), {.cname = "bob", .sections = {alice}});
  for (std::size_t side = 0; side < 2; ++side) {
    (*this)[side].set_writable(now(), true);
    talk(*this, side, {.pauses = false});
  }
  run_for(5s);

  const auto here = (*this)[0].statistics().outbound.at(0).ssrc;
  const auto there = (*this)[1].statistics().outbound.at(0).ssrc;
  BOOST_TEST(here != there);
  BOOST_TEST(all<SsrcChanged>(0).size() + all<SsrcChanged>(1).size() >= 1u);
  const auto byes = all_of<rtp::Goodbye>(rtcp_of(*this, all<SsrcChanged>(0).empty() ? 1 : 0));
  BOOST_REQUIRE(!byes.empty());
  BOOST_TEST(byes[0].sources.at(0).value() == 1111u);
  for (std::size_t side = 0; side < 2; ++side)
    BOOST_TEST((*this)[side].statistics().inbound.back().frames_decoded > 200u);
}

BOOST_AUTO_TEST_CASE(a_signalled_ssrc_that_is_ours_makes_us_take_another) {
  auto section = audio_section();
  section.encodings = {{.ssrc = 5}};
  section.remote_sources = {{.ssrc = 5}};
  connect(*this, {section});

  BOOST_TEST((*this)[0].statistics().outbound.at(0).ssrc != 5u);
}

BOOST_AUTO_TEST_CASE(closing_says_goodbye_for_every_source_and_then_nothing) {
  connect(*this, {audio_section(), video_section()});
  talk(*this, 0);
  show(*this, 0);
  run_for(2s);
  (*this)[0].close(now());
  drain();
  crossings.erase(crossings.begin(), crossings.end() - 1);
  run_for(2s);

  BOOST_TEST(rtp_of(*this).empty());
  const auto byes = all_of<rtp::Goodbye>(rtcp_of(*this, 0));
  BOOST_REQUIRE(byes.size() == 1u);
  BOOST_TEST(byes[0].sources.size() == 2u);
  BOOST_TEST(all<SourceRemoved>(1).size() == 2u);
  BOOST_TEST(!(*this)[0].next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_silent_source_is_taken_for_gone_and_keeps_its_statistics) {
  connect(*this, {audio_section()});
  talk(*this, 0);
  run_for(3s);
  paths[0].loss = 1;
  run_for(10s);

  BOOST_REQUIRE(all<SourceRemoved>(1).size() == 1u);
  BOOST_TEST(all<SourceRemoved>(1)[0].why == "timeout");
  BOOST_TEST((*this)[1].statistics().inbound.at(0).frames_decoded > 100u);
}

// RFC 8083 §4.1: nobody reports, so after 15 s nothing more is sent.
BOOST_AUTO_TEST_CASE(without_reports_sending_stops) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.pauses = false});
  paths[1].loss = 1;
  run_for(40s);

  BOOST_REQUIRE(all<CircuitBroken>(0).size() == 1u);
  BOOST_TEST(all<CircuitBroken>(0)[0].why == "no reports");
  const auto packets = (*this)[0].statistics().outbound.at(0).packets_sent;
  BOOST_TEST((packets > 740u && packets < 900u));
}

BOOST_AUTO_TEST_CASE(what_belongs_to_no_section_is_dropped_and_told_once) {
  auto bob = audio_section("7");
  bob.receive[0].type = 50;
  (*this)[0].configure(now(), {.cname = "alice", .sections = {audio_section()}});
  (*this)[1].configure(now(), {.cname = "bob", .sections = {bob}});
  for (std::size_t side = 0; side < 2; ++side) (*this)[side].set_writable(now(), true);
  talk(*this, 0);
  run_for(1s);

  BOOST_TEST((*this)[1].statistics().inbound.empty());
  BOOST_TEST((*this)[1].statistics().packets_unknown > 10u);
  BOOST_REQUIRE(all<UnknownPacket>(1).size() == 1u);
  BOOST_TEST(all<UnknownPacket>(1)[0].why == "no section has its mid");
}

BOOST_AUTO_TEST_CASE(a_section_may_come_go_and_come_back) {
  connect(*this, {audio_section()});
  talk(*this, 0, {.pauses = false});
  run_for(2s);
  const auto reconfigure = [&](const std::vector<Section>& sections) {
    for (std::size_t side = 0; side < 2; ++side)
      (*this)[side].configure(now(),
                              {.cname = "x", .reduced_size_rtcp = true, .sections = sections});
    drain();
  };
  reconfigure({audio_section(), video_section()});
  show(*this, 0);
  run_for(3s);

  const auto with_video = (*this)[1].statistics();
  BOOST_REQUIRE(with_video.inbound.size() == 2u);
  BOOST_TEST(with_video.inbound[0].packets_lost == 0);
  BOOST_TEST(with_video.inbound[1].frames_decoded > 80u);

  reconfigure({audio_section()});
  run_for(1s);
  BOOST_TEST((*this)[1].statistics().inbound.size() == 1u);
  BOOST_TEST(!all_of<rtp::Goodbye>(rtcp_of(*this, 0)).empty());

  reconfigure({audio_section(), video_section()});
  run_for(3s);
  const auto again = (*this)[1].statistics();
  BOOST_REQUIRE(again.inbound.size() == 2u);
  BOOST_TEST(again.inbound[1].frames_decoded > 80u);
  BOOST_TEST(again.inbound[0].packets_lost == 0);
  BOOST_TEST(again.inbound[0].cname ==
             "alice");  // RFC 3550 §6.5.1: whatever the configuration says later
}

BOOST_AUTO_TEST_CASE(a_section_that_stops_sending_and_goes_on_begins_with_a_key_frame) {
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(2s);
  auto held = video_section();
  held.sends = false;
  (*this)[0].configure(now(), {.reduced_size_rtcp = true, .sections = {held}});
  drain();
  run_for(500ms);
  const auto sent = (*this)[0].statistics().outbound.at(0).packets_sent;
  run_for(2s);
  BOOST_TEST((*this)[0].statistics().outbound.at(0).packets_sent == sent);

  (*this)[0].configure(now(), {.reduced_size_rtcp = true, .sections = {video_section()}});
  drain();
  run_for(2s);
  BOOST_TEST((*this)[0].statistics().outbound.at(0).key_frames_encoded == 2u);
  BOOST_TEST((*this)[1].statistics().inbound.at(0).key_frames_decoded == 2u);
}

BOOST_AUTO_TEST_CASE(pli_and_fir_bring_a_key_frame_and_a_repeated_fir_does_not) {
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(2s);
  const auto ssrc = rtp::Ssrc{(*this)[0].statistics().outbound.at(0).ssrc};
  const auto keys = [&] { return (*this)[0].statistics().outbound.at(0).key_frames_encoded; };
  const auto give = [&](rtp::RtcpPacket packet) {
    (*this)[0].handle_rtcp(now(), rtp::CompoundPacket{{std::move(packet)}}.serialize());
    drain();
    run_for(1s);
  };
  BOOST_TEST(keys() == 1u);

  give(rtp::PictureLossIndication{rtp::Ssrc{9}, ssrc});
  BOOST_TEST(keys() == 2u);
  give(rtp::FullIntraRequest{rtp::Ssrc{9}, {{ssrc, 4}}});
  BOOST_TEST(keys() == 3u);
  give(rtp::FullIntraRequest{rtp::Ssrc{9}, {{ssrc, 4}}});
  BOOST_TEST(keys() == 3u);
  give(rtp::FullIntraRequest{rtp::Ssrc{9}, {{ssrc, 5}}});
  BOOST_TEST(keys() == 4u);
}

// RFC 5104 §4.2.1.
BOOST_AUTO_TEST_CASE(a_tmmbr_is_obeyed_and_confirmed) {
  connect(*this, {video_section()});
  show(*this, 0);
  run_for(5s);
  const rtp::Ssrc ssrc{(*this)[0].statistics().outbound.at(0).ssrc};
  (*this)[0].handle_rtcp(
      now(), rtp::CompoundPacket{{rtp::Tmmbr{rtp::Ssrc{9}, {{ssrc, 100'000, 40}}}}}.serialize());
  drain();
  run_for(2s);
  const auto before = (*this)[0].statistics().outbound.at(0).bytes_sent;
  run_for(10s);

  const auto bits = ((*this)[0].statistics().outbound.at(0).bytes_sent - before) * 8 / 10;
  BOOST_TEST((bits > 50'000 && bits < 110'000));
  const auto confirmed = all_of<rtp::Tmmbn>(rtcp_of(*this, 0));
  BOOST_REQUIRE(confirmed.size() == 1u);
  BOOST_TEST(confirmed[0].limits.at(0).bitrate == 100'000u);
}

// Three encodings of one camera, as simulcast has them: RFC 8853, RFC 8852.
BOOST_AUTO_TEST_CASE(simulcast_layers_have_their_sizes_their_rids_and_their_repairs) {
  auto send = video_section();
  send.encodings = {{.rid = "q", .scale_resolution_down_by = 4},
                    {.rid = "h", .scale_resolution_down_by = 2},
                    {.rid = "f"}};
  send.receives = false;
  auto receive = video_section();
  receive.sends = false;
  receive.receive_rids = {"q", "h", "f"};
  paths[0].loss = 0.01;
  (*this)[0].configure(now(), {.cname = "alice", .reduced_size_rtcp = true, .sections = {send}});
  (*this)[1].configure(now(), {.cname = "bob", .reduced_size_rtcp = true, .sections = {receive}});
  for (std::size_t side = 0; side < 2; ++side) (*this)[side].set_writable(now(), true);
  show(*this, 0, {.width = 1280, .height = 720});
  run_for(20s);

  const auto inbound = (*this)[1].statistics().inbound;
  BOOST_REQUIRE(inbound.size() == 3u);
  for (const auto& [rid, width] :
       {std::pair{"q", 320}, std::pair{"h", 640}, std::pair{"f", 1280}}) {
    const auto layer = std::ranges::find(inbound, rid, &InboundStatistics::rid);
    BOOST_TEST_CONTEXT(rid) {
      BOOST_REQUIRE((layer != inbound.end()));
      BOOST_TEST(layer->frame_width == width);
      BOOST_TEST(layer->frames_dropped == 0u);
      BOOST_TEST(layer->packets_unrepaired == 0u);
      BOOST_TEST(layer->frames_decoded > 300u);
    }
  }
  for (const auto& packet : rtp_of(*this))
    if (packet.payload_type.value() == 97) BOOST_TEST(!packet.text(3).empty());
}

BOOST_AUTO_TEST_CASE(an_inactive_encoding_sends_nothing) {
  auto section = video_section();
  section.encodings = {{.rid = "a", .scale_resolution_down_by = 2}, {.rid = "b", .active = false}};
  connect(*this, {section});
  show(*this, 0);
  run_for(2s);

  const auto outbound = (*this)[0].statistics().outbound;
  BOOST_TEST(outbound.at(0).packets_sent > 30u);
  BOOST_TEST(outbound.at(1).packets_sent == 0u);
  BOOST_TEST(!outbound.at(1).active);
}

// b=AS:200
BOOST_AUTO_TEST_CASE(the_rate_stays_within_what_the_remote_signals) {
  auto section = video_section();
  section.max_bitrate = 200'000;
  connect(*this, {section});
  show(*this, 0);
  run_for(5s);
  const auto before = (*this)[0].statistics().outbound.at(0);
  run_for(10s);

  const auto after = (*this)[0].statistics().outbound.at(0);
  const auto bits =
      (after.bytes_sent + after.header_bytes_sent - before.bytes_sent - before.header_bytes_sent) *
      8 / 10;
  BOOST_TEST((bits > 150'000 && bits < 220'000));
}

BOOST_AUTO_TEST_CASE(video_over_a_narrow_path_settles_below_its_capacity) {
  for (auto& path : paths) path.capacity = 1'000'000;
  connect(*this, {audio_section(), video_section()});
  talk(*this, 0, {.pauses = false});
  show(*this, 0);
  run_for(60s);

  const auto statistics = (*this)[0].statistics();
  const auto received = (*this)[1].statistics();
  BOOST_TEST_MESSAGE("target " << statistics.rate.target << " (" << statistics.rate.reason
                               << "), lost video " << received.inbound.at(1).packets_lost
                               << ", freezes " << received.inbound.at(1).freeze_count);
  BOOST_TEST(statistics.rate.target > 500'000u);
  BOOST_TEST(statistics.rate.target < 1'300'000u);
  BOOST_TEST(received.inbound.at(0).packets_lost <= 10);
}

// With goog-remb and no transport-wide feedback the receiver estimates.
BOOST_AUTO_TEST_CASE(remb_holds_the_rate_where_it_is_what_was_negotiated) {
  for (auto& path : paths) path.capacity = 500'000;
  auto section = video_section();
  section.extensions.transport_cc.reset();
  for (auto* const formats : {&section.send, &section.receive})
    (*formats)[0].feedback = {"nack", "nack pli", "goog-remb"};
  connect(*this, {section});
  show(*this, 0);
  run_for(40s);

  BOOST_TEST(!all_of<rtp::ReceiverEstimatedMaximumBitrate>(rtcp_of(*this, 1)).empty());
  BOOST_TEST(all_of<rtp::TransportFeedback>(rtcp_of(*this, 1)).empty());
  const auto rate = (*this)[0].statistics().rate;
  BOOST_TEST_MESSAGE("target " << rate.target << ": " << rate.reason);
  BOOST_TEST((rate.target > 200'000u && rate.target < 700'000u));
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_the_path_is_there) {
  (*this)[0].configure(now(), {.cname = "alice", .sections = {audio_section()}});
  talk(*this, 0);
  run_for(1s);
  BOOST_TEST(crossings.empty());

  (*this)[0].set_writable(now(), true);
  run_for(1s);
  BOOST_TEST(rtp_of(*this).size() == 51u);
}

BOOST_AUTO_TEST_CASE(garbage_is_an_event_and_no_more) {
  connect(*this, {audio_section()});
  (*this)[0].handle_rtp(now(), from_hex("80"));
  (*this)[0].handle_rtp(now(), from_hex("006f00010000000100000001"));
  (*this)[0].handle_rtcp(now(), from_hex("81c8ffff"));
  drain();

  BOOST_TEST(all<PacketDiscarded>(0).size() == 3u);
  BOOST_TEST((*this)[0].statistics().packets_malformed == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
