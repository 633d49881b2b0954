// Also the guard of the technique in agents/dtls/openssl_bio.h: if OpenSSL ever stops handing out
// the pointer to its deadline, or reads another clock, these cases fail.
#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::dtls {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::kOneWay;
using test::Pair;

std::vector<double> in_seconds(const std::vector<Instant>& instants) {
  std::vector<double> seconds;
  for (const auto at : instants)
    seconds.push_back(std::chrono::duration<double>(at.time_since_epoch()).count());
  return seconds;
}

BOOST_AUTO_TEST_SUITE(dtls_retransmission)

BOOST_AUTO_TEST_CASE(a_flight_without_answer_is_repeated_after_1_2_4_seconds_and_so_on_to_60) {
  Pair pair{1, [](std::size_t, const test::Sent&) { return std::vector<Duration>{}; }};

  pair.start();
  pair.run_until([&] { return pair.client.resent.size() == 9; });

  const std::vector<double> expected{1, 3, 7, 15, 31, 63, 123, 183, 243};
  BOOST_TEST(in_seconds(pair.client.resent) == expected, boost::test_tools::per_element());
  BOOST_TEST(pair.sent.size() == 10u);
}

BOOST_AUTO_TEST_CASE(after_twelve_repetitions_it_fails) {
  Pair pair{1, [](std::size_t, const test::Sent&) { return std::vector<Duration>{}; }};

  pair.start();
  pair.run_until_quiet();

  BOOST_TEST((pair.client.endpoint.state() == State::Failed));
  BOOST_REQUIRE(pair.client.first<Failed>() != nullptr);
  BOOST_TEST(pair.client.first<Failed>()->reason == "no answer to the handshake");
  BOOST_TEST(!pair.client.endpoint.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(the_next_flight_begins_at_one_second_again) {
  // Lost: the first two ClientHellos, and the client's second flight once.
  Pair pair{1, test::losing({0, 1, 4})};
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  const auto server_flight_arrives = std::chrono::duration<double>(3s + 2 * kOneWay).count();
  const std::vector<double> client{1, 3, server_flight_arrives + 1};
  BOOST_TEST(in_seconds(pair.client.resent) == client, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_repeated_flight_travels_in_as_few_datagrams_as_the_first) {
  Pair pair{1, test::losing({1, 4})};
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());

  const auto flight =
      "ServerHello Certificate ServerKeyExchange CertificateRequest ServerHelloDone";
  BOOST_TEST(test::records(pair.sent.at(1).bytes) == flight);
  BOOST_TEST(test::records(pair.sent.at(2).bytes) == "ClientHello");
  BOOST_TEST(test::records(pair.sent.at(3).bytes) == flight);
}

BOOST_AUTO_TEST_CASE(nothing_is_repeated_before_the_timer_fires) {
  Pair pair{1, [](std::size_t, const test::Sent&) { return std::vector<Duration>{}; }};
  pair.start();

  for (auto at = Instant{}; at < Instant{1s}; at += 100ms) pair.client.endpoint.handle_timeout(at);
  pair.client.endpoint.handle_datagram(Instant{900ms}, to_octets("noise"));
  pair.drain();

  BOOST_TEST(pair.sent.size() == 1u);
  BOOST_TEST((pair.client.endpoint.next_wakeup()->at == Instant{1s}));
}

BOOST_DATA_TEST_CASE(any_single_datagram_may_be_lost, data::xrange(4), lost) {
  Pair pair{1, test::losing({static_cast<std::size_t>(lost)})};
  pair.exchange_fingerprints();

  pair.start();

  BOOST_TEST(pair.run_until_connected());
  BOOST_TEST((pair.now < Instant{1s + 10 * kOneWay}));
}

BOOST_AUTO_TEST_CASE(a_lost_last_flight_is_repeated_when_the_client_repeats_its_own) {
  Pair pair{1, test::losing({3})};
  pair.exchange_fingerprints();

  pair.start();
  BOOST_REQUIRE(pair.run_until([&] { return pair.server.endpoint.state() == State::Connected; }));
  BOOST_TEST((pair.client.endpoint.state() == State::Connecting));
  BOOST_TEST(!pair.server.endpoint.next_wakeup().has_value());
  BOOST_TEST(pair.run_until_connected());

  BOOST_TEST(pair.server.resent.empty());
}

BOOST_DATA_TEST_CASE(completes_at_30_percent_loss, data::xrange(60), seed) {
  SeededRng dice{static_cast<std::uint64_t>(seed)};
  Pair pair{static_cast<std::uint64_t>(seed), [&](std::size_t, const test::Sent&) {
              return dice.uniform() < 0.3 ? std::vector<Duration>{}
                                          : std::vector<Duration>{kOneWay};
            }};
  pair.exchange_fingerprints();

  pair.start();

  BOOST_TEST(pair.run_until_connected(1200s));
}

BOOST_DATA_TEST_CASE(completes_when_datagrams_are_reordered_and_doubled, data::xrange(40), seed) {
  SeededRng dice{static_cast<std::uint64_t>(seed)};
  const Options small{.mtu = 300};  // several datagrams a flight
  Pair pair{
      static_cast<std::uint64_t>(seed),
      [&](std::size_t, const test::Sent&) {
        std::vector<Duration> copies{Duration{static_cast<Duration::rep>(dice.below(200'000'000))}};
        if (dice.uniform() < 0.3) copies.push_back(copies.front() + 50ms);
        return copies;
      },
      small};
  pair.exchange_fingerprints();

  pair.start();

  BOOST_TEST(pair.run_until_connected());
}

BOOST_DATA_TEST_CASE(a_hello_in_fragments_out_of_order_is_understood, data::make({40, 57, 100}),
                     size) {
  // Browsers send 1.4 kB ClientHellos in two datagrams. The fragments take the record numbers of
  // hellos that were lost, so that they do not collide with those of the flight that follows.
  constexpr std::size_t kLost = 6;
  Pair pair{1, [](std::size_t index, const test::Sent&) {
              return index < kLost ? std::vector<Duration>{} : std::vector<Duration>{kOneWay};
            }};
  pair.exchange_fingerprints();
  pair.start();
  pair.run_until([&] { return pair.sent.size() == kLost; });

  auto fragments = test::refragment(pair.sent.back().bytes, static_cast<std::size_t>(size));
  BOOST_TEST_REQUIRE(fragments.size() >= 2u);
  BOOST_TEST_REQUIRE(fragments.size() <= kLost);
  std::ranges::reverse(fragments);
  for (auto& fragment : fragments) pair.inject(pair.server, std::move(fragment));

  BOOST_TEST(pair.run_until_connected(500ms));
}

BOOST_DATA_TEST_CASE(garbage_does_not_disturb, data::xrange(50), seed) {
  SeededRng dice{static_cast<std::uint64_t>(seed)};
  Pair pair{static_cast<std::uint64_t>(seed)};
  pair.exchange_fingerprints();
  pair.start();

  while (!pair.connected()) {
    for (auto* side : {&pair.client, &pair.server}) {
      Bytes noise(dice.below(200));
      dice.fill(noise);
      // As RFC 7983 would let through: the first octet says DTLS. Epoch 3 does not exist yet.
      if (noise.size() > 5) {
        noise[0] = static_cast<std::byte>(20 + dice.below(44));
        noise[4] = std::byte{3};
      }
      pair.inject(*side, std::move(noise));
    }
    BOOST_REQUIRE(pair.step());  // the noise
    BOOST_REQUIRE(pair.step());  // the handshake
  }

  BOOST_TEST(pair.connected());
}

BOOST_DATA_TEST_CASE(truncated_and_bent_datagrams_never_crash, data::xrange(80), seed) {
  SeededRng dice{static_cast<std::uint64_t>(seed)};
  Pair pair{static_cast<std::uint64_t>(seed)};
  pair.exchange_fingerprints();
  pair.start();

  for (int i = 0; i < 40 && !pair.sent.empty(); ++i) {
    auto bent = pair.sent[dice.below(pair.sent.size())].bytes;
    bent.resize(dice.below(bent.size() + 1));
    if (!bent.empty()) bent[dice.below(bent.size())] ^= static_cast<std::byte>(1u << dice.below(8));
    pair.inject(dice.below(2) == 0 ? pair.client : pair.server, std::move(bent));
    pair.step();
  }
  pair.run_until_quiet();

  // An unauthenticated first flight may be spoilt by whoever is on the path; then it fails, and
  // says so.
  for (const auto* side : {&pair.client, &pair.server}) {
    const bool failed = side->endpoint.state() == State::Failed;
    BOOST_TEST(failed == (side->template first<Failed>() != nullptr));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::dtls
