#include "agents/sdp/rtp_values.h"

#include "agents/sdp/direction.h"
#include "agents/sdp/session_description.h"
#include "agents/sdp/simulcast_values.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::sdp {
namespace {

namespace data = boost::unit_test::data;

template <class T>
bool reads_what_it_writes(std::string_view text) {
  const auto value = T::parse(text);
  return value && value->to_string() == text && T::parse(value->to_string()) == value;
}

// An attribute whose value does not follow its grammar, and the rule that says so.
struct Flawed {
  std::string_view attribute;
  Rule rule;
  friend std::ostream& operator<<(std::ostream& out, const Flawed& row) {
    return out << row.attribute;
  }
};
// clang-format off
const std::vector<Flawed> kFlawed{
    {"rtpmap:128 opus/48000",        {8866, "6.6"}},
    {"rtpmap:96 opus",               {8866, "6.6"}},
    {"rtpmap:96 opus/x",             {8866, "6.6"}},
    {"fmtp:96",                      {8866, "6.15"}},
    {"rtcp-fb:96",                   {4585, "4.2"}},
    {"rtcp-fb:128 nack",             {4585, "4.2"}},
    {"rtcp-fb:96 nack  pli",         {4585, "4.2"}},
    {"rtcp-fb:nack",                 {4585, "4.2"}},
    {"extmap:0 urn:x",               {8285, "8"}},
    {"extmap:1/upward urn:x",        {8285, "8"}},
    {"extmap:1/ urn:x",              {8285, "8"}},
    {"extmap:1",                     {8285, "8"}},
    {"extmap-allow-mixed:yes",       {8285, "6"}},
    {"msid:a b c",                   {8830, "2"}},
    {"ssrc:4294967296 cname:x",      {5576, "4.1"}},
    {"ssrc:1",                       {5576, "4.1"}},
    {"ssrc-group:FID x",             {5576, "4.2"}},
    {"rtcp:x",                       {3605, "2.1"}},
    {"rtcp:9 IN IP4",                {3605, "2.1"}},
    {"ptime:",                       {8866, "6.4"}},
    {"ptime:20.",                    {8866, "6.4"}},
    {"maxptime:-1",                  {8866, "6.5"}},
    {"rtcp-rsize:1",                 {5506, "5"}},
    {"rtcp-mux-only:1",              {8858, "3"}},
    {"rid:1",                        {8851, "10"}},
    {"rid:1 sideways",               {8851, "10"}},
    {"rid:a/b send",                 {8851, "10"}},
    {"rid:1 send pt=",               {8851, "10"}},
    {"rid:1 send pt=128",            {8851, "10"}},
    {"rid:1 send max-width=1;",      {8851, "10"}},
    {"simulcast:",                   {8853, "5.1"}},
    {"simulcast:send",               {8853, "5.1"}},
    {"simulcast:send 1;",            {8853, "5.1"}},
    {"simulcast:send 1,,2",          {8853, "5.1"}},
    {"simulcast:send ~",             {8853, "5.1"}},
    {"simulcast:send 1 send 2",      {8853, "5.1"}},
    {"simulcast:send 1 recv 2 recv 3", {8853, "5.1"}},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(rtp_values)

BOOST_AUTO_TEST_CASE(format_parameters_are_found_by_name) {
  const FormatParameters format{"96", "minptime=10; UseInbandFec=1;cbr"};

  BOOST_TEST((format.find("useinbandfec") == "1"));
  BOOST_TEST((format.find("cbr") == ""));
  BOOST_TEST(!format.find("stereo").has_value());
}

BOOST_AUTO_TEST_CASE(apt_is_a_payload_type_or_nothing) {
  BOOST_TEST((FormatParameters{"97", "rtx-time=3000;apt=96"}.apt() == PayloadType{96}));
  BOOST_TEST(!(FormatParameters{"97", "apt=128"}.apt().has_value()));
  BOOST_TEST(!(FormatParameters{"97", "xapt=96"}.apt().has_value()));
}

BOOST_AUTO_TEST_CASE(each_value_reads_what_it_writes) {
  BOOST_TEST(reads_what_it_writes<Msid>("- track"));
  BOOST_TEST(reads_what_it_writes<Msid>("47017fee-b6c1-4162-929c-a25110252400"));
  BOOST_TEST(reads_what_it_writes<RtpMap>("96 opus/48000/2"));
  BOOST_TEST(reads_what_it_writes<RtpMap>("0 PCMU/8000"));
  BOOST_TEST(
      reads_what_it_writes<FormatParameters>("101 packetization-mode=1;profile-level-id=42e01f"));
  BOOST_TEST(reads_what_it_writes<RtcpFeedback>("100 nack pli"));
  BOOST_TEST(reads_what_it_writes<RtcpFeedback>("* trr-int 100"));
  BOOST_TEST(reads_what_it_writes<ExtMap>("1 urn:ietf:params:rtp-hdrext:sdes:mid"));
  BOOST_TEST(
      reads_what_it_writes<ExtMap>("2/sendonly http://example.com/082005/ext.htm#xmeta short"));
  BOOST_TEST(reads_what_it_writes<SourceAttribute>("2463146754 cname:{4ebd52f4-b2ae-4be0}"));
  BOOST_TEST(reads_what_it_writes<SourceAttribute>("4294967295 msid:stream track"));
  BOOST_TEST(reads_what_it_writes<SourceGroup>("FID 2231627014 632943048"));
  BOOST_TEST(reads_what_it_writes<RtcpPort>("9 IN IP4 0.0.0.0"));
  BOOST_TEST(reads_what_it_writes<RtcpPort>("53020"));
  BOOST_TEST(reads_what_it_writes<Rid>("hi send"));
  BOOST_TEST(reads_what_it_writes<Rid>("1 recv pt=96,97;max-width=1280;max-fps=30;depend=0,2"));
  BOOST_TEST(reads_what_it_writes<Rid>("1 send max-br"));
  BOOST_TEST(reads_what_it_writes<Simulcast>("send 1,~4;2;3 recv 5"));
  BOOST_TEST(reads_what_it_writes<Simulcast>("recv ~a-b_c"));
}

BOOST_AUTO_TEST_CASE(the_two_lists_of_a_simulcast_may_stand_in_either_order) {
  BOOST_TEST((Simulcast::parse("recv 1 send 2;3") == Simulcast::parse("send 2;3 recv 1")));
}

BOOST_AUTO_TEST_CASE(milliseconds_may_have_a_fraction_which_is_cut_off) {
  BOOST_TEST(parse_milliseconds("20").value() == 20u);
  BOOST_TEST(parse_milliseconds("2.5").value() == 2u);
}

// RFC 9429 §5.8: the line is named, even of an attribute that nobody would use.
BOOST_DATA_TEST_CASE(a_flawed_line_is_named_with_its_rule, data::make(kFlawed), row) {
  const auto description = SessionDescription::parse(
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
      "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=" +
      std::string{row.attribute} + "\r\n");

  BOOST_REQUIRE(!description.has_value());
  BOOST_TEST(description.error().line == 8u);
  BOOST_TEST((description.error().rule == row.rule));
}

BOOST_AUTO_TEST_CASE(a_feedback_line_may_end_with_a_space_and_is_not_written_so) {
  // As Pion 3.1 answers.
  const auto pions = RtcpFeedback::parse("96 transport-cc ");

  BOOST_REQUIRE(pions.has_value());
  BOOST_TEST(pions->mechanism == "transport-cc");
  BOOST_TEST(pions->to_string() == "96 transport-cc");
  BOOST_TEST(!RtcpFeedback::parse("96 ").has_value());
  const auto description = SessionDescription::parse(
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"
      "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:96 opus/48000/2\r\na=rtcp-fb:96 transport-cc \r\n");
  BOOST_REQUIRE(description.has_value());
  BOOST_TEST((description->section(0).rtcp_feedback() == std::vector{*pions}));
}

BOOST_AUTO_TEST_CASE(directions_turn_and_intersect) {
  using enum Direction;

  BOOST_TEST((reversed(SendOnly) == RecvOnly));
  BOOST_TEST((reversed(SendRecv) == SendRecv));
  BOOST_TEST((reversed(Inactive) == Inactive));
  BOOST_TEST((intersection(SendRecv, RecvOnly) == RecvOnly));
  BOOST_TEST((intersection(SendOnly, RecvOnly) == Inactive));
  BOOST_TEST(!parse_direction("both").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sdp
