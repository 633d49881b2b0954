// A NAT's translator: packets of anybody from both sides, and what its owner does to it meanwhile.
#include "agents/base/checksum.h"
#include "sim/nat/translator.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::fuzz {
namespace {

using namespace std::chrono_literals;
using nat::Flow;
using Outcome = nat::Verdict::Outcome;

template <class E>
E one_of(Feed& feed, int values) {
  return E{static_cast<int>(feed.below(static_cast<std::size_t>(values)))};
}

// With few ports and small limits, so that all of them are reached.
topology::NatBehaviour behaviour(Feed& feed) {
  topology::NatBehaviour nat;
  nat.mapping = one_of<topology::Mapping>(feed, 3);
  nat.filtering = one_of<topology::Filtering>(feed, 3);
  nat.pooling = one_of<topology::Pooling>(feed, 2);
  nat.port_allocation = one_of<topology::PortAllocation>(feed, 4);
  nat.collision = one_of<topology::Collision>(feed, 2);
  nat.exhaustion = one_of<topology::Exhaustion>(feed, 4);
  nat.refresh = one_of<topology::Refresh>(feed, 3);
  nat.hairpinning = one_of<topology::Hairpinning>(feed, 3);
  nat.unsolicited_syn = one_of<topology::UnsolicitedSyn>(feed, 3);
  nat.fragments = one_of<topology::Fragments>(feed, 3);
  const auto switches = feed.u8();
  const auto is_on = [&](unsigned bit) { return (switches >> bit & 1u) != 0; };
  const auto last = static_cast<std::uint16_t>(1000 + feed.below(64));
  nat.ports = {Port{1000}, Port{last}};
  nat.port_parity = is_on(0);
  nat.port_contiguity = is_on(1);
  nat.translates_icmp_errors = !is_on(2);
  if (is_on(3)) nat.port_block = static_cast<std::uint16_t>(1 + feed.below(16));
  if (is_on(4)) nat.port_reuse_after = 10s;
  if (is_on(5)) nat.mappings_per_host = 1 + feed.below(8);
  if (is_on(6)) nat.most_mappings = 1 + feed.below(16);
  if (is_on(7)) nat.lifetimes.udp_answered = 600s;
  return nat;
}

std::vector<Prefix> outside(Feed& feed) {
  std::vector<Prefix> addresses;
  for (std::size_t i = 1 + feed.below(3); i > 0; --i) {
    addresses.push_back({Ip::v4(0xc6336400u + static_cast<std::uint32_t>(i)), 24});
  }
  return addresses;
}

topology::Nat a_nat(Feed& feed) {
  topology::Nat nat;
  nat.name = "nat";
  nat.inside = {"inside", {*Prefix::parse("192.168.1.1/24")}};
  nat.behaviour = behaviour(feed);
  nat.outside = {"outside", outside(feed)};
  return nat;
}

class Session {
 public:
  explicit Session(ByteView input)
      : feed_{input},
        nat_{a_nat(feed_)},
        translator_{nat_, SeededRng{1}, [this](Instant, const Event& event) {
                      if (event.name == "nat:mapping_created") ++mappings_;
                      if (event.name == "nat:mapping_expired") --mappings_;
                    }} {}

  void run() {
    constexpr int kMostSteps = 300;
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      step();
      while (translator_.poll_output()) {
      }
      const auto next = translator_.next_wakeup();
      require(!next || *next > now_, "what is due was done");
      require(translator_.mappings() == mappings_, "the events count the mappings");
    }
    while (const auto next = translator_.next_wakeup()) {
      require(*next > now_, "time goes on");
      now_ = *next;
      translator_.handle_timeout(now_);
    }
    require(mappings_ == 0, "every mapping ends");
  }

 private:
  void step() {
    switch (feed_.below(9)) {
      case 0: return pass(true, {}, feed_.chunk());
      case 1: return pass(false, {}, feed_.chunk());
      case 2:
      case 3: return pass(true, built(inside(), remote()), {});
      case 4: return pass(false, built(remote(), own()), {});
      case 5: return pass(true, built(inside(), own()), {});
      case 6: return pass_error();
      case 7: now_ += feed_.pause(); return translator_.handle_timeout(now_);
      default: return change();
    }
  }

