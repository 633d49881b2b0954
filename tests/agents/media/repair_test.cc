// Loss and its repair: what two sessions measure, beside the arithmetic.
#include "tests/agents/media/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <set>

namespace rtclab::media {
namespace {

namespace data = boost::unit_test::data;

// So that every packet counts: no rate control, one resolution.
struct VideoCall {
  explicit VideoCall(double loss, std::uint64_t seed = 1) : pair{{}, seed} {
    pair.paths[0].loss = loss;
    connect(pair, {video_section()});
    show(pair, 0);
  }
  InboundStatistics received() { return pair[1].statistics().inbound.at(0); }
  OutboundStatistics sent() { return pair[0].statistics().outbound.at(0); }
  Pair pair;
};

BOOST_AUTO_TEST_SUITE(media_repair)

BOOST_DATA_TEST_CASE(the_loss_that_is_reported_is_the_loss_of_the_path,
                     data::make(std::vector<double>{0.005, 0.01, 0.02, 0.05, 0.10}), loss) {
  VideoCall call{loss};
  std::uint64_t lost = 0, all = 0;  // of the stream itself, not of its repairs
  call.pair.loses = [&,
                     draw = SeededRng{7}](const Crossing& crossing) mutable -> std::optional<bool> {
    if (crossing.kind == PacketKind::Rtcp || crossing.from == 1) return false;
    const bool dropped = draw.uniform() < loss;
    const auto packet = PacketView::parse(crossing.bytes);
    if (packet->payload_type.value() == 96) {
      ++all;
      lost += dropped ? 1 : 0;
    }
    return dropped;
  };

  call.pair.run_for(60s);

  const auto received = call.received();
  BOOST_TEST_MESSAGE("p = " << loss << ": lost " << lost << " of " << all << ", reported "
                            << received.packets_lost << ", repaired " << received.packets_repaired
                            << ", for good " << received.packets_unrepaired << "; frames "
                            << received.frames_decoded << " shown, " << received.frames_dropped
                            << " not, freezes " << received.freeze_count << ", PLI "
                            << received.pli_count);
  // What is on its way when we look is not lost, nor known to be.
  BOOST_TEST(std::abs(received.packets_lost - static_cast<std::int64_t>(lost)) <= 10);
  BOOST_TEST(received.packets_repaired + received.packets_unrepaired + 10 >= lost);
  BOOST_TEST(received.packets_repaired <= lost);
  // The binomial: three deviations.
  const auto n = static_cast<double>(all);
  BOOST_TEST(std::abs(static_cast<double>(lost) - n * loss) <=
             4 * std::sqrt(n * loss * (1 - loss)));
}

const PayloadFormat kH264{.type = 100,
                          .codec = "H264",
                          .clock_rate = 90000,
                          .parameters = "packetization-mode=1",
                          .feedback = {"nack", "nack pli"}};
const PayloadFormat kH264Rtx{.type = 101, .codec = "rtx", .clock_rate = 90000, .apt = 100};

Section prefers(const std::vector<PayloadFormat>& formats) {
  auto section = video_section();
  section.send = section.receive = formats;
  return section;
}

// RFC 4588 §8.6: the type of a retransmission says of which codec its payload is.
BOOST_AUTO_TEST_CASE(what_was_lost_before_a_change_of_codec_is_repaired_as_what_it_was) {
  Pair pair;
  connect(pair, {prefers({kVp8, kRtx, kH264, kH264Rtx})});
  show(pair, 0);
  pair.run_for(3s);
  pair.record = true;
  pair.loses = [](const Crossing& crossing) {
    return crossing.kind == PacketKind::Rtp &&
           PacketView::parse(crossing.bytes)->payload_type.value() == 96;
  };
  pair.run_for(60ms);
  const auto lost = pair.crossings.size();

  connect(pair, {prefers({kH264, kH264Rtx, kVp8, kRtx})});
  pair.run_for(3s);

  std::set<unsigned> repairs;
  for (const auto& crossing : pair.crossings) {
    const auto packet = PacketView::parse(crossing.bytes);
    if (crossing.kind == PacketKind::Rtp && packet &&
        packet->ssrc.value() != pair[0].statistics().outbound.at(0).ssrc)
      repairs.insert(packet->payload_type.value());
  }
  BOOST_TEST(lost >= 1u);
  BOOST_TEST(repairs == (std::set<unsigned>{97}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_codec_begins_with_a_key_frame_that_nobody_has_to_ask_for) {
  Pair pair;
  connect(pair, {prefers({kVp8, kRtx, kH264, kH264Rtx})});
  show(pair, 0);
  pair.run_for(3s);

  connect(pair, {prefers({kH264, kH264Rtx, kVp8, kRtx})});
  pair.run_for(3s);

  const auto sent = pair[0].statistics().outbound.at(0);
  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(sent.payload_type.value() == 100u);
  BOOST_TEST(sent.key_frames_encoded == 2u);
  BOOST_TEST(received.key_frames_decoded == 2u);
  BOOST_TEST(received.pli_count == 0u);
  BOOST_TEST(received.frames_dropped == 0u);
}

// Each repair is lost with p again, and asked for up to ten times within the second that is
// allowed: with a round trip of 100 ms the k-th request leaves about (k-1) * 110 ms + 10 ms after
// the loss is seen. So what stays lost is p^(1+n), n being how many fit: for p = 0.1 and n >= 7
// less than one packet in ten million.
BOOST_AUTO_TEST_CASE(repairs_that_are_lost_are_asked_for_again_until_all_is_whole) {
  VideoCall call{0.10};

  call.pair.run_for(60s);

  BOOST_TEST(call.received().packets_unrepaired == 0u);
  BOOST_TEST(call.received().frames_dropped == 0u);
  BOOST_TEST(call.received().frames_decoded >= 1790u);
  // Sum of p^k: each of the lost ones takes 1 / (1 - p) repairs on average.
  const auto lost = static_cast<double>(call.received().packets_repaired);
  const auto repairs = static_cast<double>(call.sent().retransmitted_packets_sent);
  BOOST_TEST_MESSAGE("lost " << lost << ", repairs sent " << repairs << ", arrived twice "
                             << call.received().packets_duplicated);
  BOOST_TEST(repairs / lost >= 1.0);
  BOOST_TEST(repairs / lost <= 1.25);
}

BOOST_AUTO_TEST_CASE(without_rtx_a_lost_frame_costs_a_key_frame) {
  Pair pair;
  auto section = video_section();
  section.send = section.receive = {kVp8};
  section.send[0].feedback = section.receive[0].feedback = {"nack pli", "transport-cc"};
  bool dropped = false;
  pair.loses = [&](const Crossing& crossing) -> std::optional<bool> {
    if (dropped || crossing.kind == PacketKind::Rtcp || crossing.at < Instant{5s}) return false;
    return dropped = true;
  };
  connect(pair, {section});
  show(pair, 0);

  pair.run_for(10s);

  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(received.packets_unrepaired == 1u);
  BOOST_TEST(received.pli_count == 1u);
  BOOST_TEST(received.key_frames_decoded == 2u);
  BOOST_TEST(received.frames_dropped >= 5u);
  BOOST_TEST(received.freeze_count == 1u);
  BOOST_TEST(pair.all<KeyFrameRequested>(0).size() == 1u);
  // The picture stands from the loss until the key frame: patience of 100 ms, the way of the PLI,
  // the next frame, its way.
  BOOST_TEST((received.total_freezes_duration > 200ms && received.total_freezes_duration < 500ms));
}

BOOST_AUTO_TEST_CASE(audio_without_repair_loses_what_the_path_loses) {
  Pair pair;
  pair.paths[0].loss = 0.05;
  connect(pair, {audio_section()});
  talk(pair, 0, {.pauses = false});

  pair.run_for(120s);

  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(received.packets_unrepaired == static_cast<std::uint64_t>(received.packets_lost),
             boost::test_tools::tolerance(0.01));
  BOOST_TEST(static_cast<double>(received.packets_lost) / 6000 == 0.05,
             boost::test_tools::tolerance(0.2));
  BOOST_TEST(std::abs(received.concealed_duration / 20ms - received.packets_lost) <= 3);
  BOOST_TEST(std::abs(received.total_samples_duration / 1ms - 120'000) < 300);
}

BOOST_AUTO_TEST_CASE(reordering_and_duplication_lose_nothing) {
  Pair pair;
  for (auto& path : pair.paths) path.reordered = path.duplicates = 0.05;
  connect(pair, {audio_section(), video_section()});
  for (std::size_t side = 0; side < 2; ++side) {
    talk(pair, side, {.pauses = false});
    show(pair, side);
  }

  pair.run_for(30s);

  for (std::size_t side = 0; side < 2; ++side) {
    for (const auto& received : pair[side].statistics().inbound) {
      BOOST_TEST_CONTEXT(to_string(received.kind)) {
        BOOST_TEST(received.frames_dropped == 0u);
        BOOST_TEST(received.packets_unrepaired <= 2u);
        BOOST_TEST(received.packets_duplicated > 20u);
        BOOST_TEST(received.freeze_count == 0u);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_packets) {
  const auto play = [] {
    Pair pair{{}, 99};
    pair.record = true;
    for (auto& path : pair.paths) path.loss = path.reordered = 0.03;
    connect(pair, {audio_section(), video_section()});
    talk(pair, 0);
    show(pair, 1);
    pair.run_for(10s);
    std::string octets;
    for (const auto& crossing : pair.crossings) octets += as_text(crossing.bytes);
    return octets;
  };

  BOOST_TEST((play() == play()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
