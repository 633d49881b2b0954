// What tshark makes of the media and the data of a run, once it has the keys: every packet is what
// it should be, nothing is complained of, and there are as many as getStats() says.
#include "scenarios/cli/media_capture.h"
#include "tests/sim/capture/tshark.h"
#include "tests/support/played.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <sstream>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;

const std::string kComplaints =
    "-Y '_ws.malformed || _ws.expert.severity >= note' -T fields -e frame.number "
    "-e _ws.expert.message";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// tshark's rows, each of so many fields; a field that stands several times is split at commas.
std::vector<std::vector<std::vector<std::string>>> rows(const std::string& text) {
  std::vector<std::vector<std::vector<std::string>>> table;
  for (const auto& line : split(text, '\n')) {
    auto& row = table.emplace_back();
    for (const auto& field : split(line, '\t')) row.push_back(split(field, ','));
  }
  return table;
}

std::string address_of(const test::Played& played, const std::string& machine) {
  return played.loaded.topology.find_host(machine)->interfaces[0].address().ip.to_string();
}

double statistic(const test::Played& played, const std::string& peer, std::string_view type,
                 std::string_view member) {
  return played.result.chronicles.at(peer).statistic(type, {}, member).value_or(0);
}

// What crossed the interface of one machine, in one direction.
struct Crossed {
  double rtp = 0, rtp_octets = 0;  // payload
  double nacks = 0, plis = 0;
};

// What came to a machine before it had the keys is lost to it, and no statistic counts it: its
// sender had finished the handshake, the last flight of which was lost on the way back.
evidence::Evidence without_early_media(evidence::Evidence evidence) {
  std::map<std::string, Duration> keyed;  // by interface
  for (const auto& event : evidence.trace)
    if (event.name == "srtp:keyed") keyed[event.vantage + "-laptop.eth0"] = event.at;
  std::erase_if(evidence.packets, [&](const evidence::Packet& packet) {
    const auto at = keyed.find(evidence.interfaces[packet.interface].name);
    return packet.direction == evidence::Direction::Inbound && at != keyed.end() &&
           packet.at < at->second && packet.dissection.media != nullptr;
  });
  return evidence;
}

BOOST_AUTO_TEST_SUITE(dissection)

BOOST_DATA_TEST_CASE(every_packet_of_media_is_rtp_or_rtcp_and_their_number_is_what_get_stats_says,
                     data::make({"audio-and-video", "lossy-media"}), name) {
  const auto played = test::play(name, 1);
  std::ostringstream out;
  const auto counts = cli::write_media_capture(without_early_media(test::evidence_of(played)), out);
  const std::string lua = "-X lua_script:" RTCLAB_SOURCE_DIR "/docs/wireshark/media.lua ";

  BOOST_TEST(counts.opened > 1000u);
  BOOST_TEST(counts.sealed == 0u);
  BOOST_TEST(tshark(out.str(), lua + "-Y '!rtp && !rtcp'") == "");
  BOOST_TEST(tshark(out.str(), lua + kComplaints) == "");

  for (const std::string peer : {"alice", "bob"}) {
    const auto machine = peer + "-laptop";
    std::map<bool, Crossed> crossed;  // by whether it left
    for (const auto& row :
         rows(tshark(out.str(), lua + "-Y 'frame.interface_name == \"" + machine +
                                    ".eth0\"' -T fields -e ip.src -e rtp.ssrc -e rtp.payload "
                                    "-e rtcp.rtpfb.fmt -e rtcp.psfb.fmt"))) {
      auto& sum = crossed[row.at(0).at(0) == address_of(played, machine)];
      const auto field = [&row](std::size_t i) {
        return i < row.size() ? row[i] : std::vector<std::string>{};
      };
      sum.rtp += static_cast<double>(field(1).size());
      for (const auto& hex : field(2)) sum.rtp_octets += static_cast<double>(hex.size()) / 2;
      sum.nacks += static_cast<double>(std::ranges::count(field(3), "1"));
      sum.plis += static_cast<double>(std::ranges::count(field(4), "1"));
    }
    const auto says = [&](std::string_view type, std::string_view member) {
      return statistic(played, peer, type, member);
    };

    BOOST_TEST(crossed[true].rtp == says("outbound-rtp", "packetsSent"));
    BOOST_TEST(crossed[true].rtp_octets == says("outbound-rtp", "bytesSent"));
    BOOST_TEST(crossed[true].nacks == says("inbound-rtp", "nackCount"));
    BOOST_TEST(crossed[true].plis == says("inbound-rtp", "pliCount"));
    BOOST_TEST(crossed[false].rtp == says("inbound-rtp", "packetsReceived"));
    BOOST_TEST(crossed[false].rtp_octets == says("inbound-rtp", "bytesReceived"));
    BOOST_TEST(crossed[false].nacks == says("outbound-rtp", "nackCount"));
    BOOST_TEST(crossed[false].plis == says("outbound-rtp", "pliCount"));
  }
}

