#include "agents/peer/media_section.h"

#include "tests/agents/sdp/support.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using sdp::PayloadType;

std::vector<std::string> files_under(std::string_view folder) {
  auto names = sdp::files(".sdp");
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(folder); });
  return names;
}

sdp::SessionDescription parsed(const std::string& text) {
  const auto description = sdp::SessionDescription::parse(text);
  BOOST_REQUIRE_MESSAGE(description.has_value(),
                        (description ? "" : description.error().to_string()));
  return *description;
}

MediaSection read(const sdp::Section& section) {
  const auto media = read_media(section);
  BOOST_REQUIRE_MESSAGE(media.has_value(), (media ? "" : media.error().message));
  return *media;
}

// The lines that a media section has of its own: neither the transport's nor those we never write.
std::vector<std::string> media_lines(const sdp::SectionLines& lines) {
  static const std::set<std::string, std::less<>> kOthers{
      "mid",    "bundle-only", "ice-ufrag", "ice-pwd",   "fingerprint",      "setup",
      "tls-id", "rtcp",        "candidate", "imageattr", "end-of-candidates"};
  std::vector<std::string> kept;
  for (const auto& line : lines.lines) {
    if (line.type != 'a') continue;
    if (!kOthers.contains(line.value.substr(0, line.value.find(':')))) kept.push_back(line.value);
  }
  return kept;
}

// One section with these attributes; its first stands in line 7.
sdp::SessionDescription with_lines(std::string_view media, const std::vector<std::string>& lines) {
  auto text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=" + std::string{media} +
              "\r\nc=IN IP4 0.0.0.0\r\n";
  for (const auto& line : lines) text += "a=" + line + "\r\n";
  return parsed(text);
}

struct Contradiction {
  std::string_view media;
  std::vector<std::string> lines;
  std::size_t line;
  std::string_view message;
  friend std::ostream& operator<<(std::ostream& out, const Contradiction& row) {
    return out << row.message;
  }
};
// clang-format off
const std::vector<Contradiction> kContradictions{
    {"audio 9 UDP/TLS/RTP/SAVPF 96", {"rtcp-mux"}, 5, "payload type 96 has no a=rtpmap (RFC 8866 §6.6)"},
    {"audio 9 UDP/TLS/RTP/SAVPF x", {}, 5, "expected payload types of 0 to 127, found \"x\" (RFC 8866 §5.14)"},
    {"audio 9 UDP/TLS/RTP/SAVPF 96", {"rtpmap:96 opus/48000/2", "rtpmap:96 L16/8000"}, 7, "payload type 96 stands for two formats (RFC 8866 §6.6)"},
    {"video 9 UDP/TLS/RTP/SAVPF 97", {"rtpmap:97 rtx/90000", "fmtp:97 apt=96"}, 8, "rtx 97 needs apt=, a payload type of its section (RFC 4588 §8.6)"},
    {"video 9 UDP/TLS/RTP/SAVPF 97", {"rtpmap:97 rtx/90000"}, 7, "rtx 97 needs apt=, a payload type of its section (RFC 4588 §8.6)"},
    {"audio 9 UDP/TLS/RTP/SAVPF 0", {"extmap:1 urn:a", "extmap:1 urn:b"}, 8, "a=extmap id 1 is given twice (RFC 8285 §5)"},
    {"audio 9 UDP/TLS/RTP/SAVPF 0", {"rtcp-mux-only"}, 7, "a=rtcp-mux-only stands without a=rtcp-mux (RFC 8858 §4.2)"},
    {"video 9 UDP/TLS/RTP/SAVPF 96", {"rtpmap:96 VP8/90000", "rid:1 send", "simulcast:send 1;2"}, 9, "a=simulcast names \"2\", which has no a=rid (RFC 9429 §5.8.3)"},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(media_section)

BOOST_DATA_TEST_CASE(the_media_lines_of_the_rfc_are_written_as_they_were_read,
                     data::make(files_under("jsep_rfc9429_s7")), file) {
  const auto description = parsed(sdp::content(sdp::data_folder() / file));

  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    const auto section = description.section(i);
    if (!is_media(section)) continue;
    const auto media = read(section);
    sdp::SectionLines written;
    written.set_media(media_line(media, section.media().port));
    add_media_lines(written, media);
    add_rtcp_lines(written, media);

    BOOST_TEST(written.find('m')->value == description.sections[i].find('m')->value);
    BOOST_TEST(media_lines(written) == media_lines(description.sections[i]),
               boost::test_tools::per_element());
  }
}

BOOST_DATA_TEST_CASE(the_media_of_every_peer_is_understood, data::make(files_under("peers")),
                     file) {
  const auto description = parsed(sdp::content(sdp::data_folder() / file));

  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    const auto section = description.section(i);
    if (!is_media(section)) continue;
    const auto media = read(section);
    BOOST_TEST(!media.formats.empty());
    BOOST_TEST(media.rtcp_mux);
    BOOST_TEST(media.formats.size() == section.media().formats.size());
  }
}

BOOST_DATA_TEST_CASE(a_section_that_contradicts_itself_is_refused_with_the_line,
                     data::make(kContradictions), row) {
  const auto description = with_lines(row.media, row.lines);

  const auto media = read_media(description.section(0));

  BOOST_REQUIRE(!media.has_value());
  BOOST_TEST(media.error().name == "InvalidAccessError");
  BOOST_TEST(media.error().message ==
             "line " + std::to_string(row.line) + ": " + std::string{row.message});
  BOOST_TEST(media.error().sdp_line_number.value() == row.line);
}

