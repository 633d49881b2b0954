#include "reports/evidence/tcp_streams.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace rtclab;
using namespace rtclab::evidence;

namespace {

namespace data = boost::unit_test::data;

const Endpoint kClient = *Endpoint::parse("192.0.2.1:40000");
const Endpoint kServer = *Endpoint::parse("[2001:db8::2]:443");

stun::Message a_request(stun::Method method = stun::Method::Binding) {
  stun::Message message;
  message.method = method;
  message.transaction.octets.fill(std::byte{9});
  return message;
}

Bytes frame(ByteView payload) {
  ByteWriter out;
  out.u16(payload.size()).octets(payload);
  return out.take();
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// One direction of a connection at one interface, a segment at a time.
class Connection {
 public:
  explicit Connection(std::uint32_t initial = 1000) : next_{initial + 1} {
    auto syn = segment(initial, {});
    syn.dissection.tcp->syn = true;
    packets_.push_back(syn);
  }
  Connection& sends(ByteView payload) {
    packets_.push_back(segment(next_, payload));
    next_ += static_cast<std::uint32_t>(payload.size());
    return *this;
  }
  Connection& sends_at(std::uint32_t sequence, ByteView payload) {
    packets_.push_back(segment(sequence, payload));
    return *this;
  }
  std::vector<Packet> read() {
    read_streams(packets_);
    return packets_;
  }
  // What all segments complete: "STUN of 20", "DTLS of 13".
  std::vector<std::string> messages() {
    std::vector<std::string> found;
    for (const auto& packet : read()) {
      for (const auto& message : packet.dissection.framed) {
        found.push_back(std::string{to_string(message.dissection.kind)} + " of " +
                        std::to_string(message.payload.size()));
      }
    }
    return found;
  }

 private:
  static Packet segment(std::uint32_t sequence, ByteView payload) {
    Packet packet;
    packet.transport = Transport::Tcp;
    packet.source = kClient;
    packet.destination = kServer;
    packet.payload = {payload.begin(), payload.end()};
    packet.dissection.kind = Kind::Tcp;
    packet.dissection.tcp = TcpSegment{.ack = true, .sequence = sequence};
    return packet;
  }
  std::vector<Packet> packets_;
  std::uint32_t next_;
};

using Messages = std::vector<std::string>;

const Bytes kCheck = stun::seal(a_request());
const Bytes kDtlsRecord = from_hex("16fefd0000000000000000 0000");

}  // namespace

BOOST_AUTO_TEST_SUITE(tcp_streams)

BOOST_AUTO_TEST_CASE(ice_tcp_is_known_by_its_frames_and_stun_and_dtls_come_out) {
  Connection connection;
  connection.sends(frame(kCheck)).sends(frame(kDtlsRecord));
  BOOST_TEST((connection.messages() == Messages{"STUN of 20", "DTLS of 13"}));
}

BOOST_DATA_TEST_CASE(a_message_may_be_cut_anywhere_and_belongs_to_the_segment_that_ends_it,
                     data::xrange(1, 22), cut) {
  const auto octets = frame(kCheck);
  const auto place = static_cast<std::size_t>(cut);
  Connection connection;
  connection.sends(ByteView{octets}.first(place)).sends(ByteView{octets}.subspan(place));

  const auto packets = connection.read();

  BOOST_TEST(packets[1].dissection.framed.empty());
  BOOST_REQUIRE(packets[2].dissection.framed.size() == 1u);
  BOOST_TEST((packets[2].dissection.framed[0].framing == Framing::Rfc4571));
  BOOST_TEST((packets[2].dissection.framed[0].payload == kCheck));
  BOOST_TEST(packets[2].dissection.summary() == "TCP: Binding request");
}

BOOST_AUTO_TEST_CASE(turn_over_tcp_has_stun_and_padded_channel_data_without_frames) {
  const auto allocate = stun::seal(a_request(stun::Method::Allocate));
  Connection connection;
  connection.sends(joined({allocate, from_hex("40000005 0102030405 000000"), allocate}));
  BOOST_TEST((connection.messages() == Messages{"STUN of 20", "ChannelData of 9", "STUN of 20"}));
}

BOOST_AUTO_TEST_CASE(channel_data_without_its_padding_breaks_the_stream) {
  const auto allocate = stun::seal(a_request(stun::Method::Allocate));
  Connection connection;
  connection.sends(joined({allocate, from_hex("40000005 0102030405"), allocate}));
  // Three octets of the next message are taken for padding: what follows begins with none.
  const auto packets = connection.read();
  BOOST_REQUIRE(!packets[1].dissection.framed.empty());
  BOOST_TEST((packets[1].dissection.framed.back().framing == Framing::Broken));
}

BOOST_AUTO_TEST_CASE(tls_is_shown_as_tls_with_the_names_of_its_open_messages) {
  Connection connection;
  connection.sends(from_hex("1603010004 01000000"))
      .sends(from_hex("1403030001 01 1603030002 ffff"));
  connection.sends(from_hex("1703030003 aabbcc"));
  std::string text;
  for (const auto& packet : connection.read()) {
    for (const auto& message : packet.dissection.framed)
      text += message.dissection.summary() + "; ";
  }
  BOOST_TEST(text ==
             "TLS ClientHello; TLS ChangeCipherSpec; TLS handshake; TLS application data; ");
}

BOOST_AUTO_TEST_CASE(octets_that_come_early_wait_and_those_that_come_again_add_nothing) {
  const auto octets = frame(kCheck);
  const ByteView view{octets};
  Connection connection{4294967290u};  // the numbers wrap within the first frame
  const std::uint32_t first = 4294967291u;
  connection.sends_at(first + 10, view.subspan(10))
      .sends_at(first, view.first(10))
      .sends_at(first, view.first(10))
      .sends_at(first + 5, view.subspan(5));

  const auto packets = connection.read();

  BOOST_TEST(packets[1].dissection.framed.empty());
  BOOST_TEST(packets[2].dissection.framed.size() == 1u);
  BOOST_TEST(!packets[2].dissection.tcp->again);
  BOOST_TEST(packets[3].dissection.tcp->again);
  BOOST_TEST(packets[4].dissection.tcp->again);
  BOOST_TEST(packets[3].dissection.summary() == "TCP, sent again");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_neither_stays_tcp) {
  Connection connection;
  connection.sends(as_octets("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).sends(frame(kCheck));
  BOOST_TEST(connection.messages().empty());
}

BOOST_AUTO_TEST_CASE(a_hole_that_is_never_filled_hides_what_is_behind_it) {
  Connection connection;
  connection.sends_at(1001 + 50, frame(kCheck));
  BOOST_TEST(connection.messages().empty());
}

BOOST_AUTO_TEST_CASE(a_new_connection_on_the_same_ports_begins_anew) {
  Connection first;
  first.sends(frame(kCheck));
  Connection second{77777};
  second.sends(frame(kDtlsRecord)).sends(frame(kCheck));
  // DTLS alone does not tell the framing: only a connection that begins with STUN is ICE's.
  BOOST_TEST(second.messages().empty());
  Connection third{88888};
  third.sends(frame(kCheck));
  BOOST_TEST((third.messages() == Messages{"STUN of 20"}));
}

// RFC 6062 §4.3: the peer's own framing begins behind the bind.
BOOST_AUTO_TEST_CASE(behind_a_connection_bind_a_data_connection_carries_what_the_peer_sends) {
  Connection connection;
  connection.sends(joined({stun::seal(a_request(stun::Method::ConnectionBind)), frame(kCheck)}));
  const auto packets = connection.read();
  BOOST_REQUIRE(packets[1].dissection.framed.size() == 2u);
  BOOST_TEST((packets[1].dissection.framed[0].framing == Framing::Turn));
  BOOST_TEST((packets[1].dissection.framed[1].framing == Framing::Rfc4571));
}

BOOST_AUTO_TEST_SUITE_END()
