#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

namespace rtclab::dtls {
namespace {

namespace data = boost::unit_test::data;

std::vector<Bytes> datagrams_in(const std::string& name) {
  std::ifstream file{std::string{RTCLAB_TEST_DATA} + "/agents/dtls/" + name};
  BOOST_REQUIRE_MESSAGE(file, name);
  std::vector<Bytes> datagrams;
  for (std::string line; std::getline(file, line);) datagrams.push_back(from_hex(line));
  return datagrams;
}

BOOST_AUTO_TEST_SUITE(dtls_real_peers)

// Their hellos offer DTLS 1.3 and a post-quantum key share, so that they always come in two
// fragments; asked by a peer that knows only 1.2 they go on with 1.2.
BOOST_DATA_TEST_CASE(a_browsers_hello_is_answered_whichever_fragment_comes_first,
                     data::make({"chromium-156-client-hello.hex", "firefox-153-client-hello.hex"}) *
                         data::make({false, true}),
                     name, reversed) {
  auto fragments = datagrams_in(name);
  BOOST_TEST_REQUIRE(fragments.size() == 2u);
  if (reversed) std::ranges::reverse(fragments);
  test::Side server{Role::Server, 1, {}};
  server.endpoint.start(Instant{});

  for (const auto& fragment : fragments) server.endpoint.handle_datagram(Instant{}, fragment);

  std::string flight;
  while (auto output = server.endpoint.poll_output()) {
    if (const auto* bytes = std::get_if<Bytes>(&*output)) flight += test::records(*bytes);
  }
  BOOST_TEST(flight ==
             "ServerHello Certificate ServerKeyExchange CertificateRequest ServerHelloDone");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::dtls
