// A TURN client: whatever its server says, over UDP or a stream, while its owner asks for this and
// that.
#include "agents/turn/client.h"
#include "tests/fuzz/bench.h"

namespace rtclab::fuzz {
namespace {

const Endpoint kServer = *Endpoint::parse("198.51.100.1:3478");
const Endpoint kOther = *Endpoint::parse("198.51.100.2:3478");
const Endpoint kLocal = *Endpoint::parse("192.0.2.1:5000");
const Endpoint kPeer = *Endpoint::parse("203.0.113.9:4000");
const Endpoint kPeerSix = *Endpoint::parse("[2001:db8::9]:4000");

void call(turn::Client& client, Instant now, Feed& feed) {
  const auto peer = feed.flip() ? kPeer : kPeerSix;
  switch (feed.below(5)) {
    case 0: return client.create_permission(now, peer.ip);
    case 1: return client.bind_channel(now, peer);
    case 2:
    case 3: return client.send(now, peer, Bytes(feed.u8()));
    default:
      if (feed.below(8) == 0) client.close(now);
  }
}

}  // namespace

void turn_client(ByteView input) {
  constexpr int kMostSteps = 200;
  Feed feed{input};
  SeededRng rng{1};
  turn::Config config{.server = kServer, .local = kLocal, .username = "user", .password = "secret"};
  const auto transport = feed.below(3);
  config.transport = transport == 0   ? turn::ServerTransport::Udp
                     : transport == 1 ? turn::ServerTransport::Tcp
                                      : turn::ServerTransport::Tls;
  turn::Client client{config, rng};
  Bench bench{client,
              feed,
              {.keys = {stun::long_term_key("user", "realm", "secret"), {}},
               .usernames = {"user"},
               .addresses = {kPeer, kPeerSix, kOther, kServer}},
              {kServer, kOther, kPeer}};
  if (transport == 0) bench.add_socket(kLocal);
  client.allocate(bench.now());
  bench.drain();
  for (int steps = 0; !feed.is_empty() && steps < kMostSteps; ++steps) {
    if (feed.below(4) != 0) {
      bench.step();
    } else {
      call(client, bench.now(), feed);
      bench.drain();
    }
  }
  client.close(bench.now());
  bench.drain();
}

}  // namespace rtclab::fuzz
