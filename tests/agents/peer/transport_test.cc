#include "agents/peer/connection_state.h"
#include "agents/peer/demultiplex.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using Ice = ice::State;
using Dtls = dtls::State;

struct Row {
  std::vector<TransportStates> transports;
  IceConnectionState ice;
  ConnectionState connection;
  friend std::ostream& operator<<(std::ostream& out, const Row& row) {
    for (const auto& t : row.transports) out << to_string(t.ice) << '/' << to_string(t.dtls) << ' ';
    return out;
  }
};

// clang-format off
const std::vector<Row> kTable{
    {{},                                                                   IceConnectionState::New,          ConnectionState::New},
    {{{Ice::New, Dtls::New}},                                              IceConnectionState::New,          ConnectionState::New},
    {{{Ice::Checking, Dtls::New}},                                         IceConnectionState::Checking,     ConnectionState::Connecting},
    {{{Ice::Connected, Dtls::New}},                                        IceConnectionState::Connected,    ConnectionState::Connecting},
    {{{Ice::Connected, Dtls::Connecting}},                                 IceConnectionState::Connected,    ConnectionState::Connecting},
    {{{Ice::Connected, Dtls::Connected}},                                  IceConnectionState::Connected,    ConnectionState::Connected},
    {{{Ice::Completed, Dtls::Connected}},                                  IceConnectionState::Completed,    ConnectionState::Connected},
    {{{Ice::Completed, Dtls::Closed}},                                     IceConnectionState::Completed,    ConnectionState::Connected},
    {{{Ice::Completed, Dtls::Failed}},                                     IceConnectionState::Completed,    ConnectionState::Failed},
    {{{Ice::Disconnected, Dtls::Connected}},                               IceConnectionState::Disconnected, ConnectionState::Disconnected},
    {{{Ice::Failed, Dtls::Connected}},                                     IceConnectionState::Failed,       ConnectionState::Failed},
    {{{Ice::Failed, Dtls::New}, {Ice::Disconnected, Dtls::Connected}},     IceConnectionState::Failed,       ConnectionState::Failed},
    {{{Ice::Completed, Dtls::Connected}, {Ice::New, Dtls::New}},           IceConnectionState::Checking,     ConnectionState::Connecting},
    {{{Ice::Completed, Dtls::Connected}, {Ice::Closed, Dtls::Closed}},     IceConnectionState::Completed,    ConnectionState::Connected},
    {{{Ice::Completed, Dtls::Connected}, {Ice::Connected, Dtls::Connected}}, IceConnectionState::Connected,  ConnectionState::Connected},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(peer_transport)

BOOST_DATA_TEST_CASE(the_states_are_those_of_the_least_happy_transport, data::make(kTable), row) {
  BOOST_TEST(to_string(ice_connection_state(row.transports)) == to_string(row.ice));
  BOOST_TEST(to_string(connection_state(row.transports)) == to_string(row.connection));
}

BOOST_AUTO_TEST_CASE(each_first_octet_belongs_to_the_protocol_that_rfc_7983_gives_it) {
  const auto of = [](unsigned first) { return demultiplex(Bytes{static_cast<std::byte>(first)}); };
  for (unsigned first = 0; first < 256; ++first) {
    const auto expected = first <= 3                     ? Protocol::Stun
                          : first >= 16 && first <= 19   ? Protocol::Zrtp
                          : first >= 20 && first <= 63   ? Protocol::Dtls
                          : first >= 64 && first <= 79   ? Protocol::TurnChannel
                          : first >= 128 && first <= 191 ? Protocol::Rtp
                                                         : Protocol::Unknown;
    BOOST_TEST((of(first) == expected), "first octet " << first);
  }
  BOOST_TEST((demultiplex({}) == Protocol::Unknown));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