  void change() {
    switch (feed_.below(3)) {
      case 0: return translator_.restart(now_);
      case 1: return translator_.set_behaviour(now_, behaviour(feed_));
      default: return translator_.set_addresses(now_, outside(feed_));
    }
  }

  // A packet whose checksums are right, or whatever the input says.
  void pass(bool out, const Bytes& right, ByteView wild) {
    Bytes packet = right.empty() ? Bytes{wild.begin(), wild.end()} : right;
    const auto verdict =
        out ? translator_.from_inside(now_, packet) : translator_.from_outside(now_, packet);
    if (verdict.outcome == Outcome::Dropped) return;
    last_ = packet;
    const auto header = ip::Header::parse(packet);
    require(header.has_value(), "what passes is an IP packet");
    if (right.empty()) return;
    require(packet.size() == right.size(), "nothing is added");
    const auto segment = header->payload(packet);
    const auto sum = header->protocol == ip::Protocol::Icmp
                         ? checksum_close(checksum_add(0, segment))
                         : ip::transport_checksum(header->source, header->destination,
                                                  header->protocol, segment);
    require(sum == 0, "right checksums stay right");
    if (const auto flow = Flow::of(packet); flow && verdict.outcome == Outcome::ToOutside) {
      known_ = flow->source;
    }
  }

  // About what passed last, from where it went.
  void pass_error() {
    const auto from_inside = feed_.flip();
    const auto error = nat::icmp_error(from_inside ? inside().ip : remote().ip, last_,
                                       {3, static_cast<std::uint8_t>(feed_.below(16))});
    if (error) pass(from_inside, *error, {});
  }

  Endpoint inside() {
    return {Ip::v4(0xc0a80102u + static_cast<std::uint32_t>(feed_.below(4))),
            Port{static_cast<std::uint16_t>(1000 + feed_.below(64))}};
  }
  Endpoint remote() {
    return {Ip::v4(0xcb007101u + static_cast<std::uint32_t>(feed_.below(3))),
            Port{static_cast<std::uint16_t>(3478 + feed_.below(3))}};
  }
  Endpoint own() {
    if (feed_.flip()) return known_;
    return {Ip::v4(0xc6336401u + static_cast<std::uint32_t>(feed_.below(3))),
            Port{static_cast<std::uint16_t>(1000 + feed_.below(64))}};
  }

  Bytes built(const Endpoint& from, const Endpoint& to) {
    switch (feed_.below(3)) {
      case 0: return ip::build_udp(from, to, as_octets("x"), 1);
      case 1: {
        ByteWriter segment;
        segment.u16(from.port.value()).u16(to.port.value()).u32(1).u32(0);
        segment.u16(0x5000u | feed_.below(32)).u16(1000).u32(0);
        segment.patch_u16(
            16, ip::transport_checksum(from.ip, to.ip, ip::Protocol::Tcp, segment.view()));
        return ip::build({from.ip, to.ip, ip::Protocol::Tcp}, segment.view());
      }
      default: {
        ByteWriter message;
        message.u8(feed_.flip() ? 8u : 0u).u8(0).u16(0);
        message.u16(feed_.flip() ? from.port.value() : to.port.value()).u16(1);
        message.patch_u16(2, checksum_close(checksum_add(0, message.view())));
        return ip::build({from.ip, to.ip, ip::Protocol::Icmp}, message.view());
      }
    }
  }

  Feed feed_;
  topology::Nat nat_;
  std::size_t mappings_ = 0;
  nat::Translator translator_;
  Instant now_{};
  Endpoint known_ = *Endpoint::parse("198.51.100.1:1000");
  Bytes last_;
};

}  // namespace

void nat_translator(ByteView input) {
  Session{input}.run();
}

}  // namespace rtclab::fuzz
