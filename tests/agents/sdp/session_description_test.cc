#include "agents/sdp/session_description.h"

#include "tests/agents/sdp/support.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <set>

namespace rtclab::sdp {
namespace {

namespace data = boost::unit_test::data;

// The shortest description that our peers exchange. Line numbers in the tests below count in it.
const std::vector<std::string> kLines{
    "v=0",                                                                              // 1
    "o=- 4962303333179871722 1 IN IP4 0.0.0.0",                                         // 2
    "s=-",                                                                              // 3
    "t=0 0",                                                                            // 4
    "a=group:BUNDLE 0",                                                                 // 5
    "a=ice-options:trickle ice2",                                                       // 6
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",                                 // 7
    "c=IN IP4 0.0.0.0",                                                                 // 8
    "a=mid:0",                                                                          // 9
    "a=ice-ufrag:8hhY",                                                                 // 10
    "a=ice-pwd:asd88fgpdd777uzjYhagZg",                                                 // 11
    "a=fingerprint:sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB",  // 12
    "a=setup:actpass",                                                                  // 13
    "a=sctp-port:5000",                                                                 // 14
    "a=max-message-size:262144",                                                        // 15
    "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",                           // 16
    "a=x-unknown:  kept as it is ",                                                     // 17
    "a=end-of-candidates",                                                              // 18
};

std::string joined(const std::vector<std::string>& lines, const std::string& line_end = "\r\n") {
  std::string text;
  for (const auto& line : lines) text += line + line_end;
  return text;
}

std::string with_line(std::size_t number, const std::string& content) {
  auto lines = kLines;
  lines.at(number - 1) = content;
  return joined(lines);
}

std::string explained(const SdpResult<SessionDescription>& description) {
  return description.has_value() ? "" : description.error().to_string();
}

SessionDescription parsed(const std::string& text) {
  const auto description = SessionDescription::parse(text);
  BOOST_REQUIRE_MESSAGE(description.has_value(), explained(description));
  return *description;
}

// The printed examples that are not well-formed, and the line that says so
// (tests/data/sdp/README.md).
const std::vector<std::pair<std::string, std::size_t>> kFlawed{{"rfc3264/01.sdp", 5},
                                                               {"rfc8839/01.sdp", 15},
                                                               {"rfc8839/02.sdp", 10},
                                                               {"rfc8839/03.sdp", 15},
                                                               {"rfc8839/04.sdp", 10}};

BOOST_AUTO_TEST_SUITE(session_description)

BOOST_DATA_TEST_CASE(a_description_from_elsewhere_is_written_back_byte_for_byte,
                     data::make(files(".sdp")), file) {
  const auto text = content(data_folder() / file);
  const auto flawed = std::ranges::find(kFlawed, file, &std::pair<std::string, std::size_t>::first);

  const auto reading = SessionDescription::parse_structure(text);
  const auto strict = SessionDescription::parse(text);

  BOOST_TEST(reading.description.serialize() == text);
  if (flawed == kFlawed.end()) {
    BOOST_REQUIRE_MESSAGE(strict.has_value(), explained(strict));
    BOOST_TEST(reading.flaws.empty());
    BOOST_TEST((*strict == reading.description));
  } else {
    BOOST_REQUIRE(!strict.has_value());
    BOOST_TEST(strict.error().line == flawed->second);
    BOOST_TEST((reading.flaws.front() == strict.error()));
  }
}

BOOST_AUTO_TEST_CASE(line_feeds_alone_are_read_and_written_with_their_returns) {
  BOOST_TEST(parsed(joined(kLines, "\n")).serialize() == joined(kLines));
}

BOOST_AUTO_TEST_CASE(the_last_line_may_lack_its_end) {
  auto text = joined(kLines);
  text.resize(text.size() - 2);

  BOOST_TEST(parsed(text).serialize() == joined(kLines));
}

BOOST_AUTO_TEST_CASE(the_getters_say_what_the_lines_say) {
  const auto description = parsed(joined(kLines));

  BOOST_TEST(description.origin()->session_id == "4962303333179871722");
  BOOST_TEST(description.origin()->version == 1u);
  BOOST_TEST(description.bundle() == std::vector<std::string>{"0"});
  BOOST_TEST(!description.ice_lite());
  BOOST_REQUIRE(description.sections.size() == 1u);
  BOOST_TEST((description.index_of("0") == std::size_t{0}));
  BOOST_TEST(!description.index_of("1").has_value());
  const auto section = description.section(0);
  BOOST_TEST(section.media().kind == "application");
  BOOST_TEST(section.is_data_channel());
  BOOST_TEST(!section.is_rejected());
  BOOST_TEST(section.mid().value() == "0");
  BOOST_TEST((section.connection() == Connection{}));
  BOOST_TEST((section.direction() == Direction::SendRecv));
  BOOST_TEST((section.setup() == Setup::ActPass));
  BOOST_TEST((section.ice_credentials() == IceCredentials{"8hhY", "asd88fgpdd777uzjYhagZg"}));
  BOOST_TEST(section.has_ice_option("ice2"));
  BOOST_TEST(!section.has_ice_option("renomination"));
  BOOST_TEST(section.fingerprints().size() == 1u);
  BOOST_TEST((section.sctp_port() == Port{5000}));
  BOOST_TEST(section.max_message_size().value() == 262144u);
  BOOST_REQUIRE(section.candidates().size() == 1u);
  BOOST_TEST(section.candidates()[0].address == "192.0.2.1");
  BOOST_TEST(section.end_of_candidates());
  BOOST_TEST(!section.rtcp_mux());
}

BOOST_AUTO_TEST_CASE(the_session_level_speaks_for_sections_that_say_nothing) {
  const auto description = parsed(joined({"v=0",
                                          "o=- 1 1 IN IP4 0.0.0.0",
                                          "s=-",
                                          "c=IN IP4 192.0.2.9",
                                          "t=0 0",
                                          "a=ice-lite",
                                          "a=ice-pacing:50",
                                          "a=ice-ufrag:sess",
                                          "a=ice-pwd:asd88fgpdd777uzjYhagZg",
                                          "a=setup:passive",
                                          "a=recvonly",
                                          "a=fingerprint:x AA:BB",
                                          "a=ice-options:ice2",
                                          "m=audio 9 UDP/TLS/RTP/SAVPF 0",
                                          "m=audio 9 UDP/TLS/RTP/SAVPF 0",
                                          "c=IN IP4 192.0.2.1",
                                          "a=ice-ufrag:own1",
                                          "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh",
                                          "a=setup:active",
                                          "a=sendonly",
                                          "a=fingerprint:x CC:DD",
                                          "a=fingerprint:y EE:FF",
                                          "a=ice-options:trickle"}));

  const auto silent = description.section(0);
  const auto outspoken = description.section(1);

  BOOST_TEST(description.ice_lite());
  BOOST_TEST(silent.ice_pacing().value() == 50u);
  BOOST_TEST(silent.connection()->address == "192.0.2.9");
  BOOST_TEST(silent.ice_credentials()->ufrag == "sess");
  BOOST_TEST((silent.setup() == Setup::Passive));
  BOOST_TEST((silent.direction() == Direction::RecvOnly));
  BOOST_TEST((silent.fingerprints() == std::vector{Fingerprint{"x", "AA:BB"}}));
  BOOST_TEST(!silent.has_ice_option("trickle"));
  BOOST_TEST(outspoken.connection()->address == "192.0.2.1");
  BOOST_TEST((outspoken.ice_credentials() == IceCredentials{"own1", "YH75Fviy6338Vbrhrlp8Yh"}));
  BOOST_TEST((outspoken.setup() == Setup::Active));
  BOOST_TEST((outspoken.direction() == Direction::SendOnly));
  BOOST_TEST(outspoken.fingerprints().size() == 2u);
  BOOST_TEST((outspoken.ice_options() == std::vector<std::string>{"ice2", "trickle"}));
}

BOOST_AUTO_TEST_CASE(the_media_lines_of_a_real_browser_are_understood) {
  const auto description = parsed(content(data_folder() / "peers/chromium.sdp"));
  const auto audio = description.index_of(description.bundle().front());

  BOOST_REQUIRE(audio.has_value());
  const auto section = description.section(*audio);
  BOOST_TEST(section.media().kind == "audio");
  BOOST_TEST(section.rtcp_mux());
  BOOST_TEST(section.msids().size() == 1u);
  BOOST_TEST(section.rtp_maps().size() == section.media().formats.size());
  BOOST_TEST((section.rtp_maps().front() == RtpMap{PayloadType{111}, "opus", 48000, "2"}));
  BOOST_TEST(section.format_parameters().front().parameters == "minptime=10;useinbandfec=1");
  BOOST_TEST(!section.ext_maps().empty());
}

// aiortc offers the form before RFC 8841: "m=application 52161 DTLS/SCTP 5000" and a=sctpmap.
BOOST_AUTO_TEST_CASE(the_old_form_of_a_data_channel_names_its_port_as_the_format) {
  const auto description = parsed(content(data_folder() / "peers/aiortc.sdp"));
  const auto section = description.section(0);

  BOOST_TEST(section.is_data_channel());
  BOOST_TEST((section.sctp_port() == Port{5000}));
  BOOST_TEST(section.max_message_size().value() == 65536u);
}

BOOST_AUTO_TEST_CASE(port_zero_refuses_a_section_unless_it_is_bundle_only) {
  const auto refused = parsed(with_line(7, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"));
  auto lines = kLines;
  lines[6] = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel";
  lines.emplace_back("a=bundle-only");
  const auto bundled = parsed(joined(lines));

  BOOST_TEST(refused.section(0).is_rejected());
  BOOST_TEST(!bundled.section(0).is_rejected());
}

BOOST_AUTO_TEST_CASE(a_description_can_be_built_line_by_line) {
  auto description = SessionDescription::begin({.session_id = "7", .version = 2});
  description.session.add_attribute("group", Group{"BUNDLE", {"0"}}.to_string());
  description
      .add_section(
          {.kind = "application", .protocol = "UDP/DTLS/SCTP", .formats = {"webrtc-datachannel"}})
      .set_connection({})
      .add_attribute("mid", "0")
      .add_attribute("end-of-candidates");

  BOOST_TEST(description.serialize() ==
             joined({"v=0", "o=- 7 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
                     "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0",
                     "a=mid:0", "a=end-of-candidates"}));
  BOOST_TEST(parsed(description.serialize()).serialize() == description.serialize());
}

BOOST_AUTO_TEST_CASE(a_setter_writes_its_line_and_leaves_the_others_alone) {
  auto description = parsed(joined(kLines));
  auto expected = kLines;

  description.set_origin({.username = "-", .session_id = "7", .version = 3});
  auto& section = description.sections[0];
  section.set_attribute("setup", "active").remove_attribute("end-of-candidates");
  section.add_candidate(*Candidate::parse("2 1 udp 7 192.0.2.2 6000 typ host"));
  section.set_connection({"IN", "IP4", "192.0.2.2"});

  expected[1] = "o=- 7 3 IN IP4 127.0.0.1";
  expected[7] = "c=IN IP4 192.0.2.2";
  expected[12] = "a=setup:active";
  expected.back() = "a=candidate:2 1 udp 7 192.0.2.2 6000 typ host";
  BOOST_TEST(description.serialize() == joined(expected));
}

BOOST_AUTO_TEST_CASE(setting_an_attribute_leaves_one_of_it) {
  SectionLines lines;
  lines.add_attribute("x", "1").add_attribute("y").add_attribute("x", "2").set_attribute("x", "3");

  BOOST_TEST(lines.attributes("x").size() == 1u);
  BOOST_TEST((lines.lines == std::vector<Line>{{'a', "x:3"}, {'a', "y"}}));
}

BOOST_AUTO_TEST_CASE(a_new_line_goes_where_its_kind_belongs) {
  auto description = parsed(joined(kLines));

  description.session.set_line('b', "AS:64").set_line('c', "IN IP4 192.0.2.1");
  description.sections[0].set_line('i', "title").set_line('b', "AS:32");

  BOOST_TEST(SessionDescription::parse(description.serialize()).has_value());
}

struct BadLine {
  std::size_t number;
  std::string content;
};

std::ostream& operator<<(std::ostream& out, const BadLine& row) {
  return out << row.number << ": " << row.content;
}

const std::vector<BadLine> kBadLines{
    {1, "v=1"},
    {1, "v=0 "},
    {2, "o=- 1 1 IN IP4"},
    {2, "o=- one 1 IN IP4 0.0.0.0"},
    {4, "t=0"},
    {4, "t=now 0"},
    {4, "b=AS"},
    {4, "c=IN IP4"},
    {5, "a="},
    {5, "a=gro up:BUNDLE 0"},
    {5, "a=group:"},
    {5, "a=group:BUNDLE  0"},
    {5, "q=unknown letter"},
    {5, "no letter"},
    {5, ""},
    {5, "=x"},
    {5, "k="},
    {6, "a=ice-options:"},
    {6, "a=ice-pacing:soon"},
    {6, "a=ice-pacing:12345678901"},
    {6, "a=ice-lite:yes"},
    {6, "v=0"},
    {6, "i=information behind attributes"},
    {7, "m=application 9 UDP/DTLS/SCTP"},
    {7, "m=application 70000 UDP/DTLS/SCTP webrtc-datachannel"},
    {8, "c=IN"},
    {8, "s=a session line in a section"},
    {9, "a=mid:"},
    {9, "a=mid:a b"},
    {10, "a=ice-ufrag:abc"},
    {10, "a=ice-ufrag:ab-d"},
    {10, "a=ice-ufrag"},
    {11, "a=ice-pwd:asd88fgpdd777uzjYhagZ"},
    {12, "a=fingerprint:sha-1 4A:AD"},
    {12, "a=fingerprint:sha-1"},
    {13, "a=setup:both"},
    {13, "a=tls-id:short"},
    {14, "a=sctp-port:65536"},
    {14, "a=sctp-port:"},
    {15, "a=max-message-size:big"},
    {15, "a=max-message-size:99999999999999999999999"},
    {16, "a=candidate:1 1 udp 2130706431 192.0.2.1 5000"},
    {16, "a=candidate:"},
    {17, "a=mid:0"},
    {17, "a=rtpmap:96"},
    {17, "a=fmtp:96"},
    {17, "a=extmap:x"},
    {17, "a=msid:"},
    {17,
     "a=sendrecv:"
     "now"},
    {17, "a=rtcp-mux:yes"},
    {17, "a=bundle-only:0"},
    {17, "c=IN IP4 0.0.0.0"},
    {18, "a=end-of-candidates:now"},
    {18, std::string{"a=x:\0", 5}},
    {18, "a=x:\ry"},
};

BOOST_DATA_TEST_CASE(the_error_names_the_line_of_the_flaw, data::make(kBadLines), row) {
  const auto description = SessionDescription::parse(with_line(row.number, row.content));

  BOOST_REQUIRE(!description.has_value());
  BOOST_TEST(description.error().line == row.number);
  BOOST_TEST(
      description.error().to_string().starts_with("line " + std::to_string(row.number) + ": "));
}

BOOST_AUTO_TEST_CASE(the_error_says_what_was_expected_and_by_which_rule) {
  const auto description = SessionDescription::parse(with_line(13, "a=setup:both"));

  BOOST_TEST(description.error().to_string() ==
             "line 13: expected a=setup: with active, passive, actpass or holdconn, found "
             "\"a=setup:both\" "
             "(RFC 8842 §5.3)");
}

BOOST_DATA_TEST_CASE(each_line_that_must_be_there_is_missed, data::make({1, 2, 3, 4, 8}), number) {
  auto lines = kLines;
  lines.erase(lines.begin() + number - 1);

  const auto description = SessionDescription::parse(joined(lines));

  BOOST_REQUIRE(!description.has_value());
  // Missed at the first m=, where the session level ends.
  BOOST_TEST(description.error().line == (number == 8 ? 7u : 6u));
}

BOOST_AUTO_TEST_CASE(a_mid_names_one_section_only) {
  auto lines = kLines;
  lines.insert(lines.end(), {"m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=mid:0"});

  const auto description = SessionDescription::parse(joined(lines));

  BOOST_REQUIRE(!description.has_value());
  BOOST_TEST(description.error().line == 21u);
}

BOOST_DATA_TEST_CASE(nothing_is_no_description, data::make({"", "\r\n", "\n", "v=0", "m=", "\r"}),
                     text) {
  const auto description = SessionDescription::parse(text);

  BOOST_REQUIRE(!description.has_value());
  BOOST_TEST(description.error().line == 1u);
}

BOOST_AUTO_TEST_CASE(a_judge_sees_every_flaw_and_all_the_text) {
  auto lines = kLines;
  std::swap(lines[2], lines[3]);  // t= before s=
  lines[9] = "a=ice-ufrag:ab";
  lines[16] = "not a line";

  const auto reading = SessionDescription::parse_structure(joined(lines));

  BOOST_REQUIRE(reading.flaws.size() == 3u);
  BOOST_TEST(reading.flaws[0].line == 4u);
  BOOST_TEST(reading.flaws[1].line == 10u);
  BOOST_TEST(reading.flaws[2].line == 17u);
  BOOST_TEST(reading.description.serialize() == joined(lines));
}

BOOST_AUTO_TEST_CASE(
    cutting_a_description_anywhere_gives_an_error_within_it_or_a_shorter_description) {
  const auto text = content(data_folder() / "peers/firefox.sdp");
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto cut = text.substr(0, length);
    const auto lines = static_cast<std::size_t>(std::ranges::count(cut, '\n')) + 1;

    const auto description = SessionDescription::parse(cut);

    if (description) {
      BOOST_TEST(
          description->serialize().starts_with(cut.substr(0, cut.find_last_not_of("\r\n") + 1)));
    } else {
      BOOST_TEST(description.error().line >= 1u);
      BOOST_TEST(description.error().line <= lines);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_octet_anywhere_is_read_without_harm) {
  const auto text = joined(kLines);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char octet : std::string{"\0\r\n =:/\xff\x7f", 9}) {
      auto changed = text;
      changed[at] = octet;

      const auto description = SessionDescription::parse(changed);

      if (!description) BOOST_TEST(description.error().line <= kLines.size() + 2);
    }
  }
}

// 4 MB of lines of each kind, some of which must be compared with all before them: no hang, little
// memory.
BOOST_DATA_TEST_CASE(a_flood_of_lines_is_read_in_linear_time,
                     data::make({"\n", "a=mid:x\r\n", "c=IN IP4 h\r\n", "k=x\r\n", "v=0\r\n",
                                 "a\r\n", "m=audio 9 RTP/AVP 0\r\n"}),
                     line) {
  auto text = joined(kLines);
  while (text.size() < 400'000) text += line;

  const auto reading = SessionDescription::parse_structure(text);

  BOOST_TEST(reading.flaws.size() <= 100u);
  BOOST_TEST(!SessionDescription::parse(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sdp
