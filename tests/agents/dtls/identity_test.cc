#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::dtls {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::Pair;

std::vector<Fingerprint> somebody_elses() {
  SeededRng rng{4711};
  return {Certificate::generate(rng).fingerprint()};
}

constexpr const char* kMismatch =
    "the peer's certificate matches none of the signalled fingerprints";

BOOST_AUTO_TEST_SUITE(dtls_identity)

BOOST_AUTO_TEST_CASE(a_fingerprint_is_upper_case_hexadecimal_of_the_certificates_sha_256) {
  SeededRng rng{1};

  const auto certificate = Certificate::generate(rng);

  BOOST_TEST(certificate.fingerprint().algorithm == "sha-256");
  BOOST_TEST(certificate.fingerprint().value.size() == 32u * 3 - 1);
  BOOST_TEST(certificate.fingerprint().value.find_first_not_of("0123456789ABCDEF:") ==
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_same_seed_and_day_give_the_same_certificate) {
  const auto make = [](std::uint64_t seed, CalendarTime day) {
    SeededRng rng{seed};
    return Certificate::generate(rng, day).fingerprint();
  };

  BOOST_TEST((make(1, kEpoch) == make(1, kEpoch)));
  BOOST_TEST((make(1, kEpoch) != make(2, kEpoch)));
  BOOST_TEST((make(1, kEpoch) != make(1, CalendarTime{kEpoch.value() + 86400})));
}

BOOST_AUTO_TEST_CASE(letter_case_does_not_matter_when_fingerprints_are_compared) {
  const Fingerprint a{"sha-256", "AB:CD"};

  BOOST_TEST(a.matches({"SHA-256", "ab:cd"}));
  BOOST_TEST(!a.matches({"sha-256", "AB:CE"}));
  BOOST_TEST(!a.matches({"sha-1", "AB:CD"}));
}

BOOST_AUTO_TEST_CASE(late_fingerprints_hold_back_the_connection_and_nothing_else) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, {pair.server.certificate.fingerprint()});
  pair.start();
  pair.run_until_quiet();
  BOOST_TEST((pair.client.endpoint.state() == State::Connected));
  BOOST_TEST((pair.server.endpoint.state() == State::Connecting));
  BOOST_TEST((pair.server.first<Connected>() == nullptr));

  pair.send(pair.client, "early");
  pair.run_until_quiet();
  BOOST_TEST(pair.server.messages().empty());

  pair.server.endpoint.set_remote_fingerprints(pair.now, {pair.client.certificate.fingerprint()});
  pair.drain();

  BOOST_TEST((pair.server.endpoint.state() == State::Connected));
  BOOST_TEST(
      std::holds_alternative<Connected>(pair.server.events.at(pair.server.events.size() - 2)));
  BOOST_TEST(pair.server.messages() == std::vector<std::string>{"early"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_fingerprints_nobody_is_ever_connected) {
  Pair pair;

  pair.start();
  pair.run_until_quiet();

  BOOST_TEST((pair.client.endpoint.state() == State::Connecting));
  BOOST_TEST((pair.server.endpoint.state() == State::Connecting));
}

BOOST_AUTO_TEST_CASE(only_so_many_early_records_are_kept) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, {pair.server.certificate.fingerprint()});
  pair.start();
  pair.run_until_quiet();

  for (int i = 0; i < 1000; ++i) pair.send(pair.client, std::to_string(i));
  pair.run_until_quiet();
  pair.server.endpoint.set_remote_fingerprints(pair.now, {pair.client.certificate.fingerprint()});
  pair.drain();

  BOOST_TEST(pair.server.messages().size() == 64u);
  BOOST_TEST(pair.server.messages().front() == "0");
}

BOOST_AUTO_TEST_CASE(a_client_that_meets_a_stranger_says_bad_certificate) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, somebody_elses());
  pair.server.endpoint.set_remote_fingerprints(pair.now, {pair.client.certificate.fingerprint()});

  pair.start();
  pair.run_until_quiet();

  BOOST_TEST((pair.client.endpoint.state() == State::Failed));
  BOOST_TEST(pair.client.first<Failed>()->reason == kMismatch);
  BOOST_TEST(test::records(pair.sent.back().bytes) == "alert 42");
  BOOST_TEST((pair.server.endpoint.state() == State::Failed));
  BOOST_TEST(pair.server.first<Failed>()->reason.find("bad certificate") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_meets_a_stranger_says_bad_certificate) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, {pair.server.certificate.fingerprint()});
  pair.server.endpoint.set_remote_fingerprints(pair.now, somebody_elses());

  pair.start();
  pair.run_until_quiet();

  BOOST_TEST((pair.server.endpoint.state() == State::Failed));
  BOOST_TEST(pair.server.first<Failed>()->reason == kMismatch);
  BOOST_TEST((pair.client.endpoint.state() == State::Failed));
  BOOST_TEST(pair.client.first<Failed>()->reason.find("bad certificate") != std::string::npos);
}

BOOST_DATA_TEST_CASE(a_stranger_found_out_late_gets_an_encrypted_bad_certificate,
                     data::make({0, 1, 5}), already_sent) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, {pair.server.certificate.fingerprint()});
  pair.start();
  pair.run_until_quiet();
  // The peer's repeated Finished makes us repeat ours: the record number of the alert must follow
  // suit.
  for (int i = 0; i < already_sent; ++i) pair.inject(pair.server, pair.sent.at(2).bytes);
  pair.run_until_quiet();

  pair.server.endpoint.set_remote_fingerprints(pair.now, somebody_elses());
  pair.drain();
  pair.run_until_quiet();

  BOOST_TEST((pair.server.endpoint.state() == State::Failed));
  BOOST_TEST(pair.server.first<Failed>()->reason == kMismatch);
  BOOST_TEST(test::records(pair.sent.back().bytes) == "[alert]");
  BOOST_TEST((pair.client.endpoint.state() == State::Failed));
  BOOST_TEST(pair.client.first<Failed>()->reason.find("bad certificate") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_of_several_fingerprints_is_enough) {
  Pair pair;
  auto accepted = somebody_elses();
  accepted.push_back(pair.server.certificate.fingerprint());
  accepted.push_back({"md5", "00"});
  pair.client.endpoint.set_remote_fingerprints(pair.now, accepted);
  pair.server.endpoint.set_remote_fingerprints(pair.now, {pair.client.certificate.fingerprint()});

  pair.start();

  BOOST_TEST(pair.run_until_connected());
}

BOOST_AUTO_TEST_CASE(unknown_and_forbidden_hashes_match_nobody) {
  Pair pair;
  pair.client.endpoint.set_remote_fingerprints(pair.now, {{"md5", "00"}, {"sha-3", "00"}});
  pair.server.endpoint.set_remote_fingerprints(pair.now, {pair.client.certificate.fingerprint()});

  pair.start();
  pair.run_until_quiet();

  BOOST_TEST((pair.client.endpoint.state() == State::Failed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::dtls
