#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::dtls {
namespace {

using namespace std::chrono_literals;
using test::kOneWay;
using test::Pair;

BOOST_AUTO_TEST_SUITE(dtls_handshake)

BOOST_AUTO_TEST_CASE(takes_four_flights_in_two_round_trips) {
  Pair pair;
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  BOOST_TEST_REQUIRE(pair.sent.size() == 4u);
  BOOST_TEST(test::records(pair.sent[0].bytes) == "ClientHello");
  BOOST_TEST(test::records(pair.sent[1].bytes) ==
             "ServerHello Certificate ServerKeyExchange CertificateRequest ServerHelloDone");
  BOOST_TEST(test::records(pair.sent[2].bytes) ==
             "Certificate ClientKeyExchange CertificateVerify ChangeCipherSpec [Finished]");
  BOOST_TEST(test::records(pair.sent[3].bytes) == "ChangeCipherSpec [Finished]");
  BOOST_TEST(((pair.now - Instant{}) == 4 * kOneWay));
}

BOOST_AUTO_TEST_CASE(agrees_on_the_suite_that_webrtc_asks_for_and_on_srtp) {
  Pair pair;
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  for (const auto* side : {&pair.client, &pair.server}) {
    BOOST_REQUIRE(side->first<Connected>() != nullptr);
    BOOST_TEST(side->first<Connected>()->version == "DTLSv1.2");
    BOOST_TEST(side->first<Connected>()->cipher_suite == "ECDHE-ECDSA-AES128-GCM-SHA256");
    BOOST_TEST(side->first<Connected>()->srtp_profile == "SRTP_AEAD_AES_128_GCM");
  }
  BOOST_TEST(to_hex(pair.client.endpoint.export_keying_material("EXTRACTOR-dtls_srtp", 56)) ==
             to_hex(pair.server.endpoint.export_keying_material("EXTRACTOR-dtls_srtp", 56)));
}

struct SrtpCase {
  std::string_view client;
  std::string_view server;
  std::string_view agreed;
};
std::ostream& operator<<(std::ostream& out, const SrtpCase& row) {
  return out << '"' << row.client << "\" to \"" << row.server << '"';
}
// The server's order decides; where one side has none, or none is common, there is no profile and
// the handshake goes on (RFC 5764 §4.1.1).
const std::vector<SrtpCase> kSrtpCases{
    {"SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
     "SRTP_AES128_CM_SHA1_80"},
    {"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
     "SRTP_AEAD_AES_128_GCM"},
    {"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM",
     "SRTP_AEAD_AES_256_GCM"},
    {"", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", ""},
    {"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", "", ""},
    {"SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80", ""},
};

BOOST_DATA_TEST_CASE(connects_whatever_the_sides_know_of_srtp,
                     boost::unit_test::data::make(kSrtpCases), row) {
  Options client;
  client.srtp_profiles = row.client;
  Options server;
  server.srtp_profiles = row.server;
  Pair pair{1, test::lossless(), client, server};
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  BOOST_TEST(pair.client.first<Connected>()->srtp_profile == row.agreed);
  BOOST_TEST(pair.server.first<Connected>()->srtp_profile == row.agreed);
}

BOOST_AUTO_TEST_CASE(carries_data_both_ways_each_send_one_record) {
  Pair pair;
  pair.exchange_fingerprints();
  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  pair.send(pair.client, "ping");
  pair.send(pair.client, "ping again");
  pair.send(pair.server, "pong");
  pair.run_until_quiet();

  BOOST_TEST(pair.server.messages() == (std::vector<std::string>{"ping", "ping again"}),
             boost::test_tools::per_element());
  BOOST_TEST(pair.client.messages() == std::vector<std::string>{"pong"},
             boost::test_tools::per_element());
  BOOST_TEST(pair.sent.back().bytes.size() == 4 + kRecordOverhead);
}

BOOST_AUTO_TEST_CASE(tells_the_secret_before_the_finished_message_leaves) {
  Pair pair;
  pair.exchange_fingerprints();
  pair.start();
  pair.step();  // the server has answered the hello
  pair.now += 2 * kOneWay;
  auto& client = pair.client.endpoint;
  client.handle_datagram(pair.now, pair.sent.at(1).bytes);

  bool secret_known = false;
  bool finished_seen = false;
  while (auto output = client.poll_output()) {
    if (const auto* bytes = std::get_if<Bytes>(&*output)) {
      finished_seen |= test::records(*bytes).ends_with("[Finished]");
      BOOST_TEST(secret_known);
    } else {
      const auto& event = std::get<rtclab::Event>(*output);
      if (event.name != "dtls:key_log") continue;
      BOOST_TEST(std::get<std::string>(*event.find("nss_line")).starts_with("CLIENT_RANDOM "));
      secret_known = true;
    }
  }
  BOOST_TEST(finished_seen);
}

BOOST_AUTO_TEST_CASE(both_sides_tell_the_same_secret) {
  Pair pair;
  pair.exchange_fingerprints();
  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  BOOST_REQUIRE(pair.client.first<Secrets>() && pair.server.first<Secrets>());
  BOOST_TEST(pair.client.first<Secrets>()->nss_line == pair.server.first<Secrets>()->nss_line);
  BOOST_TEST(pair.client.first<Secrets>()->nss_line.size() == 14u + 64 + 1 + 96);
}

BOOST_AUTO_TEST_CASE(close_is_noticed_by_the_other_side) {
  Pair pair;
  pair.exchange_fingerprints();
  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  pair.client.endpoint.close(pair.now);
  pair.drain();
  pair.run_until_quiet();

  BOOST_TEST((pair.client.endpoint.state() == State::Closed));
  BOOST_TEST((pair.server.endpoint.state() == State::Closed));
  BOOST_TEST((pair.server.first<Closed>() != nullptr));
  BOOST_TEST((pair.client.first<Closed>() == nullptr));
}

BOOST_AUTO_TEST_CASE(no_datagram_is_larger_than_the_mtu) {
  for (const std::size_t mtu : {228u, 400u, 576u, 1200u}) {
    Pair pair{1, test::losing({1, 4}), {.mtu = mtu}};
    pair.exchange_fingerprints();

    pair.start();
    BOOST_TEST(pair.run_until_connected());

    for (const auto& sent : pair.sent) BOOST_TEST(sent.bytes.size() <= mtu);
  }
}

BOOST_AUTO_TEST_CASE(starting_twice_or_closing_before_the_start_does_no_harm) {
  Pair pair;
  pair.exchange_fingerprints();
  pair.start();
  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());
  BOOST_TEST(pair.sent.size() == 4u);

  Pair closed;
  closed.client.endpoint.close(closed.now);
  closed.start();
  BOOST_TEST(closed.sent.empty());
  BOOST_TEST((closed.client.endpoint.state() == State::Closed));
}

BOOST_AUTO_TEST_CASE(a_second_run_in_the_process_repeats_every_octet) {
  const auto run = [](std::uint64_t seed) {
    Pair pair{seed, test::losing({1, 3, 5})};
    pair.exchange_fingerprints();
    pair.start();
    pair.run_until_connected();
    pair.send(pair.client, "hello");
    pair.client.endpoint.close(pair.now);
    pair.drain();
    pair.run_until_quiet();
    return to_hex(test::history(pair));
  };

  const auto first = run(7);
  const auto other_seed = run(8);
  const auto again = run(7);

  BOOST_TEST((first == again));
  BOOST_TEST((first != other_seed));
}

BOOST_AUTO_TEST_CASE(two_pairs_that_take_turns_do_not_influence_each_other) {
  const auto alone = [] {
    Pair pair{7};
    pair.exchange_fingerprints();
    pair.start();
    pair.run_until_quiet();
    return to_hex(test::history(pair));
  }();

  Pair one{7};
  Pair two{9};
  for (auto* pair : {&one, &two}) {
    pair->exchange_fingerprints();
    pair->start();
  }
  for (bool busy = true; busy;) {
    busy = one.step();
    busy |= two.step();
  }

  BOOST_TEST((to_hex(test::history(one)) == alone));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::dtls
