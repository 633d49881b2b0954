#include "reports/evidence/load.h"

#include "tests/reports/evidence/pcapng_builder.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

using namespace rtclab;
using namespace rtclab::evidence;
using namespace std::chrono_literals;
using test::PcapngBuilder;
using test::ScratchFolder;
using test::udp_frame;

namespace {

const std::filesystem::path kData = RTCLAB_TEST_DATA;

Evidence loaded(const std::filesystem::path& path) {
  auto evidence = load(path);
  BOOST_REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().to_string()));
  return std::move(*evidence);
}

std::string complaint(const std::filesystem::path& path) {
  const auto evidence = load(path);
  BOOST_REQUIRE(!evidence.has_value());
  return evidence.error().to_string();
}

std::size_t count(const Evidence& evidence, Fate fate) {
  return static_cast<std::size_t>(std::ranges::count(evidence.datagrams, fate, &Datagram::fate));
}

constexpr std::string_view kTraceHeader =
    R"({"title":"t","common_fields":{"reference_time":{"epoch":"2026-01-01T00:00:00.000Z"}},"vantage_points":[{"name":"alice","type":"peer","machine":"pc","interfaces":[{"name":"eth0","address":"192.0.2.1"}]}]})";

}  // namespace

BOOST_AUTO_TEST_SUITE(a_run_of_ours)

BOOST_AUTO_TEST_CASE(two_of_its_interfaces_can_be_called_the_sides_of_a_nat) {
  auto evidence = loaded(kData / "reports/sample-run");
  BOOST_TEST(evidence.nats.empty());  // an older run: nothing declares one

  const auto& inside = evidence.interfaces[0].name;
  const auto& outside = evidence.interfaces[1].name;
  BOOST_TEST_REQUIRE(name_nat(evidence, inside, outside).has_value());
  BOOST_TEST(evidence.nats.front().inside == 0u);
  BOOST_TEST(evidence.nats.front().outside == 1u);
  BOOST_TEST(!name_nat(evidence, inside, inside).has_value());
  const auto wrong = name_nat(evidence, inside, "wan7");
  BOOST_TEST_REQUIRE(!wrong.has_value());
  BOOST_TEST(wrong.error().message.starts_with("has no interface \"wan7\""));
}

BOOST_AUTO_TEST_CASE(becomes_parties_packets_and_events_on_one_clock) {
  const auto evidence = loaded(kData / "reports/sample-run");

  BOOST_TEST(evidence.has_trace);
  BOOST_TEST(evidence.title == "Two homes, by hand");
  BOOST_TEST(evidence.origin == 1'767'225'600'000'000'000);
  BOOST_TEST(evidence.packets.front().frame == 1u);
  BOOST_TEST((evidence.packets.front().at == 1s));
  BOOST_TEST((evidence.trace.front().at == 1s));
  BOOST_TEST(evidence.trace.front().text("method") == "createDataChannel");
  BOOST_TEST(evidence.secrets.size() == 1u);
  BOOST_TEST(!evidence.run_json.empty());
  const auto nat = evidence.party_named("home-a").value();
  BOOST_TEST((evidence.parties[nat].kind == PartyKind::Nat));
  BOOST_TEST(evidence.parties[nat].inside.value() == evidence.party_named("alice").value());
}

BOOST_AUTO_TEST_CASE(a_packet_keeps_its_identity_across_two_nats) {
  const auto evidence = loaded(kData / "reports/sample-run");
  const auto delivered = std::ranges::find_if(evidence.datagrams, [&](const auto& datagram) {
    return datagram.packets.size() == 8 && datagram.fate == Fate::Delivered;
  });

  BOOST_REQUIRE(delivered != evidence.datagrams.end());
  BOOST_TEST(evidence.parties[delivered->from.value()].name == "bob");
  BOOST_TEST(evidence.parties[delivered->to.value()].name == "alice");
  BOOST_TEST(evidence.first_packet(*delivered).source.to_string() == "10.0.0.20:50000");
  BOOST_TEST(evidence.last_packet(*delivered).destination.to_string() == "192.168.1.10:50000");
}

BOOST_AUTO_TEST_CASE(every_death_has_its_culprit_and_its_reason) {
  const auto evidence = loaded(kData / "reports/sample-run");

  const auto find = [&](std::string_view place) {
    return *std::ranges::find(evidence.datagrams, place, &Datagram::dropped_at);
  };
  BOOST_TEST((find("home-b").fate == Fate::Filtered));
  BOOST_TEST(find("home-b").reason == "filtering (APDF): no mapping admits 203.0.113.1:61000");
  BOOST_TEST(evidence.parties[find("home-b").dropped_by.value()].name == "home-b");
  BOOST_TEST((find("link core-home-b").fate == Fate::Lost));
  BOOST_TEST(!find("link core-home-b").dropped_by.has_value());
  BOOST_TEST(find("link core-home-b").reason == "10 % loss");
}

