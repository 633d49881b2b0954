#include "sim/nat/firewall.h"

#include "agents/base/ip_packet.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::nat {
namespace {

constexpr Rule kFilteringRule{6092, "3.2.1"};
// RFC 5508 §3.2: an ICMP query session MUST NOT expire in less than 60 seconds.
constexpr Duration kEchoLifetime = std::chrono::seconds{60};

using Outcome = Verdict::Outcome;

bool is_icmp(ip::Protocol protocol) {
  return protocol == ip::Protocol::Icmp || protocol == ip::Protocol::IcmpV6;
}

// The packet that an ICMP error quotes; nullopt for anything else.
// Precondition: `packet` passed ip::Header::parse.
std::optional<ByteView> quoted_by_error(ByteView packet) {
  const auto header = *ip::Header::parse(packet);
  const auto message = header.payload(packet);
  constexpr std::size_t kIcmpHeader = 8;
  if (!is_icmp(header.protocol) || message.size() < kIcmpHeader) return std::nullopt;
  const auto type = std::to_integer<std::uint8_t>(message.front());
  const bool is_error = header.protocol == ip::Protocol::Icmp ? is_icmp_error(type) : type < 128;
  return is_error ? std::optional{message.subspan(kIcmpHeader)} : std::nullopt;
}

}  // namespace

Firewall::Rules Firewall::rules_of(const topology::Firewall& firewall) {
  return {firewall.name, firewall.rules.filtering, firewall.rules.lifetimes.udp,
          firewall.rules.policy.blocks};
}

Firewall::Rules Firewall::rules_of(const topology::Nat& nat) {
  return {nat.name, nat.behaviour.filtering, nat.behaviour.lifetimes.udp,
          nat.behaviour.policy.blocks};
}

Verdict Firewall::drop(std::string why) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", rules_.name, why), {}};
}

// What no rule looks at; empty: nothing of that kind.
std::string_view Firewall::refusal_of(ByteView packet) const {
  const auto header = ip::Header::parse(packet);
  if (!header) return "it is no IP packet";
  if (header->is_fragment()) return "fragments do not pass";
  if (is_blocked(rules_.blocks, header->protocol)) {
    return header->protocol == ip::Protocol::Udp ? "udp is blocked" : "tcp is blocked";
  }
  return {};
}

Verdict Firewall::from_inside(Instant now, ByteView packet) {
  forget_old(now);
  if (const auto why = refusal_of(packet); !why.empty()) return drop(std::string{why});
  if (quoted_by_error(packet)) return {Outcome::ToOutside, {}, {}};
  const auto flow = Flow::of(packet);
  if (!flow) return drop("neither UDP, TCP nor an echo");
  note({flow->protocol, flow->source}, flow->destination, *flow, TcpSession::From::Inside, now);
  return {Outcome::ToOutside, {}, {}};
}

Verdict Firewall::from_outside(Instant now, ByteView packet) {
  forget_old(now);
  if (const auto why = refusal_of(packet); !why.empty()) return drop(std::string{why});
  if (const auto quoted = quoted_by_error(packet)) return icmp_error_from_outside(now, *quoted);
  const auto flow = Flow::of(packet);
  if (!flow) return drop("neither UDP, TCP nor an echo");
  const Key key{flow->protocol, flow->destination};
  if (admits(key, flow->source, now)) {
    note(key, flow->source, *flow, TcpSession::From::Outside, now);
    return {Outcome::ToInside, {}, {}};
  }
  const auto rule = to_string(rules_.filtering);
  record_(now, {"firewall:packet_filtered",
                {{"protocol", std::string{protocol_name(flow->protocol)}},
                 {"inside", flow->destination.to_string()},
                 {"from", flow->source.to_string()},
                 {"rule", std::string{rule}}},
                kFilteringRule});
  return drop(fmt::format("filtering ({}): {} has sent nothing to {}", rule,
                          flow->destination.to_string(), flow->source.to_string()));
}

// RFC 4890 §4.3.1: errors about what was let out.
Verdict Firewall::icmp_error_from_outside(Instant now, ByteView quoted) {
  const auto flow = Flow::of(quoted);
  if (!flow || !admits({flow->protocol, flow->source}, flow->destination, now)) {
    return drop("an ICMP error about what nobody inside has sent");
  }
  return {Outcome::ToInside, {}, {}};
}

Instant Firewall::end_of(ip::Protocol protocol, const Session& session) const {
  if (protocol == ip::Protocol::Tcp) return session.tcp.ends();
  return session.seen + (is_icmp(protocol) ? kEchoLifetime : rules_.udp_lifetime);
}

bool Firewall::is_same(const Endpoint& known, const Endpoint& remote) const {
  switch (rules_.filtering) {
    case topology::Filtering::EndpointIndependent: return true;
    case topology::Filtering::AddressDependent: return known.ip == remote.ip;
    case topology::Filtering::AddressAndPortDependent: return known == remote;
  }
  __builtin_unreachable();
}

bool Firewall::admits(const Key& key, const Endpoint& remote, Instant now) const {
  const auto found = sessions_.find(key);
  return found != sessions_.end() && std::ranges::any_of(found->second, [&](const auto& known) {
           return is_same(known.first, remote) && now < end_of(key.protocol, known.second);
         });
}

// RFC 6092 §3.2.3: a packet in either direction starts the time anew.
void Firewall::note(const Key& key, const Endpoint& remote, const Flow& flow, TcpSession::From from,
                    Instant now) {
  auto& session = sessions_[key][remote];
  if (end_of(key.protocol, session) <= now) session = {};
  session.seen = now;
  if (key.protocol == ip::Protocol::Tcp) session.tcp.note(from, flow.flags, now);
}

// Now and then; what is over admits nothing anyway.
void Firewall::forget_old(Instant now) {
  constexpr Duration kInterval = std::chrono::minutes{1};
  if (now - cleaned_ < kInterval) return;
  cleaned_ = now;
  for (auto& [key, sessions] : sessions_) {
    const auto protocol = key.protocol;
    std::erase_if(sessions,
                  [&](const auto& known) { return end_of(protocol, known.second) <= now; });
  }
  std::erase_if(sessions_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace rtclab::nat
