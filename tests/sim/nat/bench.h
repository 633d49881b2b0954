// A NAT's translation core on the bench: packets go in, and what became of them stays for the test
// to look at.
#pragma once

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "sim/nat/translator.h"

#include <boost/test/unit_test.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::nat {

using namespace std::chrono_literals;
using Outcome = Verdict::Outcome;

inline Endpoint ep(std::string_view text) {
  return *Endpoint::parse(text);
}

inline const auto kAlice = ep("192.168.1.10:5000");
inline const auto kBob = ep("192.168.1.20:6000");
inline const auto kServer = ep("203.0.113.1:3478");
inline const auto kServerOtherPort = ep("203.0.113.1:3479");
inline const auto kStranger = ep("203.0.113.9:4000");
inline const auto kRouter = ep("192.0.0.8:0").ip;

inline topology::Nat a_nat() {
  topology::Nat nat;
  nat.name = "home-a";
  nat.inside = {"inside", {*Prefix::parse("192.168.1.1/24")}};
  nat.outside = {"outside", {*Prefix::parse("198.51.100.1/24")}};
  nat.behaviour.port_allocation = topology::PortAllocation::Sequential;
  nat.behaviour.ports = {Port{40000}, Port{49999}};
  nat.behaviour.lifetimes.udp = 120s;
  return nat;
}

// The flags of a TCP header, RFC 9293 §3.1.
constexpr unsigned kFin = 0x01;
constexpr unsigned kSyn = 0x02;
constexpr unsigned kRst = 0x04;
constexpr unsigned kAck = 0x10;

// A TCP segment, an echo request or reply, with a right checksum.
inline Bytes tcp(const Endpoint& from, const Endpoint& to, unsigned flags = kSyn) {
  ByteWriter segment;
  segment.u16(from.port.value()).u16(to.port.value()).u32(1).u32(0);
  segment.u16(0x5000u | flags).u16(1000).u32(0);
  segment.patch_u16(16, ip::transport_checksum(from.ip, to.ip, ip::Protocol::Tcp, segment.view()));
  return ip::build({from.ip, to.ip, ip::Protocol::Tcp}, segment.view());
}
inline Bytes echo(std::uint8_t type, const Ip& from, const Ip& to, std::uint16_t identifier) {
  ByteWriter message;
  message.u8(type).u8(0).u16(0).u16(identifier).u16(1).text("ping");
  message.patch_u16(2, checksum_close(checksum_add(0, message.view())));
  return ip::build({from, to, ip::Protocol::Icmp}, message.view());
}

// A NAT on the bench: packets go in, and what became of them stays here.
struct Bench {
  explicit Bench(topology::Nat nat = a_nat())
      : translator{std::move(nat), SeededRng{5}, [this](Instant at, const Event& event) {
                     events.push_back(event);
                     times.push_back(at);
                   }} {}

  Outcome out(const Endpoint& from, const Endpoint& to) {
    return out(ip::build_udp(from, to, as_octets("out"), 1));
  }
  Outcome in(const Endpoint& from, const Endpoint& to) {
    return in(ip::build_udp(from, to, as_octets("in"), 2));
  }
  Outcome out(Bytes bytes) {
    packet = std::move(bytes);
    verdict = translator.from_inside(now, packet);
    return verdict.outcome;
  }
  Outcome in(Bytes bytes) {
    packet = std::move(bytes);
    verdict = translator.from_outside(now, packet);
    return verdict.outcome;
  }
  // The outside endpoint that `to` sees of `from`.
  Endpoint mapped(const Endpoint& from, const Endpoint& to) {
    BOOST_REQUIRE((out(from, to) == Outcome::ToOutside));
    return seen().source;
  }
  // The packet as it left the NAT; every checksum in it must be right.
  Flow seen() {
    const auto header = ip::Header::parse(packet);
    BOOST_REQUIRE(header.has_value());
    const auto segment = header->payload(packet);
    if (header->protocol == ip::Protocol::Icmp) {
      BOOST_TEST(checksum_close(checksum_add(0, segment)) == 0);
    } else {
      BOOST_TEST(ip::transport_checksum(header->source, header->destination, header->protocol,
                                        segment) == 0);
    }
    return *Flow::of(packet);
  }

  Translator translator;
  std::vector<Event> events;
  std::vector<Instant> times;
  Instant now{};
  Bytes packet;
  Verdict verdict;
};

}  // namespace rtclab::nat