BOOST_AUTO_TEST_CASE(what_others_write_differently_means_the_same) {
  const auto description =
      with_lines("audio 9 UDP/TLS/RTP/SAVPF 9 109 8 63 3 101",
                 {"rtpmap:109 OPUS/48000/2", "rtpmap:9 G722/8000/1", "rtpmap:9 g722/8000/1",
                  "fmtp:109 stereo=1", "rtpmap:63 red/48000/2", "fmtp:63 109/109", "rtcp-fb:* nack",
                  "rtcp-fb:109 transport-cc", "rtcp-fb:109 nack", "rtpmap:101 telephone-event/8000",
                  "rtpmap:77 unused/8000", "ptime:20", "maxptime:120.5", "extmap:2/recvonly urn:x",
                  "extmap:2/recvonly urn:x", "ssrc:1 cname:c"});

  const auto media = read(description.section(0));

  BOOST_REQUIRE(media.formats.size() == 5u);  // GSM (3) is nothing that we know
  BOOST_TEST((media.formats[0].codec == Codec{"G722", 8000, 1, "", {"nack"}}));
  BOOST_TEST((media.formats[1] ==
              Format{PayloadType{109}, {"OPUS", 48000, 2, "stereo=1", {"nack", "transport-cc"}}}));
  BOOST_TEST(media.formats[2].codec.name == "PCMA");
  BOOST_TEST((media.formats[3].carries == std::vector{PayloadType{109}, PayloadType{109}}));
  BOOST_TEST(media.formats[4].codec.feedback.empty());
  BOOST_TEST(media.ptime.value() == 20u);
  BOOST_TEST(media.maxptime.value() == 120u);
  BOOST_TEST(!media.rtcp_mux);
}

// RFC 8851 §6.2.2, RFC 8853 §5.3.2.
BOOST_AUTO_TEST_CASE(rids_that_cannot_be_meant_are_left_out) {
  const auto description =
      with_lines("video 9 UDP/TLS/RTP/SAVPF 96",
                 {"rtpmap:96 VP8/90000", "rid:1 send", "rid:2 send pt=97", "rid:3 send pt=97,96",
                  "rid:4 send", "rid:4 send", "simulcast:send 1;2;3;4"});
  const auto twice =
      with_lines("video 9 UDP/TLS/RTP/SAVPF 96",
                 {"rtpmap:96 VP8/90000", "rid:1 send", "simulcast:send 1", "simulcast:send 1"});

  const auto media = read(description.section(0));

  BOOST_REQUIRE(media.rids.size() == 2u);
  BOOST_TEST(media.rids[0].to_string() == "1 send");
  BOOST_TEST(media.rids[1].to_string() == "3 send pt=96");
  BOOST_TEST(!read(twice.section(0)).simulcast.has_value());
}

// RFC 5576 §4.
BOOST_AUTO_TEST_CASE(sources_are_read_as_they_are_written) {
  const std::vector<std::string> lines{"sendrecv", "rtpmap:96 VP8/90000", "ssrc-group:FID 7 8",
                                       "ssrc:7 cname:c", "ssrc:8 cname:c"};
  const auto description = with_lines("video 9 UDP/TLS/RTP/SAVPF 96", lines);

  const auto media = read(description.section(0));
  sdp::SectionLines written;
  add_media_lines(written, media);

  BOOST_TEST((media.sources == std::vector<SignalledSource>{{7, 8, "c"}}));
  BOOST_TEST(media_lines(written) == lines, boost::test_tools::per_element());
}

struct Bandwidth {
  std::vector<std::string> lines;
  std::optional<std::uint64_t> means;
  friend std::ostream& operator<<(std::ostream& out, const Bandwidth& row) {
    for (const auto& line : row.lines) out << line << ' ';
    return out;
  }
};
// RFC 9429 §5.11: TIAS = AS * 1000 * 0.95 - 50 * 40 * 8.
const std::vector<Bandwidth> kBandwidths{{{}, std::nullopt},
                                         {{"TIAS:500000"}, 500'000},
                                         {{"AS:500"}, 459'000},
                                         {{"AS:500", "TIAS:300000"}, 300'000},
                                         {{"TIAS:300000", "AS:500"}, 300'000},
                                         {{"CT:500", "RS:0", "RR:0", "X-YZ:7"}, std::nullopt},
                                         {{"AS:0"}, 0},
                                         {{"AS:16"}, 0},
                                         {{"AS:18446744073709551615"}, 4'080'218'914'250}};

BOOST_DATA_TEST_CASE(a_bandwidth_line_says_how_much_its_writer_wants, data::make(kBandwidths),
                     row) {
  std::string text =
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
      "c=IN IP4 0.0.0.0\r\n";
  for (const auto& line : row.lines) text += "b=" + line + "\r\n";

  const auto description = parsed(text);

  BOOST_TEST((read(description.section(0)).max_bitrate == row.means));
}

// RFC 9143 §7.1.3.
BOOST_AUTO_TEST_CASE(what_the_tagged_section_says_of_rtcp_holds_for_its_group) {
  const auto bundled = with_lines("audio 9 UDP/TLS/RTP/SAVPF 0", {});
  const auto other = with_lines("application 9 UDP/DTLS/SCTP webrtc-datachannel",
                                {"rtcp-mux", "rtcp-rsize", "sctp-port:5000"});
  const auto section = bundled.section(0);
  const auto tagged = other.section(0);

  const auto alone = read_media(section);
  const auto in_group = read_media(section, &tagged);

  BOOST_TEST(!alone->rtcp_mux);
  BOOST_TEST(in_group->rtcp_mux);
  BOOST_TEST(in_group->rtcp_rsize);
  BOOST_TEST(!is_media(tagged));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
