// Each deviation of RTP and RTCP does something: the same call with it and without it.
#include "tests/agents/media/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::media {
namespace {

namespace data = boost::unit_test::data;

std::vector<int> media_deviations() {
  std::vector<int> found;
  for (auto i = static_cast<int>(Deviation::RtpWrongVersion);
       i <= static_cast<int>(Deviation::TmmbrUnconfirmed); ++i)
    found.push_back(i);
  return found;
}

std::vector<Section> sections() {
  auto audio = audio_section("0");
  auto first = video_section("1");
  first.encodings = {{.rid = "q", .scale_resolution_down_by = 2}, {.rid = "f"}};
  first.max_bitrate = 100'000;
  auto second = video_section("2");
  // Only FIR is left to ask for key frames, and no repair.
  second.send = second.receive = {kVp8};
  for (auto* const formats : {&second.send, &second.receive})
    (*formats)[0].feedback = {"ccm fir", "transport-cc"};
  return {audio, first, second};
}

// Everything that makes some deviation show: loss, requests of each kind, a collision, silence of
// the other side, BYE.
class Call {
 public:
  explicit Call(const Deviations& deviations)
      : pair_{{.deviations = deviations, .rate = {.max = 200'000}}, 5} {
    pair_.record = true;
    for (auto& path : pair_.paths) path.loss = 0.05;
  }
  std::string octets() {
    connect(pair_, sections(), false);
    for (std::size_t side = 0; side < 2; ++side) {
      talk(pair_, side);
      for (const auto* const mid : {"1", "2"})
        show(pair_, side, {.width = 320, .height = 240, .framerate = 10}, mid);
    }
    pair_.run_for(3s);
    const rtp::Ssrc ssrc{pair_[0].statistics().outbound.at(1).ssrc};
    give(rtp::PictureLossIndication{rtp::Ssrc{9}, ssrc});
    give(rtp::FullIntraRequest{rtp::Ssrc{9}, {{ssrc, 1}}});
    give(rtp::Tmmbr{rtp::Ssrc{9}, {{ssrc, 20'000, 40}}});
    give(rtp::ReceiverReport{.sender = rtp::Ssrc{pair_[0].statistics().outbound.at(0).ssrc}});
    pair_.paths[1].loss = 1;
    pair_.run_for(18s);
    pair_[0].close(pair_.now());
    pair_.drain();
    std::string octets;
    for (const auto& crossing : pair_.crossings)
      if (crossing.from == 0) octets += as_text(crossing.bytes);
    return octets;
  }

 private:
  void give(rtp::RtcpPacket packet) {
    pair_[0].handle_rtcp(pair_.now(), rtp::CompoundPacket{{std::move(packet)}}.serialize());
    pair_.drain();
    pair_.run_for(1s);
  }
  Pair pair_;
};

BOOST_AUTO_TEST_SUITE(media_deviation)

BOOST_DATA_TEST_CASE(it_changes_what_is_sent, data::make(media_deviations()), index) {
  const auto deviation = static_cast<Deviation>(index);
  static const auto sound = Call{{}}.octets();
  BOOST_TEST_CONTEXT(info(deviation).name) {
    BOOST_TEST((Call{{deviation}}.octets() != sound));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
