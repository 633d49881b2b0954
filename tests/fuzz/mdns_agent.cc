// An mDNS agent: datagrams of neighbours and strangers while names come and go.
#include "agents/mdns/agent.h"
#include "tests/fuzz/bench.h"

namespace rtclab::fuzz {
namespace {

const std::string kName = "d9197193-d9af-4e68-b88f-227332229c34.local";

// A message about a name that the agent cares for.
mdns::Message about(const std::string& text, Feed& feed) {
  const auto name = mdns::Name::parse(text).value_or(mdns::Name{});
  mdns::Message message;
  const auto how = feed.u8();
  message.response = (how & 1u) != 0;
  const auto type = (how & 2u) != 0 ? mdns::RecordType::Any : mdns::RecordType::A;
  if (!message.response)
    message.questions.push_back({.name = name, .type = type, .unicast_response = (how & 4u) != 0});
  for (auto left = feed.below(4); left != 0; --left) {
    auto ip = *Ip::parse("192.0.2.7");
    ip.octets[15] = feed.u8();
    auto record = mdns::Record::address(name, ip, feed.u16());
    record.cache_flush = feed.flip();
    ((how & 8u) != 0 ? message.authorities : message.answers).push_back(record);
  }
  return message;
}

}  // namespace

void mdns_agent(ByteView input) {
  static const Endpoint kNeighbour = *Endpoint::parse("192.0.2.7:5353");
  static const Endpoint kLegacy = *Endpoint::parse("192.0.2.7:40000");
  static const Endpoint kStranger = *Endpoint::parse("203.0.113.9:5353");
  const auto local = *Ip::parse("192.0.2.1");
  constexpr int kMostSteps = 200;

  Feed feed{input};
  SeededRng rng{1};
  mdns::Agent agent{{}, rng};
  Bench bench{agent,
              feed,
              {.keys = {{}}, .usernames = {""}, .addresses = {kNeighbour}},
              {kNeighbour, kLegacy, kStranger}};
  bench.interface_up("192.0.2.1");
  bench.interface_up("fe80::1");
  for (int steps = 0; !feed.is_empty() && steps < kMostSteps; ++steps) {
    switch (feed.below(7)) {
      case 0: static_cast<void>(agent.register_address(bench.now(), local)); break;
      case 1: agent.remove_address(bench.now(), local); break;
      case 2: agent.resolve(bench.now(), feed.flip() ? kName : feed.text()); break;
      case 3: {
        const auto name = feed.flip() ? kName : agent.register_address(bench.now(), local);
        const auto octets = about(name, feed).serialize();
        bench.drain();
        bench.input(Received{
            {Transport::Udp, {local, mdns::kPort}, feed.flip() ? kNeighbour : kLegacy}, octets});
        break;
      }
      default: bench.step();
    }
    bench.drain();
  }
  agent.close(bench.now());
  bench.drain();
}

}  // namespace rtclab::fuzz
