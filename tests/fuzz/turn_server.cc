// A TURN server: datagrams and streams of anybody, and of a user who knows the password.
#include "agents/turn/server.h"
#include "tests/fuzz/bench.h"

namespace rtclab::fuzz {

void turn_server(ByteView input) {
  static const Endpoint kClient = *Endpoint::parse("192.0.2.1:5000");
  static const Endpoint kOther = *Endpoint::parse("192.0.2.2:5000");
  static const Endpoint kPeer = *Endpoint::parse("203.0.113.9:4000");
  static const Endpoint kPeerSix = *Endpoint::parse("[2001:db8::9]:4000");
  static const Endpoint kRelayed = *Endpoint::parse("198.51.100.1:49152");
  constexpr int kMostSteps = 200;

  Feed feed{input};
  SeededRng rng{1};
  turn::Server::Config config;
  config.realm = "realm";
  config.users = {{"user", "secret"}};
  config.last_relay_port = Port{49160};
  config.permissions_per_allocation = 4;
  if (feed.flip()) config.allocations_per_user = 1;
  turn::Server server{config, rng};
  Bench bench{server,
              feed,
              {.keys = {stun::long_term_key("user", "realm", "secret"),
                        stun::long_term_key("user", "realm", "secret", stun::PasswordHash::Sha256),
                        {}},
               .usernames = {"user", "nobody"},
               .addresses = {kPeer, kPeerSix, kClient, kRelayed}},
              {kClient, kOther, kPeer, kPeerSix}};
  bench.interface_up("198.51.100.1");
  bench.interface_up("2001:db8::1");
  for (int steps = 0; !feed.is_empty() && steps < kMostSteps; ++steps) bench.step();
}

}  // namespace rtclab::fuzz