// What a link notes of a packet that went on, and of a copy.
struct Crossing {
  std::string_view what;
  std::vector<std::string_view> at_bob;  // the comments of its arrivals; "" is none
  Fate fate;
  std::string_view reason;
};
std::ostream& operator<<(std::ostream& out, const Crossing& row) {
  return out << row.what;
}
const std::vector<Crossing> kCrossings{
    {"delayed", {"link a-b: 48 ms in the queue"}, Fate::Delivered, ""},
    {"copied", {"", "link a-b: a copy of the one before"}, Fate::Delivered, ""},
    {"copied, and the copy lost", {"", "lost on link b-c: 10 % loss"}, Fate::Delivered, ""},
    {"copied, and the first lost", {"lost on link b-c: 10 % loss", ""}, Fate::Delivered, ""},
    {"damaged",
     {"dropped by bob: bad checksum at octet 26 (RFC 768 §1); link a-b: bit 1 of octet 30 turned"},
     Fate::Filtered,
     "bad checksum at octet 26 (RFC 768 §1)"},
};
BOOST_DATA_TEST_CASE(a_note_of_a_link_is_no_death, boost::unit_test::data::make(kCrossings), row) {
  PcapngBuilder capture;
  capture.interface(1, "pc.eth0").interface(1, "box.eth0");
  const auto frame = udp_frame("192.0.2.1:5000", "192.0.2.2:6000", as_octets("hello"));
  const auto options = [&](std::string_view comment, unsigned direction) {
    std::vector<PcapngBuilder::Option> all;
    if (!comment.empty()) all.push_back({1, to_octets(comment)});
    all.push_back({2, capture.number32(direction)});
    all.push_back({5, capture.number64(9)});
    return all;
  };
  std::uint64_t at = 1'767'225'601'000'000'000;
  capture.packet(0, at, frame, options("", 2));
  for (const auto comment : row.at_bob) capture.packet(1, ++at, frame, options(comment, 1));
  const ScratchFolder folder;
  folder.write("capture.pcapng", capture.bytes());
  folder.write(
      "trace.jsonl",
      R"({"title":"t","common_fields":{"reference_time":{"epoch":"2026-01-01T00:00:00.000Z"}},"vantage_points":[)"
      R"({"name":"alice","type":"peer","machine":"pc","interfaces":[{"name":"eth0","address":"192.0.2.1"}]},)"
      R"({"name":"bob","type":"peer","machine":"box","interfaces":[{"name":"eth0","address":"192.0.2.2"}]}]})"
      "\n");

  const auto evidence = loaded(folder.path());

  BOOST_REQUIRE(evidence.datagrams.size() == 1u);
  BOOST_TEST((evidence.datagrams[0].fate == row.fate));
  BOOST_TEST(evidence.datagrams[0].reason == row.reason);
}

BOOST_AUTO_TEST_CASE(signalling_is_put_together_from_both_ends) {
  const auto evidence = loaded(kData / "reports/sample-run");
  const auto& offer = evidence.signalling.front();

  BOOST_TEST((offer.type == SignallingType::Offer));
  BOOST_TEST(offer.from == "alice");
  BOOST_TEST(offer.to == "bob");
  BOOST_TEST((offer.delivered.value() - offer.sent == 24ms));
  BOOST_TEST(offer.sdp.starts_with("v=0"));
}