// What one machine saw, with the keys: tshark takes what other interfaces saw for retransmissions.
std::string at_interface(const test::Played& played, const std::string& interface) {
  const test::ScratchFolder folder;
  const auto all = folder.write("capture.pcapng", played.capture).string();
  return test::output_of("tshark -r " + all + " -Y 'frame.interface_name == \"" + interface +
                         "\"' -F pcapng -w - 2>/dev/null");
}

BOOST_DATA_TEST_CASE(every_record_of_data_is_sctp_and_its_messages_are_what_get_stats_says,
                     data::make({"alice", "bob"}), peer) {
  const auto played = test::play("data-channels", 1);
  const auto machine = std::string{peer} + "-laptop";
  const auto capture = at_interface(played, machine + ".eth0");
  const std::string lua = "-X lua_script:" RTCLAB_SOURCE_DIR "/docs/wireshark/webrtc.lua ";

  BOOST_TEST(tshark(capture, lua + "-Y 'dtls.record.content_type == 23 && !sctp'") == "");
  BOOST_TEST(tshark(capture, lua + kComplaints) == "");
  BOOST_TEST(tshark(capture, lua + "-Y 'sctp.checksum.status == 0 || sctp.retransmission'") == "");

  // RFC 8831 §8: 51, 53, 56 and 57 are user messages, 50 is DCEP. In I-DATA only the first fragment
  // of a message names it (RFC 8260 §2.1).
  std::map<bool, std::map<std::string, double>> messages;  // by whether they left
  double opens = 0, acknowledgements = 0;
  for (const auto& row :
       rows(tshark(capture, lua + "-Y sctp -T fields -e ip.src -e sctp.data_payload_proto_id "
                                  "-e rtcdc.message_type"))) {
    const bool left = row.at(0).at(0) == address_of(played, machine);
    if (row.size() > 1)
      for (const auto& id : row[1]) ++messages[left][id];
    if (row.size() <= 2) continue;
    opens += static_cast<double>(std::ranges::count(row[2], "3"));
    acknowledgements += static_cast<double>(std::ranges::count(row[2], "2"));
  }
  const auto user = [&messages](bool left) {
    auto& by_id = messages[left];
    return by_id["51"] + by_id["53"] + by_id["56"] + by_id["57"];
  };
  const auto says = [&](std::string_view type, std::string_view member) {
    return statistic(played, peer, type, member);
  };

  BOOST_TEST(user(true) == says("data-channel", "messagesSent"));
  BOOST_TEST(user(false) == says("data-channel", "messagesReceived"));
  BOOST_TEST(user(true) + user(false) > 60);
  // All but "agreed", which is negotiated by the application.
  BOOST_TEST(opens == says("peer-connection", "dataChannelsOpened") - 1);
  BOOST_TEST(acknowledgements == opens);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
