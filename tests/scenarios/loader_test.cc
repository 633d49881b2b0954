#include "scenarios/loader.h"

#include "agents/peer/error.h"
#include "agents/peer/stats_members.h"
#include "scenarios/grammar.h"
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sstream>

namespace rtclab::scenario {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

const fs::path kTopologies{RTCLAB_SOURCE_DIR "/topologies/library"};
const fs::path kLibrary{RTCLAB_SOURCE_DIR "/scenarios/library"};

std::string first_call() {
  std::ifstream in{kLibrary / "first-call.xml"};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// One thing done wrong in first-call.xml, and what the answer must hold.
struct Fault {
  const char* name;
  const char* from;
  const char* to;
  const char* answer;
};
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.name;
}

// clang-format off
const std::vector<Fault> kFaults{
    {"an unknown element",        "<createOffer",                 "<createOfer",               "did you mean"},
    {"an unknown attribute",      "label=\"chat\"",               "lable=\"chat\"",            "label"},
    {"a theme that is none",      "theme=\"call\"",             "theme=\"clal\"",          "unknown theme \"clal\", did you mean \"call\"?"},
    {"an unknown topology",       "topology=\"two-homes\"",       "topology=\"two-hoems\"",    "did you mean \"two-homes\""},
    {"a topology file not there", "topology=\"two-homes\"",       "topology=\"mine.xml\"",     "mine.xml"},
    {"an unknown host",           "machine=\"alice-laptop\"",     "machine=\"alice-labtop\"",  "did you mean \"alice-laptop\""},
    {"a machine that is no host", "machine=\"alice-laptop\"",     "machine=\"internet\"",      "unknown host"},
    {"two peers of one name",     "name=\"bob\" machine",         "name=\"alice\" machine",    "already"},
    {"an unknown peer",           "<createOffer peer=\"alice\"",  "<createOffer peer=\"alise\"", "did you mean \"alice\""},
    {"an unknown server",         "urls=\"turn:turn\" username=\"alice\"", "urls=\"turn:trun\" username=\"alice\"", "did you mean \"turn\""},
    {"a STUN server as TURN",     "urls=\"turn:turn\" username=\"alice\"", "urls=\"turn:stun\" username=\"alice\"", "unknown TURN server"},
    {"a URL without a scheme",    "urls=\"stun:stun\"",           "urls=\"stun\"",             "expected stun:MACHINE, turn:MACHINE"},
    {"TURN without a credential", " credential=\"wonderland\"",   "",                          "username and credential"},
    {"a state that is none",      "connectionState=\"connected\"", "connectionState=\"conected\"", "did you mean \"connected\""},
    {"a ready state that is none", "readyState=\"open\" atMost",  "readyState=\"opened\" atMost", "did you mean \"open\""},
    {"a time without a unit",     "atMost=\"10s\"",               "atMost=\"10\"",             "such as 20ms"},
    {"two conditions at once",    "channel=\"chat\" readyState=\"open\" atMost", "connectionState=\"new\" channel=\"chat\" readyState=\"open\" atMost", "expected one condition"},
    {"a channel without a state", "channel=\"chat\" messages=\"1\" atMost", "channel=\"chat\" atMost", "belong together"},
    {"no condition",              "<wait peer=\"bob\" channel=\"chat\" messages=\"1\" atMost=\"10s\"/>", "<wait/>", "expected either for="},
    {"a candidate type that is none", "remote=\"srflx prflx\"",   "remote=\"srflx prflex\"",   "did you mean \"prflx\""},
    {"an unknown deviation",      "<iceServer urls=\"stun:stun\"/>", "<deviation name=\"ice-no-pasing\"/>", "did you mean \"ice-no-pacing\""},
    {"a transport not listened on", "urls=\"turn:turn\" username=\"alice\"", "urls=\"turn:turn?transport=tcp\" username=\"alice\"", "turn does not listen on tcp"},
    {"a STUN server that is none", "urls=\"stun:stun\"",         "urls=\"stun:stunn\"",      "did you mean \"stun\""},
    {"a TCP candidate that is none", "machine=\"alice-laptop\"", "machine=\"alice-laptop\" tcpCandidates=\"pasive\"", "unknown tcpCandidates \"pasive\", expected active, passive or so"},
    {"a bundle policy that is none", "machine=\"alice-laptop\"", "machine=\"alice-laptop\" bundlePolicy=\"max\"", "expected balanced, max-compat or max-bundle"},
    {"one polite peer alone",     "machine=\"alice-laptop\"",     "machine=\"alice-laptop\" polite=\"yes\"", "one polite=\"yes\" and one polite=\"no\""},
    {"a transceiver of no kind",  "<createOffer peer=\"alice\" note=\"3\"/>", "<addTransceiver peer=\"alice\" name=\"x\" kind=\"vidio\"/>", "unknown kind \"vidio\""},
    {"a direction that is none",  "<createOffer peer=\"alice\" note=\"3\"/>", "<setDirection peer=\"alice\" transceiver=\"0\" direction=\"send\"/>", "unknown direction \"send\""},
    {"an interface that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<interfaceDown machine=\"alice-laptop\" interface=\"eth1\"/>", "unknown interface \"eth1\""},
    {"a link that is none",       "<createOffer peer=\"alice\" note=\"3\"/>", "<setLink a=\"alice-laptop\" b=\"bob-laptop\" loss=\"1%\"/>", "no link between alice-laptop and bob-laptop"},
    {"a null candidate with a place", "<createOffer peer=\"alice\" note=\"3\"/>", "<addIceCandidate peer=\"alice\" sdpMid=\"0\"/>", "belongs to no section"},
    {"an event that is none",     "<expect>",                     "<expect><event peer=\"alice\" type=\"negotiationneded\" count=\"1\"/>", "did you mean \"negotiationneeded\""},
    {"an event without a number", "<expect>",                     "<expect><event peer=\"alice\" type=\"track\"/>", "expected how often"},
    {"a number in two ways",      "<expect>",                     "<expect><event peer=\"alice\" type=\"track\" count=\"1\" atMost=\"2\"/>", "expected how often"},
    {"a record by nobody",        "<expect>",                     "<expect><recorded by=\"alise\" event=\"ice:x\" count=\"1\"/>", "did you mean \"alice\""},
    {"a record of nothing",       "<expect>",                     "<expect><recorded by=\"alice\" event=\"x\" count=\"1\"/>", "unknown event of the trace \"x\""},
    {"a record that is misspelt", "<expect>",                     "<expect><recorded by=\"alice\" event=\"ice:role_chnaged\" count=\"0\"/>", "unknown event of the trace \"ice:role_chnaged\", did you mean \"ice:role_changed\"?"},
    {"a range that ends before it begins", "<expect>",            "<expect><event peer=\"alice\" type=\"track\" atLeast=\"5\" atMost=\"1\"/>", "atMost: expected no less than atLeast, 5, found \"1\""},
    {"a type of statistics that is none", "<expect>",             "<expect><statistic peer=\"bob\" type=\"inbound-rpt\" member=\"jitter\" atLeast=\"1\"/>", "did you mean \"inbound-rtp\""},
    {"a member that is misspelt", "<expect>",                     "<expect><statistic peer=\"bob\" type=\"inbound-rtp\" member=\"packetsReceivd\" atLeast=\"1\"/>", "unknown member of inbound-rtp \"packetsReceivd\", did you mean \"packetsReceived\"?"},
    {"a text with a bound",       "<expect>",                     "<expect><statistic peer=\"bob\" type=\"inbound-rtp\" member=\"codecId\" atLeast=\"1\"/>", "codecId is a text: expected is="},
    {"a number with a text",      "<expect>",                     "<expect><statistic peer=\"bob\" type=\"inbound-rtp\" member=\"jitter\" is=\"1\"/>", "jitter is a number: expected atLeast="},
    {"a number without a bound",  "<expect>",                     "<expect><statistic peer=\"bob\" type=\"inbound-rtp\" member=\"jitter\"/>", "jitter is a number: expected atLeast="},
    {"a kind of what has none",   "<expect>",                     "<expect><statistic peer=\"bob\" type=\"transport\" kind=\"audio\" member=\"bytesSent\" atLeast=\"1\"/>", "statistics of the type transport have no kind"},
    {"a layer of what has none",  "<expect>",                     "<expect><statistic peer=\"bob\" type=\"media-source\" rid=\"f\" member=\"frames\" atLeast=\"1\"/>", "statistics of the type media-source have no rid"},
    {"an error that is none",     "<createOffer peer=\"alice\" note=\"3\"/>", "<createAnswer peer=\"alice\" error=\"InvalidSateError\"/>", "unknown error \"InvalidSateError\", did you mean \"InvalidStateError\"?"},
    {"a channel that nobody made", "<createOffer peer=\"alice\" note=\"3\"/>", "<closeChannel peer=\"bob\" channel=\"caht\"/>", "unknown channel \"caht\", did you mean \"chat\"?"},
    {"a message on no channel",   "<expect>",                     "<expect><message peer=\"bob\" channel=\"caht\" text=\"x\"/>", "unknown channel \"caht\", did you mean \"chat\"?"},
    {"a transceiver that nobody made", "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"camera\" kind=\"video\"/><stop peer=\"alice\" transceiver=\"camrea\"/>", "unknown transceiver of alice \"camrea\", did you mean \"camera\"?"},
    {"a transceiver of another peer", "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"camera\" kind=\"video\"/><replaceTrack peer=\"bob\" transceiver=\"camera\"/>", "unknown transceiver of bob \"camera\", there is none"},
    {"a transceiver that comes later", "<createOffer peer=\"alice\" note=\"3\"/>", "<setDirection peer=\"alice\" transceiver=\"camera\" direction=\"inactive\"/><addTrack peer=\"alice\" track=\"camera\" kind=\"video\"/>", "unknown transceiver of alice \"camera\""},
    {"a transceiver that failed to be", "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"camera\" kind=\"video\" error=\"InvalidAccessError\"/><stop peer=\"alice\" transceiver=\"camera\"/>", "unknown transceiver of alice \"camera\""},
    {"a track that nobody added", "<createOffer peer=\"alice\" note=\"3\"/>", "<removeTrack peer=\"alice\" track=\"camera\"/>", "unknown track of alice \"camera\", there is none"},
    {"two transceivers of a name", "<createOffer peer=\"alice\" note=\"3\"/>", "<addTransceiver peer=\"alice\" name=\"x\" kind=\"video\"/><addTransceiver peer=\"alice\" name=\"x\" kind=\"audio\"/>", "alice has a transceiver \"x\" already"},
    {"too much for Opus",         "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"audio\" bitrate=\"511kbit/s\"/>", "bitrate: expected 6kbit/s to 510kbit/s, as Opus has, found \"511kbit/s\""},
    {"too little for Opus",       "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"audio\" bitrate=\"5kbit/s\"/>", "bitrate: expected 6kbit/s"},
    {"too much for video",        "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"video\" bitrate=\"10Gbit/s\"/>", "bitrate: expected 1kbit/s to 100Mbit/s, found \"10Gbit/s\""},
    {"too little for video",      "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"video\" bitrate=\"1bit/s\"/>", "bitrate: expected 1kbit/s"},
    {"a width of audio",          "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"audio\" width=\"640\"/>", "width is for kind=\"video\""},
    {"a pause of video",          "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"video\" pauses=\"no\"/>", "pauses is for kind=\"audio\""},
    {"a picture too small",       "<createOffer peer=\"alice\" note=\"3\"/>", "<addTrack peer=\"alice\" track=\"x\" kind=\"video\" width=\"15\"/>", "width: expected a number from 16 to 7680, found \"15\""},
    {"a null candidate with a ufrag", "<createOffer peer=\"alice\" note=\"3\"/>", "<addIceCandidate peer=\"alice\" usernameFragment=\"abcd\"/>", "belongs to no section"},
    {"a carrier that is none", "</description>", "</description><signalling via=\"postcart\"/>", "unknown way of signalling \"postcart\", did you mean \"postcard\"?"},
    {"a WebSocket with a delay", "</description>", "</description><signalling delay=\"1s\"/>", "delay is a courier's"},
    {"a courier with a server", "</description>", "</description><signalling via=\"e-mail\" server=\"signalling\"/>", "needs no server"},
    {"a signalling server that is none", "</description>", "</description><signalling server=\"signaling\"/>", "unknown signalling server \"signaling\", did you mean \"signalling\"?"},
    {"a piece too small", "</description>", "</description><signalling via=\"postcard\" pieceSize=\"15\"/>", "pieceSize: expected a number from 16"},
    {"trips without a timetable", "</description>", "</description><signalling via=\"courier\" capacity=\"1\"/>", "without collection="},
    {"no end to a repetition that is none", "</description>", "</description><signalling via=\"postcard\" giveUp=\"1d\"/>", "expected resend="},
    {"a repetition that fills the run", "</description>", "</description><signalling via=\"courier\" resend=\"1ns\"/>", "at least 100ms"},
    {"pauses that shrink", "</description>", "</description><signalling via=\"postcard\" resend=\"2d\" resendAtMost=\"1d\"/>", "no less than resend"},
    {"a receipt that is none", "</description>", "</description><signalling via=\"postcard\" receipt=\"twice\"/>", "expected as-it-comes, once or in-order"},
    {"a delay of months", "</description>", "</description><signalling via=\"postcard\" delay=\"60d\"/>", "a time of at most 1000h"},
    {"two ways at once", "</description>", "</description><signalling via=\"postcard\"/><signalling via=\"e-mail\"/>", "<signalling> stands here twice"},
    {"too little patience", "machine=\"alice-laptop\"", "machine=\"alice-laptop\" patience=\"10s\"", "patience: expected no less than 39500ms (RFC 8863 §4), found \"10s\""},
    {"too many keepalives", "machine=\"alice-laptop\"", "machine=\"alice-laptop\" keepalive=\"5s\"", "keepalive: expected no less than 15s (RFC 8445 §11), found \"5s\""},
    {"a link that does not change", "<createOffer peer=\"alice\" note=\"3\"/>", "<setLink a=\"home-a.outside\" b=\"internet\"/>", "expected what changes"},
    {"a loss that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setLink a=\"home-a.outside\" b=\"internet\" loss=\"150%\"/>", "a share from 0% to 100%"},
    {"a direction of a link that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setLink a=\"home-a.outside\" b=\"internet\" loss=\"1%\" direction=\"back\"/>", "expected both, aToB or bToA"},
    {"a link that cannot be down", "<createOffer peer=\"alice\" note=\"3\"/>", "<linkDown a=\"home-a.outside\" b=\"bob-laptop\"/>", "no link between home-a.outside and bob-laptop"},
    {"a NAT that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<restartNat nat=\"home-c\"/>", "unknown NAT \"home-c\""},
    {"a NAT that does not change", "<createOffer peer=\"alice\" note=\"3\"/>", "<setNat nat=\"home-a\"/>", "expected what changes"},
    {"a kind of NAT that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setNat nat=\"home-a\" preset=\"symetric\"/>", "unknown kind of NAT \"symetric\", did you mean \"symmetric\"?"},
    {"a mapping that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setNat nat=\"home-a\" mapping=\"EIF\"/>", "unknown mapping \"EIF\""},
    {"an address that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"192.168.1\"/>", "address"},
    {"an address that is taken", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"192.168.1.1/24\"/>", "192.168.1.1 is the address of home-a.inside"},
    {"an address of a machine that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice\" interface=\"eth0\" address=\"192.168.1.9/24\"/>", "unknown host or NAT \"alice\""},
    {"an address of an interface that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth1\" address=\"192.168.1.9/24\"/>", "unknown interface \"eth1\""},
    {"an address of another family", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"2001:db8::9/64\"/>", "alice-laptop.eth0 has IPv4 too"},
    {"an address for everybody", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"192.168.1.255/24\"/>", "192.168.1.255 is the broadcast address of the net 192.168.1.0/24"},
    {"the name of a net", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"home-a\" interface=\"outside\" address=\"203.0.113.0/24\"/>", "203.0.113.0 is the name of the net"},
    {"an address that is multicast", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"home-a\" interface=\"outside\" address=\"224.0.0.5/24\"/>", "no address that an interface can have"},
    {"an address foreign to the gateway", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"10.9.9.9/24\"/>", "10.9.9.9/24 is not in the net of home-a.inside, its gateway: expected an address of the net of 192.168.1.1/24"},
    {"an address of the gateway's net with another length", "<createOffer peer=\"alice\" note=\"3\"/>", "<setAddress machine=\"alice-laptop\" interface=\"eth0\" address=\"192.168.1.9/25\"/>", "192.168.1.9/25 is not in the net of home-a.inside"},
    {"two titles", "<description>", "<title>a</title><title>b</title><description>", "<title> stands here twice, expected only the one in line "},
    {"two descriptions", "<description>", "<description>a</description><description>", "<description> stands here twice"},
    {"two timelines", "<timeline>", "<timeline/><timeline>", "<timeline> stands here twice"},
    {"two lists of expectations", "<expect>", "<expect/><expect>", "<expect> stands here twice"},
    {"a kind of NAT without a name", "<createOffer peer=\"alice\" note=\"3\"/>", "<setNat nat=\"home-a\" preset=\"\"/>", "unknown kind of NAT \"\", expected rfc4787, full-cone,"},
    {"a server that is none", "<createOffer peer=\"alice\" note=\"3\"/>", "<stopServer machine=\"home-a\"/>", "unknown server \"home-a\""},
    {"another name for the timeline",             "timeline",                     "description",               "<description> stands here twice"},
    {"a name that is no name",    "scenario name=\"first-call\"", "scenario name=\"../first\"", "name"},
    {"broken XML",                "</scenario>",                  "",                          ":"},
    {"a DOCTYPE",                 "<scenario ",                   "<!DOCTYPE scenario [<!ENTITY x \"y\">]><scenario ", "DOCTYPE"},
};
// clang-format on

std::string with(const Fault& fault) {
  auto text = first_call();
  const std::string from = fault.from;
  const auto first = text.find(from);
  BOOST_REQUIRE(first != std::string::npos);
  for (auto at = first; at != std::string::npos;
       at = text.find(from, at + std::string{fault.to}.size() + 1)) {
    text.replace(at, from.size(), fault.to);
    if (from != "timeline") break;
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(scenario_loader)

BOOST_DATA_TEST_CASE(a_fault_is_answered_with_its_line_and_what_was_expected, data::make(kFaults),
                     fault) {
  const test::ScratchFolder folder;
  const auto file = folder.write("bad.xml", with(fault));

  const auto loaded = load(file, kTopologies);

  BOOST_REQUIRE(!loaded.has_value());
  const auto message = loaded.error().to_string();
  BOOST_TEST(message.find(fault.answer) != std::string::npos, message);
  BOOST_TEST(message.find("bad.xml:") != std::string::npos, message);
  BOOST_TEST(loaded.error().line > 0u, message);
}

// first-call on a topology of the library, with these steps at its begin.
std::string complaint_about(const std::string& topology, const std::string& machine,
                            const std::string& steps, const std::string& bobs = "bob-laptop") {
  const test::ScratchFolder folder;
  auto text = first_call();
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("topology=\"two-homes\"", "topology=\"" + topology + "\"");
  replace("machine=\"alice-laptop\"", "machine=\"" + machine + "\"");
  replace("machine=\"bob-laptop\"", "machine=\"" + bobs + "\"");
  replace("<createOffer peer=\"alice\" note=\"3\"/>",
          steps + "<createOffer peer=\"alice\" note=\"3\"/>");
  const auto loaded = load(folder.write("call.xml", text), kTopologies);
  return loaded ? "" : loaded.error().to_string();
}

std::string set_address(const std::string& machine, const std::string& interface,
                        const std::string& address) {
  return "<setAddress machine=\"" + machine + "\" interface=\"" + interface + "\" address=\"" +
         address + "\"/>";
}

BOOST_AUTO_TEST_CASE(a_net_is_renumbered_by_its_gateway_and_then_by_its_hosts) {
  const auto gateway = set_address("home-a", "inside", "10.0.0.1/24");
  const auto host = set_address("alice-laptop", "eth0", "10.0.0.9/24");

  BOOST_TEST(complaint_about("two-homes", "alice-laptop", gateway + host) == "");
  BOOST_TEST(complaint_about("two-homes", "alice-laptop", host + gateway) != "");
}

// Behind different NATs an address may be used twice.
BOOST_AUTO_TEST_CASE(an_address_is_taken_only_where_it_would_be_reached) {
  BOOST_TEST(complaint_about("two-homes", "alice-laptop",
                             set_address("home-a", "inside", "192.168.2.1/24") +
                                 set_address("alice-laptop", "eth0", "192.168.2.20/24")) == "");
}

BOOST_AUTO_TEST_CASE(machines_that_translate_ipv6_change_and_restart_too) {
  BOOST_TEST(complaint_about("xlat464", "alice-phone",
                             set_address("carrier", "outside", "203.0.113.77/24") +
                                 set_address("clat", "outside", "2001:db8:cafe::99/64") +
                                 "<restartNat nat=\"carrier\"/><setNat nat=\"carrier\" "
                                 "mapping=\"APDM\"/>") == "");
  const auto said = [](const std::string& address) {
    return complaint_about("npt", "alice-laptop", set_address("office", "outside", address),
                           "bob-phone");
  };
  BOOST_TEST(said("2001:db8:77::1/48") == "");
  BOOST_TEST(said("2001:db8:77::1/64").find("expected another prefix of that length") !=
             std::string::npos);
  BOOST_TEST(said("fd01:203:405:9::1/48").find("office has fd01:203:405:1::1/48 inside") !=
             std::string::npos);
}

// The pattern makes the calls of a negotiation itself; everything else is the application's.
BOOST_AUTO_TEST_CASE(peers_that_negotiate_by_themselves_are_not_made_to) {
  const test::ScratchFolder folder;
  auto text = first_call();
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("machine=\"alice-laptop\"", "machine=\"alice-laptop\" polite=\"yes\"");
  replace("machine=\"bob-laptop\"", "machine=\"bob-laptop\" polite=\"no\"");

  const auto loaded = load(folder.write("bad.xml", text), kTopologies);

  BOOST_REQUIRE(!loaded.has_value());
  BOOST_TEST(loaded.error().to_string().find("alice negotiates by itself (polite=\"…\"), "
                                             "<createOffer> would get in its way") !=
             std::string::npos);
}

// What the other side's offers make has its mid for a name, and its channels have their labels.
BOOST_AUTO_TEST_CASE(what_the_other_side_makes_can_be_spoken_of) {
  const test::ScratchFolder folder;
  auto text = first_call();
  const std::string expect = "<expect>";
  text.replace(text.find(expect), expect.size(),
               expect +
                   "<transceiver peer=\"bob\" transceiver=\"0\" currentDirection=\"stopped\"/>"
                   "<state peer=\"bob\" channel=\"chat\" readyState=\"open\"/>"
                   "<statistic peer=\"bob\" type=\"transport\" member=\"dtlsState\" "
                   "is=\"connected\"/>");

  const auto loaded = load(folder.write("good.xml", text), kTopologies);

  BOOST_TEST(loaded.has_value(), (loaded ? "" : loaded.error().to_string()));
}

BOOST_AUTO_TEST_CASE(a_candidate_may_name_its_generation) {
  const test::ScratchFolder folder;
  auto text = first_call();
  const std::string offer = "<createOffer peer=\"alice\" note=\"3\"/>";
  text.replace(text.find(offer), offer.size(),
               "<addIceCandidate peer=\"alice\" candidate=\"\" sdpMid=\"0\" "
               "usernameFragment=\"abcd\"/>" +
                   offer);

  const auto loaded = load(folder.write("good.xml", text), kTopologies);

  BOOST_REQUIRE(loaded.has_value());
  const auto step = std::ranges::find_if(loaded->scenario.steps, [](const Step& each) {
    return std::holds_alternative<AddIceCandidate>(each.action);
  });
  BOOST_REQUIRE((step != loaded->scenario.steps.end()));
  BOOST_TEST(*std::get<AddIceCandidate>(step->action).candidate->username_fragment == "abcd");
}

// The schema says it too, for an editor to see.
BOOST_AUTO_TEST_CASE(the_names_of_errors_are_those_of_the_schema) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/scenarios/scenario.xsd"};
  const std::string schema{std::istreambuf_iterator<char>{in}, {}};
  const auto begin = schema.find("simpleType name=\"errorName\"");
  const auto type = schema.substr(begin, schema.find("</xs:simpleType>", begin) - begin);
  std::vector<std::string> names;
  for (auto at = type.find("value=\""); at != std::string::npos; at = type.find("value=\"", at + 1))
    names.push_back(type.substr(at + 7, type.find('"', at + 7) - at - 7));

  BOOST_TEST(names == peer::error_names(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_types_of_statistics_are_those_of_the_schema) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/scenarios/scenario.xsd"};
  const std::string schema{std::istreambuf_iterator<char>{in}, {}};
  const auto begin = schema.find("simpleType name=\"statsType\"");
  const auto type = schema.substr(begin, schema.find("</xs:simpleType>", begin) - begin);
  for (const auto& each : peer::stats_types())
    BOOST_TEST(type.find('"' + std::string{each.type} + '"') != std::string::npos, each.type);
}

BOOST_AUTO_TEST_CASE(the_port_of_a_server_is_its_machines) {
  const auto loaded = load(kLibrary / "turn-tls.xml", kTopologies);
  BOOST_REQUIRE(loaded.has_value());
  const auto& server = loaded->scenario.peers.front().configuration.ice_servers.front();
  BOOST_TEST((server.url.transport == turn::ServerTransport::Tls));
  BOOST_TEST(server.url.port.value() == 5349);
  BOOST_TEST(server.machine() == "turn");
}

// A preset, and what the element says otherwise.
BOOST_AUTO_TEST_CASE(a_courier_has_the_terms_of_its_name_but_for_what_is_said) {
  const test::ScratchFolder folder;
  auto text = first_call();
  const std::string_view end = "</description>";
  text.insert(text.find(end) + end.size(),
              "<signalling via=\"sip-like\" loss=\"3%\" resend=\"1s\" resendAtMost=\"2s\"/>");
  const auto loaded = load(folder.write("call.xml", text), kTopologies);
  BOOST_REQUIRE(loaded.has_value());

  auto terms = signalling::find_courier_preset("sip-like")->terms;
  terms.loss = 0.03;
  terms.resend->after = 1s;
  terms.resend->at_most = 2s;
  const auto& courier = std::get<CourierSignalling>(loaded->scenario.signalling);
  BOOST_TEST(courier.name == "sip-like");
  BOOST_TEST((courier.terms == terms));
}

BOOST_AUTO_TEST_CASE(a_step_that_changes_a_link_holds_all_that_earlier_steps_have_made_of_it) {
  const test::ScratchFolder folder;
  auto text = first_call();
  const std::string_view step = "<createOffer peer=\"alice\" note=\"3\"/>";
  text.insert(text.find(step),
              "<setLink a=\"home-a.outside\" b=\"internet\" loss=\"30%\"/>"
              "<setLink a=\"internet\" b=\"home-a\" direction=\"aToB\" delay=\"7ms\"/>"
              "<linkDown a=\"home-a.outside\" b=\"internet\"/>"
              "<linkUp a=\"home-a.outside\" b=\"internet\"/>");
  const auto loaded = load(folder.write("call.xml", text), kTopologies);
  BOOST_REQUIRE(loaded.has_value());
  std::vector<SetLink> changes;
  for (const auto& each : loaded->scenario.steps)
    if (const auto* const change = std::get_if<SetLink>(&each.action)) changes.push_back(*change);

  BOOST_REQUIRE(changes.size() == 4u);
  BOOST_TEST(changes[0].a_to_b->loss == 0.3);
  BOOST_TEST((changes[0].a_to_b->delay == 15ms));  // as the topology says
  BOOST_TEST(!changes[1].b_to_a.has_value());
  BOOST_TEST(changes[2].a_to_b->outages.size() == 1u);
  // As before it went down: home-a to the internet as in the first step, the way back as in both.
  BOOST_TEST(changes[3].a_to_b->outages.empty());
  BOOST_TEST((changes[3].a_to_b->delay == 15ms));
  BOOST_TEST((changes[3].b_to_a->delay == 7ms));
  BOOST_TEST(changes[3].b_to_a->loss == 0.3);
}

BOOST_AUTO_TEST_CASE(a_topology_beside_the_scenario_is_found_by_its_path) {
  const test::ScratchFolder folder;
  fs::copy(kTopologies / "two-homes.xml", folder.path() / "mine.xml");
  auto text = first_call();
  text.replace(text.find("\"two-homes\""), 11, "\"mine.xml\"");

  BOOST_TEST(load(folder.write("call.xml", text), kTopologies).has_value());
}

BOOST_AUTO_TEST_CASE(a_fault_in_the_topology_names_the_topology) {
  const test::ScratchFolder folder;
  folder.write("mine.xml", "<topology name=\"x\"><hosst/></topology>");
  auto text = first_call();
  text.replace(text.find("\"two-homes\""), 11, "\"mine.xml\"");

  const auto loaded = load(folder.write("call.xml", text), kTopologies);

  BOOST_REQUIRE(!loaded.has_value());
  BOOST_TEST(loaded.error().file.ends_with("mine.xml"));
}

BOOST_AUTO_TEST_CASE(every_scenario_of_the_library_has_a_theme) {
  for (const auto& entry : fs::directory_iterator{kLibrary}) {
    const auto loaded = load(entry.path(), kTopologies);
    BOOST_TEST_REQUIRE(loaded.has_value(), entry.path());
    BOOST_TEST(!loaded->scenario.theme.empty(), entry.path());
  }
}

BOOST_AUTO_TEST_CASE(the_library_is_valid_by_the_schema) {
  const auto complaints =
      test::output_of("xmllint --noout --schema " RTCLAB_SOURCE_DIR
                      "/scenarios/scenario.xsd " RTCLAB_SOURCE_DIR "/scenarios/library/*.xml 2>&1");
  std::istringstream lines{complaints};
  for (std::string line; std::getline(lines, line);) BOOST_TEST(line.ends_with(" validates"), line);
  BOOST_TEST(complaints.find("first-call.xml validates") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