// Two parts, the second of which came twice and the first only when it was sent again.
BOOST_AUTO_TEST_CASE(what_a_courier_carried_is_known_piece_by_piece) {
  const ScratchFolder folder;
  PcapngBuilder empty;
  empty.interface(1, "eth0");
  folder.write("capture.pcapng", empty.bytes());
  const auto line = [](double at, const char* vantage, const char* name, const std::string& data) {
    return fmt::format(
        "\n{{\"time\":{},\"vantage\":\"{}\",\"name\":\"signalling:{}\",\"data\":{{{}}}}}", at,
        vantage, name, data);
  };
  const auto item = [](const std::string& of, const std::string& more) {
    return "\"id\":\"a-1\",\"item\":\"a-1." + of + "\"" + more;
  };
  const std::string parts = ",\"part\":2,\"parts\":2,\"attempt\":1,\"acknowledges\":false";
  folder.write(
      "trace.jsonl",
      std::string{kTraceHeader} +
          line(1, "alice", "sent",
               R"("id":"a-1","from":"alice","to":"bob","type":"offer","sdp":"v=0")") +
          line(2, "alice", "dispatched", item("1#1", ",\"part\":1,\"parts\":2,\"attempt\":1")) +
          line(2, "alice", "dispatched", item("2#1", parts)) +
          line(2, "alice", "duplicated", item("2#1*", "")) +
          line(3, "alice", "lost", item("1#1", "")) + line(4, "bob", "arrived", item("2#1*", "")) +
          line(9, "bob", "received", "\"id\":\"a-1\"") +
          line(10, "bob", "received", "\"id\":\"a-1\""));
  const auto evidence = loaded(folder.path());

  BOOST_REQUIRE(evidence.signalling.size() == 1u);
  const auto& offer = evidence.signalling.front();
  BOOST_TEST((offer.delivered == Duration{9ms}));
  BOOST_REQUIRE(offer.flights.size() == 3u);
  BOOST_TEST((offer.flights[0].lost == Duration{3ms}));
  BOOST_TEST(!offer.flights[1].arrived.has_value());
  BOOST_TEST(offer.flights[2].is_copy);
  BOOST_TEST((offer.flights[2].arrived == Duration{4ms}));
  BOOST_TEST(offer.flights[2].part == 2u);
}

