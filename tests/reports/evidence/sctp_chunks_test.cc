#include "reports/evidence/sctp_chunks.h"

#include "agents/sctp/dcep.h"
#include "agents/sctp/packet.h"

#include <boost/test/unit_test.hpp>

using namespace rtclab;
using namespace rtclab::evidence;

namespace {

enum class Part { Whole, First };

std::string text_of_data(sctp::Ppid ppid, std::string_view message, Part part = Part::Whole) {
  sctp::DataChunk data;
  data.header.ppid = ppid;
  data.header.beginning = true;
  data.header.end = part == Part::Whole;
  data.payload = to_octets(message);
  return text_of(read_sctp_chunks(sctp::Packet{{}, {data}}.serialize()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sctp_chunks)

BOOST_AUTO_TEST_CASE(a_whole_string_stands_in_quotation_marks) {
  BOOST_TEST(text_of_data(sctp::kPpidString, "Hello Bob") == "\"Hello Bob\"");
  BOOST_TEST(text_of_data(sctp::kPpidStringEmpty, "\0") == "\"\"");
}

BOOST_AUTO_TEST_CASE(a_long_string_is_cut_between_two_characters) {
  const std::string cut = std::string(39, 'x');
  BOOST_TEST(text_of_data(sctp::kPpidString, cut + "öyz") == "\"" + cut + "…\"");
  BOOST_TEST(text_of_data(sctp::kPpidString, cut + "y") == "\"" + cut + "y\"");
}

BOOST_AUTO_TEST_CASE(octets_that_are_no_text_are_counted) {
  BOOST_TEST(text_of_data(sctp::kPpidBinary, "abc") == "DATA: 3 octets");
  BOOST_TEST(text_of_data(sctp::kPpidString, "abc", Part::First) == "DATA: part, 3 octets");
}

BOOST_AUTO_TEST_CASE(dcep_is_told_by_its_meaning) {
  sctp::DcepOpen open;
  open.label = "chat";
  BOOST_TEST(text_of_data(sctp::kPpidDcep, as_text(sctp::encode(open))) == "DATA: open \"chat\"");
  BOOST_TEST(text_of_data(sctp::kPpidDcep, as_text(sctp::encode(sctp::DcepAck{}))) ==
             "DATA: open ACK");
  BOOST_TEST(text_of_data(sctp::kPpidDcep, "?") == "DATA: malformed DCEP");
}

BOOST_AUTO_TEST_CASE(of_a_packet_that_was_cut_are_shown_as_far_as_they_go) {
  const auto whole = sctp::Packet{{}, {sctp::CookieAckChunk{}, sctp::SackChunk{}}}.serialize();

  BOOST_TEST(text_of(read_sctp_chunks(whole)) == "COOKIE ACK, SACK");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    BOOST_TEST(read_sctp_chunks(ByteView{whole}.first(length)).size() <= 2u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
