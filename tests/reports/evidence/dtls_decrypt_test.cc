#include "reports/evidence/dtls_decrypt.h"

#include "agents/base/rng.h"
#include "reports/evidence/dtls_keys.h"
#include "reports/evidence/load.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

using namespace rtclab;
using namespace rtclab::evidence;

namespace {

const std::filesystem::path kCapture =
    std::filesystem::path{RTCLAB_TEST_DATA} / "reports/encrypted-call";

Evidence the_call() {
  return load(kCapture).value();
}

// Forgets what was decrypted, so that a test can decrypt again with other keys or octets.
void forget(Evidence& evidence) {
  for (auto& packet : evidence.packets) {
    packet.dissection = dissect_udp(packet.source, packet.destination, packet.payload);
  }
}

const std::vector<DtlsRecord>& records_of(const Packet& packet) {
  const auto& carried = packet.dissection.carried;
  return carried ? carried->dissection.dtls : packet.dissection.dtls;
}

// What could be read of the application data, a line for each record.
std::vector<std::string> opened(const Evidence& evidence) {
  std::vector<std::string> texts;
  for (const auto& packet : evidence.packets) {
    for (const auto& record : records_of(packet)) {
      if (!record.sctp.empty()) texts.push_back(text_of(record.sctp));
    }
  }
  return texts;
}

// Octets of a packet of the call, as the first packet.
Evidence with_payload(Evidence evidence, std::size_t packet, Bytes payload) {
  evidence.packets[packet].payload = std::move(payload);
  forget(evidence);
  decrypt_dtls(evidence);
  return evidence;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decrypting_dtls)

// What tshark 4.0.17 shows of it with the same keys.
BOOST_AUTO_TEST_CASE(shows_the_association_the_channel_and_the_messages_of_a_call) {
  const std::vector<std::string> expected{"INIT",
                                          "INIT",
                                          "INIT ACK",
                                          "INIT ACK",
                                          "COOKIE ECHO, DATA: open \"chat\"",
                                          "COOKIE ECHO",
                                          "COOKIE ACK",
                                          "COOKIE ACK, SACK",
                                          "DATA: open ACK",
                                          "SACK",
                                          "\"Hello Bob\"",
                                          "SACK, \"Hello Alice\"",
                                          "SACK"};

  BOOST_TEST(opened(the_call()) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(is_told_in_the_summary_of_the_packet) {
  const auto evidence = the_call();

  BOOST_TEST(evidence.packets.front().dissection.summary() == "ClientHello");
  BOOST_TEST(evidence.packets[4].dissection.summary() == "application data: INIT");
}

BOOST_AUTO_TEST_CASE(needs_a_key_and_the_right_one) {
  auto evidence = the_call();
  forget(evidence);
  auto line = evidence.secrets.at(0);

  for (const auto& secrets : std::vector<std::vector<std::string>>{
           {}, {""}, {"CLIENT_RANDOM"}, {line.substr(0, line.size() - 1)}, {line + "0"}}) {
    evidence.secrets = secrets;
    decrypt_dtls(evidence);
    BOOST_TEST(opened(evidence).empty());
  }
  line.back() = line.back() == '0' ? '1' : '0';
  evidence.secrets = {line};
  decrypt_dtls(evidence);
  BOOST_TEST(opened(evidence).empty());
  BOOST_TEST(evidence.packets[4].dissection.summary() == "application data");
}

BOOST_AUTO_TEST_CASE(finds_its_key_among_those_of_other_calls) {
  auto evidence = the_call();
  const auto expected = opened(evidence);
  forget(evidence);
  auto other = evidence.secrets.at(0);
  other.back() = other.back() == '0' ? '1' : '0';
  evidence.secrets.insert(evidence.secrets.begin(), other);

  decrypt_dtls(evidence);

  BOOST_TEST(opened(evidence) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reads_what_a_relay_carries) {
  auto evidence = the_call();
  const auto expected = opened(evidence);
  for (auto& packet : evidence.packets) {
    packet.payload =
        ByteWriter{}.u16(0x4000).u16(packet.payload.size()).octets(packet.payload).take();
  }
  forget(evidence);

  decrypt_dtls(evidence);

  BOOST_TEST(opened(evidence) == expected, boost::test_tools::per_element());
  BOOST_TEST(evidence.packets[4].dissection.summary() ==
             "ChannelData 0x4000: application data: INIT");
}

BOOST_AUTO_TEST_CASE(shows_nothing_of_a_record_with_one_octet_changed) {
  const auto evidence = the_call();
  const auto expected = opened(evidence).size();
  const auto payload = evidence.packets[4].payload;

  for (std::size_t i = 0; i < payload.size(); ++i) {
    auto changed = payload;
    changed[i] ^= std::byte{1};
    BOOST_TEST(opened(with_payload(evidence, 4, changed)).size() == expected - 1);
  }
}

BOOST_AUTO_TEST_CASE(of_garbage_and_of_every_truncation_is_harmless) {
  const auto evidence = the_call();
  SeededRng rng{1};

  for (const std::size_t packet : {0u, 1u, 4u}) {
    const auto& payload = evidence.packets[packet].payload;
    for (std::size_t length = 0; length < payload.size(); length += 3) {
      BOOST_CHECK_NO_THROW(
          with_payload(evidence, packet,
                       {payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length)}));
    }
    for (int round = 0; round < 100; ++round) {
      auto changed = payload;
      for (int i = 0; i < 4; ++i) {
        changed[rng.below(changed.size())] = static_cast<std::byte>(rng.below(256));
      }
      BOOST_CHECK_NO_THROW(with_payload(evidence, packet, changed));
    }
  }
}

// Recorded between `openssl s_client` and `openssl s_server` 3.0, DTLS 1.2.
BOOST_AUTO_TEST_CASE(knows_aes_256_and_its_longer_hash) {
  const auto entry = KeyLogEntry::parse(
      "CLIENT_RANDOM 45ab8a3f0f0c305e7f6281bc3bc9993d9f9ecc0e42da3fe60aa0fa48708b14bd "
      "279934b8e80b9c39fd1f18abacd5923fcb3c653669813cad96d0e41b74b68d0ee9de34424c25f6caa513f05a937d"
      "7ccd");
  BOOST_REQUIRE(entry);
  Hellos hellos{.client_random = entry->client_random, .cipher_suite = 0xc030};
  const auto random = from_hex("4ccff20f8e9b022e13033858d609ae2ece433bd9e853098607ab20f2f94a5d21");
  std::ranges::copy(random, hellos.server_random.begin());
  const auto keys = DtlsKeys::derive(entry->master_secret, hellos);
  BOOST_REQUIRE(keys);
  DtlsRecord record;
  record.content_type = 23;
  record.version = 0xfefd;
  record.epoch = 1;
  record.sequence = 1;
  const auto content =
      from_hex("e5697d4e5b21d288c4868487b378c1f988f05f0246c2628504ad773c7875cfff8419cb5d66519890");

  const auto plain = keys->open(Writer::Client, record, content);

  BOOST_REQUIRE(plain);
  BOOST_TEST(as_text(*plain) == "What Alice says\n");
  BOOST_TEST(!keys->open(Writer::Server, record, content).has_value());
}

BOOST_AUTO_TEST_CASE(leaves_other_suites_alone) {
  // TLS_AES_128_GCM_SHA256 of DTLS 1.3, and one with CBC.
  for (const std::uint16_t suite : std::to_array<std::uint16_t>({0x1301, 0xc009})) {
    BOOST_TEST(!DtlsKeys::derive({}, Hellos{.cipher_suite = suite}).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