BOOST_AUTO_TEST_CASE(a_trace_with_a_bad_line_is_refused_with_its_number) {
  const ScratchFolder folder;
  folder.write("trace.jsonl",
               std::string{kTraceHeader} + "\n{\"time\":1.0,\"name\":\"a:b\"}\n{\"time\":\n");

  const auto said = complaint(folder.path());

  BOOST_TEST(said.find("trace.jsonl:3: is not well-formed JSON") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_run_that_ended_before_its_first_packet_is_read_and_a_recording_is_not) {
  PcapngBuilder empty;
  empty.interface(1, "eth0");
  const ScratchFolder run;
  run.write("trace.jsonl", std::string{kTraceHeader} + "\n");
  run.write("capture.pcapng", empty.bytes());
  const ScratchFolder recording;

  BOOST_TEST(loaded(run.path()).packets.empty());
  BOOST_TEST(complaint(recording.write("capture.pcapng", empty.bytes())).find("has no packets") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_trace_that_is_none_is_refused) {
  const ScratchFolder folder;
  folder.write("trace.jsonl", "[1,2]\n");

  BOOST_TEST(complaint(folder.path()).find("is not a trace") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_capture_is_named) {
  const ScratchFolder folder;
  folder.write("trace.jsonl", std::string{kTraceHeader} + "\n");

  BOOST_TEST(complaint(folder.path()).find("capture.pcapng: there is no such file") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_recording)

BOOST_AUTO_TEST_CASE(on_one_link_names_both_peers_by_their_candidates) {
  const auto evidence = loaded(kData / "recordings/chromium-pion-dc");

  BOOST_TEST(!evidence.has_trace);
  BOOST_TEST(evidence.title == "chromium-pion-dc");
  BOOST_TEST(evidence.packets.size() == 56u);
  BOOST_TEST(evidence.signalling.size() == 6u);
  BOOST_REQUIRE(evidence.peers().size() == 2);
  BOOST_TEST(evidence.parties[0].addresses[0].ip.to_string() == "10.77.0.1");
  BOOST_TEST(evidence.parties[1].addresses[0].ip.to_string() == "10.77.0.2");
  BOOST_TEST(evidence.interfaces[0].party.value() == 0u);
  BOOST_TEST(count(evidence, Fate::Delivered) == 28u);
  BOOST_TEST(count(evidence, Fate::Unseen) == 28u);
}

BOOST_AUTO_TEST_CASE(of_three_places_is_united_to_one_story) {
  const auto evidence = loaded(kData / "recordings/chromium-firefox-relay-only");

  BOOST_TEST(evidence.interfaces.size() == 3u);
  BOOST_TEST(evidence.packets.size() == 226u);
  BOOST_TEST(evidence.datagrams.size() == 113u);
  BOOST_TEST(count(evidence, Fate::Delivered) == 113u);
  const auto turn = evidence.party_named("turn");
  BOOST_REQUIRE(turn.has_value());
  BOOST_TEST(evidence.parties[*turn].addresses[0].ip.to_string() == "203.0.113.10");
}

BOOST_AUTO_TEST_CASE(shows_for_whom_relayed_packets_are) {
  const auto evidence = loaded(kData / "recordings/chromium-firefox-relay-only");

  std::size_t channel_data = 0;
  for (const auto& packet : evidence.packets) {
    if (packet.dissection.kind != Kind::ChannelData) continue;
    ++channel_data;
    BOOST_REQUIRE(packet.dissection.carried);
    BOOST_TEST(packet.dissection.carried->peer.has_value());
    BOOST_TEST(packet.dissection.carried->relayed.has_value());
    BOOST_TEST(packet.dissection.carried->from_client == (packet.destination.port == Port{3478}));
  }
  BOOST_TEST(channel_data > 0u);
}

BOOST_AUTO_TEST_CASE(without_signalling_takes_the_peers_from_the_checks) {
  const auto evidence = loaded(kData / "recordings/chromium-pion-dc/capture.pcap");

  BOOST_TEST(evidence.peers().size() == 2u);
  BOOST_TEST(evidence.signalling.empty());
}

BOOST_AUTO_TEST_CASE(is_the_same_evidence_each_time) {
  const auto once = loaded(kData / "recordings/chromium-firefox-relay-only");
  const auto again = loaded(kData / "recordings/chromium-firefox-relay-only");

  BOOST_REQUIRE(once.datagrams.size() == again.datagrams.size());
  for (std::size_t i = 0; i < once.datagrams.size(); ++i) {
    BOOST_TEST(once.datagrams[i].packets == again.datagrams[i].packets,
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(with_a_message_of_an_unknown_type_is_refused) {
  const ScratchFolder folder;
  folder.write("signalling.json", R"([{"t": 1, "from": "a", "type": "ofer"}])");
  folder.write("capture.pcap", "");

  BOOST_TEST(complaint(folder.path()).find("message 1: unknown type \"ofer\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(with_malformed_signalling_is_refused_with_the_line) {
  const ScratchFolder folder;
  folder.write("signalling.json", "[\n {\"t\": 1,\n  \"from\" \"a\"}]");
  folder.write("capture.pcap", "");

  BOOST_TEST(complaint(folder.path()).find("signalling.json:3:") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(each_gets_a_sentence) {
  const ScratchFolder folder;
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };

  BOOST_TEST(has(complaint(folder.path() / "none"), "there is no such file or folder"));
  BOOST_TEST(has(complaint(folder.path()), "is a folder without evidence"));
  BOOST_TEST(has(complaint(folder.write("empty.pcap", "")), "is empty"));
  BOOST_TEST(has(complaint(folder.write("text.pcap", "GET / HTTP/1.1")), "is not a capture"));
  BOOST_TEST(has(complaint("/dev/zero"), "is a device or a pipe"));
  const auto no_files = load_recording({folder.path()}, {});
  BOOST_TEST(has(no_files.error().to_string(), "is a directory"));
}

BOOST_AUTO_TEST_CASE(a_file_over_the_limit_is_refused_unread) {
  const ScratchFolder folder;
  const auto file = folder.write("junk.pcapng", "\x0a\x0d\x0d\x0a");
  std::filesystem::resize_file(file, 1025u << 20u);  // sparse: no disk is used

  BOOST_TEST(complaint(file).find("is 1025 MB large; a file of evidence has at most 1024 MB") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_capture_of_something_else_is_refused) {
  const ScratchFolder folder;
  PcapngBuilder usb;
  usb.interface(220, "usbmon1").packet(0, 1, as_octets("urb"));
  PcapngBuilder arp;
  arp.interface(1, "eth0").packet(0, 1, from_hex("ffffffffffff 020000000001 0806 0001"));

  BOOST_TEST(complaint(folder.write("usb.pcapng", usb.bytes())).find("has link type 220") !=
             std::string::npos);
  BOOST_TEST(complaint(folder.write("arp.pcapng", arp.bytes()))
                 .find("has 1 frames, and none of them is IP") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_number_beyond_all_doubles_is_refused) {
  const ScratchFolder recording;
  recording.write("signalling.json", R"([{"t":1e999,"from":"a","type":"offer","sdp":"v=0"}])");
  recording.write("capture.pcap", "");
  const ScratchFolder run;
  run.write("trace.jsonl", std::string{kTraceHeader} + "\n{\"time\":1e999,\"name\":\"a:b\"}\n");

  BOOST_TEST(
      complaint(recording.path()).find("signalling.json:1: is not well-formed JSON: number") !=
      std::string::npos);
  BOOST_TEST(complaint(run.path()).find("trace.jsonl:2: is not well-formed JSON: number") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

// What a killed tcpdump, or a killed peer, leaves: all but the end of what it was writing.
BOOST_AUTO_TEST_SUITE(a_file_that_was_cut_off)

bool warns(const Evidence& evidence, std::string_view of) {
  return std::ranges::any_of(evidence.warnings, [&](const std::string& warning) {
    return warning.find(of) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(is_read_as_far_as_it_goes_and_says_so_of_a_classic_pcap) {
  const ScratchFolder folder;
  const auto file = folder.path() / "cut.pcap";
  std::filesystem::copy_file(kData / "recordings/chromium-pion-dc/capture.pcap", file);
  const auto whole = loaded(file);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);

  const auto cut = loaded(file);

  BOOST_TEST(whole.warnings.empty());
  BOOST_TEST(cut.packets.size() == whole.packets.size() - 1);
  BOOST_TEST(warns(cut, "cut.pcap ends inside frame 56: it is cut off"));
}

BOOST_AUTO_TEST_CASE(is_read_as_far_as_it_goes_and_says_so_of_a_pcapng) {
  PcapngBuilder capture;
  capture.interface(1, "eth0");
  for (std::uint64_t i = 1; i <= 3; ++i) {
    capture.packet(0, i * 1'000'000,
                   udp_frame("192.0.2.1:5000", "192.0.2.2:6000", as_octets("hello")));
  }
  auto octets = capture.bytes();
  octets.resize(octets.size() - 5);
  const ScratchFolder folder;

  const auto cut = loaded(folder.write("cut.pcapng", octets));

  BOOST_TEST(cut.packets.size() == 2u);
  BOOST_TEST(warns(cut, "cut.pcapng ends inside block 5, after frame 2: it is cut off"));
}

BOOST_AUTO_TEST_CASE(is_read_as_far_as_it_goes_and_says_so_of_a_trace) {
  PcapngBuilder capture;
  capture.interface(1, "pc.eth0")
      .packet(0, 1'767'225'601'000'000'000,
              udp_frame("192.0.2.1:5000", "192.0.2.2:6000", as_octets("hello")));
  const ScratchFolder folder;
  folder.write("capture.pcapng", capture.bytes());
  folder.write("trace.jsonl",
               std::string{kTraceHeader} + "\n{\"time\":1.0,\"name\":\"a:b\"}\n{\"time\":2.0,\"na");

  const auto cut = loaded(folder.path());

  BOOST_TEST(cut.trace.size() == 1u);
  BOOST_TEST(warns(cut, "trace.jsonl ends inside line 3: it is cut off"));
}

BOOST_AUTO_TEST_CASE(before_its_first_packet_is_refused_as_empty) {
  const ScratchFolder folder;
  const auto file = folder.path() / "cut.pcap";
  std::filesystem::copy_file(kData / "recordings/chromium-pion-dc/capture.pcap", file);
  std::filesystem::resize_file(file, 30);

  BOOST_TEST(complaint(file).find("has no packets: it is cut off inside frame 1") !=
             std::string::npos);
}

// A stranger's find: what was answered between a packet and its copy was held to come too early.
BOOST_AUTO_TEST_CASE(of_two_copies_the_first_that_arrived_counts) {
  Evidence evidence;
  evidence.parties = {{.name = "alice", .kind = PartyKind::Peer},
                      {.name = "home", .kind = PartyKind::Nat},
                      {.name = "bob", .kind = PartyKind::Peer}};
  evidence.interfaces = {{.party = 0}, {.party = 1}, {.party = 2}};
  const auto seen = [&](std::size_t interface, Direction direction, Duration at,
                        std::string comment) {
    Packet packet;
    packet.interface = interface;
    packet.direction = direction;
    packet.at = at;
    packet.comment = std::move(comment);
    evidence.packets.push_back(packet);
  };
  seen(0, Direction::Outbound, 0ms, "");
  seen(1, Direction::Inbound, 1ms, "");
  seen(2, Direction::Inbound, 2ms, "");
  seen(1, Direction::Inbound, 3ms, "link alice-home: a copy of the one before");
  seen(2, Direction::Inbound, 4ms, "");
  Datagram datagram;
  datagram.packets = {0, 1, 2, 3, 4};
  BOOST_TEST((evidence.last_packet(datagram).at == 2ms));

  evidence.packets[2].comment = "dropped by bob: a wrong checksum";
  BOOST_TEST((evidence.last_packet(datagram).at == 4ms));
  datagram.packets = {0, 1};
  BOOST_TEST((evidence.last_packet(datagram).at == 1ms));
}

BOOST_AUTO_TEST_SUITE_END()
