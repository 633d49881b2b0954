// Two peers on one machine: they have one address, and differ in their ports only.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "reports/evidence/load.h"
#include "tests/reports/evidence/pcapng_builder.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace rtclab::evidence {
namespace {

using test::PcapngBuilder;
using test::ScratchFolder;
using test::udp_frame;

constexpr std::uint64_t kBegin = 1'767'225'601'000'000'000;  // a second into the trace below

constexpr std::string_view kAlice = "127.0.0.1:5000";
constexpr std::string_view kBob = "127.0.0.1:6000";
constexpr std::string_view kTurn = "127.0.0.1:3478";

stun::Message binding(stun::Class cls, unsigned number) {
  stun::Message message;
  message.cls = cls;
  message.method = stun::Method::Binding;
  message.transaction.octets.back() = static_cast<std::byte>(number);
  return message;
}
Bytes check(std::string_view username, unsigned number) {
  auto message = binding(stun::Class::Request, number);
  message.add(stun::Username{std::string{username}}).add(stun::Priority{1});
  return stun::seal(message, {.key = stun::short_term_key("password"), .fingerprint = true});
}
Bytes bare_request(unsigned number) {
  return stun::seal(binding(stun::Class::Request, number), {.key = {}, .fingerprint = true});
}

std::string description(std::string_view ufrag) {
  return fmt::format(
      "v=0\\r\\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\n"
      "a=mid:0\\r\\na=ice-ufrag:{}\\r\\n",
      ufrag);
}
std::string candidate(std::string_view at) {
  const auto colon = at.find(':');
  return fmt::format("candidate:1 1 udp 2130706431 {} {} typ host", at.substr(0, colon),
                     at.substr(colon + 1));
}

// What a page with two connections, captured at lo, leaves. Bob's candidate is told when `tells`.
std::string signalling(bool tells) {
  std::string text =
      fmt::format(R"([{{"t":1767225600.5,"from":"a","type":"offer","sdp":"{}"}},)"
                  R"({{"t":1767225600.5,"from":"b","type":"answer","sdp":"{}"}},)"
                  R"({{"t":1767225600.5,"from":"a","type":"candidate","candidate":"{}"}})",
                  description("aliU"), description("bobU"), candidate(kAlice));
  if (tells) {
    text += fmt::format(R"(,{{"t":1767225600.5,"from":"b","type":"candidate","candidate":"{}"}})",
                        candidate(kBob));
  }
  return text + "]";
}

Evidence recorded(const PcapngBuilder& capture, bool tells) {
  const ScratchFolder folder;
  folder.write("capture.pcapng", capture.bytes());
  folder.write("signalling.json", signalling(tells));
  auto evidence = load(folder.path());
  BOOST_REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().to_string()));
  return std::move(*evidence);
}

// "a > b", "a > turn".
std::string way(const Evidence& evidence, std::size_t datagram) {
  const auto name = [&](std::optional<PartyIndex> party) {
    return party ? evidence.parties[*party].name : "?";
  };
  const auto& each = evidence.datagrams.at(datagram);
  return name(each.from) + " > " + name(each.to);
}

BOOST_AUTO_TEST_SUITE(peers_at_one_address)

BOOST_AUTO_TEST_CASE(are_told_apart_by_the_ports_of_their_candidates) {
  PcapngBuilder capture;
  capture.interface(1, "lo")
      .packet(0, kBegin, udp_frame(kAlice, kBob, check("bobU:aliU", 1)))
      .packet(0, kBegin + 1, udp_frame(kBob, kAlice, as_octets("anything")));

  const auto evidence = recorded(capture, true);

  BOOST_TEST(way(evidence, 0) == "a > b");
  BOOST_TEST(way(evidence, 1) == "b > a");
  BOOST_TEST(evidence.parties.at(1).addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(are_told_apart_by_the_ufrags_of_checks_where_a_port_was_not_signalled) {
  PcapngBuilder capture;
  capture.interface(1, "lo")
      .packet(0, kBegin, udp_frame(kBob, kAlice, check("aliU:bobU", 1)))
      .packet(0, kBegin + 1, udp_frame(kAlice, kBob, as_octets("anything")));

  const auto evidence = recorded(capture, false);

  BOOST_TEST(way(evidence, 0) == "b > a");
  BOOST_TEST(way(evidence, 1) == "a > b");
}

BOOST_AUTO_TEST_CASE(are_told_apart_from_the_server_beside_them) {
  PcapngBuilder capture;
  capture.interface(1, "lo")
      .packet(0, kBegin, udp_frame(kAlice, kTurn, bare_request(1)))
      .packet(0, kBegin + 1, udp_frame(kAlice, kBob, check("bobU:aliU", 2)))
      .packet(0, kBegin + 2, udp_frame(kBob, kTurn, bare_request(3)));

  const auto evidence = recorded(capture, true);

  BOOST_TEST(way(evidence, 0) == "a > stun");
  BOOST_TEST(way(evidence, 1) == "a > b");
  BOOST_TEST(way(evidence, 2) == "b > stun");
}

// docs/live.md begins with it.
BOOST_AUTO_TEST_CASE(are_told_apart_in_a_live_run_of_one_of_them) {
  PcapngBuilder capture;
  const auto in = capture.number32(1);
  const auto out = capture.number32(2);
  capture.interface(1, "alice.lo")
      .packet(0, kBegin, udp_frame(kBob, kAlice, check("aliU:bobU", 1)), {{2, in}})
      .packet(0, kBegin + 1, udp_frame(kAlice, kBob, check("bobU:aliU", 2)), {{2, out}});
  const auto sent = [](std::string_view from, std::string_view to, std::string_view rest) {
    return fmt::format(
        R"({{"time":500.0,"vantage":"{0}","name":"signalling:sent","data":{{"id":"{0}","from":"{0}","to":"{1}",{2}}}}})"
        "\n",
        from, to, rest);
  };
  const ScratchFolder folder;
  folder.write("capture.pcapng", capture.bytes());
  folder.write(
      "trace.jsonl",
      R"({"title":"t","common_fields":{"reference_time":{"epoch":"2026-01-01T00:00:00.000Z"}},"vantage_points":[{"name":"alice","type":"peer","machine":"alice","interfaces":[{"name":"lo","address":"127.0.0.1"}]},{"name":"bob","type":"peer","machine":"bob","interfaces":[]}]})"
      "\n" +
          sent("alice", "bob",
               fmt::format(R"("type":"candidate","candidate":"{}")", candidate(kAlice))) +
          sent("bob", "alice",
               fmt::format(R"("type":"candidate","candidate":"{}")", candidate(kBob))));

  auto evidence = load(folder.path());

  BOOST_REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().to_string()));
  BOOST_TEST(way(*evidence, 0) == "bob > alice");
  BOOST_TEST(way(*evidence, 1) == "alice > bob");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::evidence
