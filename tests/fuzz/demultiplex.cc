// Demultiplexing: each datagram has one reader at most, and that reader survives it.
#include "agents/peer/demultiplex.h"

#include "agents/dtls/endpoint.h"
#include "agents/sctp/packet.h"
#include "agents/stun/message.h"
#include "agents/turn/channel_data.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

namespace rtclab::fuzz {
namespace {

void require_one_reader(ByteView datagram) {
  using peer::Protocol;
  const auto protocol = peer::demultiplex(datagram);
  require(!stun::looks_like_stun(datagram) || protocol == Protocol::Stun,
          "what looks like STUN is taken for STUN");
  require(!turn::looks_like_channel_data(datagram) || protocol == Protocol::TurnChannel,
          "what looks like ChannelData is taken for it");
}

}  // namespace

// The datagrams of the input go to a DTLS server or client that has just started.
void demultiplex(ByteView input) {
  static SeededRng identity{1};
  static const auto certificate = dtls::Certificate::generate(identity);
  Feed feed{input};
  SeededRng rng{7};
  const auto role = feed.u8() % 2 == 0 ? dtls::Role::Server : dtls::Role::Client;
  dtls::Endpoint endpoint{role, certificate, {}, rng};
  Instant now{};
  const auto drain = [&] {
    while (endpoint.poll_output()) {
    }
    while (endpoint.poll_event()) {
    }
  };
  endpoint.start(now);
  drain();
  while (!feed.is_empty()) {
    const auto datagram = feed.chunk();
    require_one_reader(datagram);
    if (peer::demultiplex(datagram) == peer::Protocol::Dtls) {
      endpoint.handle_datagram(now, datagram);
    } else if (const auto wakeup = endpoint.next_wakeup()) {
      now = wakeup->at;
      endpoint.handle_timeout(now);
    }
    drain();
  }
}

}  // namespace rtclab::fuzz
