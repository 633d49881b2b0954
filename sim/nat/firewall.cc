#include "sim/nat/firewall.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::nat {
namespace {

constexpr Rule kFilteringRule{6092, "3.2.1"};

using Outcome = Verdict::Outcome;

bool is_icmp(ip::Protocol protocol) {
  return protocol == ip::Protocol::Icmp || protocol == ip::Protocol::IcmpV6;
}

Transport transport_of(ip::Protocol protocol) {
  return protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp;
}

// The packet that an ICMP error quotes; nullopt for anything else.
// Precondition: `packet` passed ip::Header::parse.
std::optional<ByteView> quoted_by_error(ByteView packet) {
  const auto header = *ip::Header::parse(packet);
  const auto message = header.payload(packet);
  if (!is_icmp(header.protocol) || message.size() < kIcmpHeader) return std::nullopt;
  const auto type = std::to_integer<std::uint8_t>(message.front());
  const bool is_error = header.protocol == ip::Protocol::Icmp ? is_icmp_error(type) : type < 128;
  return is_error ? std::optional{message.subspan(kIcmpHeader)} : std::nullopt;
}

}  // namespace

Firewall::Rules Firewall::rules_of(const topology::Firewall& firewall) {
  return {firewall.name, firewall.rules, firewall.outside.addresses};
}

Firewall::Rules Firewall::rules_of(const topology::Nat& nat) {
  return {nat.name, firewall_rules_of(nat.behaviour), nat.outside.addresses};
}

Firewall::Rules Firewall::rules_of(const topology::Nat64& nat) {
  return {nat.name, firewall_rules_of(nat.behaviour), nat.outside.addresses};
}

Verdict Firewall::drop(std::string why, std::optional<IcmpError> error) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", rules_.name, why), error, {}};
}

// What no rule looks at; empty: nothing of that kind.
std::string Firewall::refusal_of(ByteView packet) const {
  const auto header = ip::Header::parse(packet);
  if (!header) return "it is no IP packet";
  if (header->fragment_offset != 0) return "a fragment that is not the first";
  return blocked_by(rules_.what.policy, header->protocol).value_or("");
}

Verdict Firewall::from_inside(Instant now, ByteView packet) {
  forget_old(now);
  if (auto why = refusal_of(packet); !why.empty()) return drop(std::move(why));
  if (quoted_by_error(packet)) return {Outcome::ToOutside, {}, {}, {}};
  const auto flow = Flow::of(packet);
  if (!flow) return drop("neither UDP, TCP nor an echo");
  const Key key{flow->protocol, flow->source};
  const auto why = not_allowed_by(rules_.what.policy, *flow);
  if (why && !knows(key, flow->destination, now)) {
    record_(now, {"firewall:packet_refused",
                  {{"protocol", std::string{protocol_name(flow->protocol)}},
                   {"inside", flow->source.to_string()},
                   {"to", flow->destination.to_string()},
                   {"rule", std::string{"policy"}}},
                  std::nullopt});
    return drop(*why);
  }
  if (flow->flags.opens()) syns_.note_opened(flow->source, flow->destination);
  note(key, flow->destination, *flow, TcpSession::From::Inside, now);
  return {Outcome::ToOutside, {}, {}, {}};
}

Verdict Firewall::from_outside(Instant now, ByteView packet) {
  forget_old(now);
  if (auto why = refusal_of(packet); !why.empty()) return drop(std::move(why));
  if (const auto quoted = quoted_by_error(packet)) return icmp_error_from_outside(now, *quoted);
  const auto flow = Flow::of(packet);
  if (!flow) return drop("neither UDP, TCP nor an echo");
  const Key key{flow->protocol, flow->destination};
  if (!admits(key, flow->source, now)) return filtered(now, packet, *flow);
  note(key, flow->source, *flow, TcpSession::From::Outside, now);
  return {Outcome::ToInside, {}, {}, {}};
}

Verdict Firewall::filtered(Instant now, ByteView packet, const Flow& flow) {
  if (flow.protocol == ip::Protocol::Tcp && flow.flags.opens()) {
    const auto family = flow.destination.ip.family();
    const auto own = std::ranges::find_if(
        rules_.own_addresses, [&](const Prefix& address) { return address.ip.family() == family; });
    syns_.note(now, packet, flow,
               own == rules_.own_addresses.end() ? flow.destination.ip : own->ip);
  }
  const auto rule = to_string(rules_.what.filtering_of(transport_of(flow.protocol)));
  record_(now, {"firewall:packet_filtered",
                {{"protocol", std::string{protocol_name(flow.protocol)}},
                 {"inside", flow.destination.to_string()},
                 {"from", flow.source.to_string()},
                 {"rule", std::string{rule}}},
                kFilteringRule});
  return drop(fmt::format("filtering ({}): {} has sent nothing to {}", rule,
                          flow.destination.to_string(), flow.source.to_string()));
}

// RFC 4890 §4.3.1: errors about what was let out.
Verdict Firewall::icmp_error_from_outside(Instant now, ByteView quoted) {
  const auto flow = Flow::of(quoted);
  if (!flow || !admits({flow->protocol, flow->source}, flow->destination, now)) {
    return drop("an ICMP error about what nobody inside has sent");
  }
  return {Outcome::ToInside, {}, {}, {}};
}

Instant Firewall::end_of(ip::Protocol protocol, const Session& session) {
  return protocol == ip::Protocol::Tcp ? session.tcp.ends() : session.ends;
}

bool Firewall::is_same(ip::Protocol protocol, const Endpoint& known, const Endpoint& remote) const {
  switch (rules_.what.filtering_of(transport_of(protocol))) {
    case topology::Filtering::EndpointIndependent: return true;
    case topology::Filtering::AddressDependent: return known.ip == remote.ip;
    case topology::Filtering::AddressAndPortDependent: return known == remote;
  }
  __builtin_unreachable();
}

bool Firewall::admits(const Key& key, const Endpoint& remote, Instant now) const {
  const auto found = sessions_.find(key);
  return found != sessions_.end() && std::ranges::any_of(found->second, [&](const auto& known) {
           return is_same(key.protocol, known.first, remote) &&
                  now < end_of(key.protocol, known.second);
         });
}

// Whether just these two have spoken, whoever began.
bool Firewall::knows(const Key& key, const Endpoint& remote, Instant now) const {
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return false;
  const auto session = found->second.find(remote);
  return session != found->second.end() && now < end_of(key.protocol, session->second);
}

// As a NAT's: an answer counts for what comes after it.
Duration Firewall::lifetime(ip::Protocol protocol, const Session& session, Instant now) const {
  const auto& lifetimes = rules_.what.lifetimes;
  if (is_icmp(protocol)) return lifetimes.icmp;
  const bool lasts = session.answered && now > session.begun + lifetimes.udp_answered_after;
  return lasts ? lifetimes.udp_answered.value_or(lifetimes.udp) : lifetimes.udp;
}

// RFC 6092 §3.2.3: a packet in either direction starts the time anew.
void Firewall::note(const Key& key, const Endpoint& remote, const Flow& flow, TcpSession::From from,
                    Instant now) {
  auto& session = sessions_[key][remote];
  if (end_of(key.protocol, session) <= now) session = {.begun = now};
  session.ends = now + lifetime(key.protocol, session, now);
  session.answered |= from == TcpSession::From::Outside;
  if (key.protocol == ip::Protocol::Tcp) {
    session.tcp.note(from, flow.flags, now, rules_.what.lifetimes);
  }
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
