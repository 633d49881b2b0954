#include "sim/nat/translator.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "agents/base/octets_at.h"
#include "sim/nat/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace rtclab::nat {
namespace {

constexpr Rule kMappingRule{4787, "4.1"};
constexpr Rule kLifetimeRule{4787, "4.3"};
constexpr Rule kFilteringRule{4787, "5"};
constexpr Rule kRefusalRule{6888, "3"};  // REQ-11

constexpr std::uint8_t kEchoReply = 0;
constexpr std::uint8_t kEchoRequest = 8;

using Outcome = Verdict::Outcome;

std::size_t header_size(ByteView packet) {
  return (std::to_integer<std::size_t>(packet[0]) & 15u) * 4;
}

// The type of an ICMP message; nullopt for a packet that is not ICMP.
// Precondition: `packet` passed ip::Header::parse.
std::optional<std::uint8_t> icmp_type(ByteView packet) {
  const auto protocol = std::to_integer<std::uint8_t>(packet[9]);
  const auto header = header_size(packet);
  if (ip::Protocol{protocol} != ip::Protocol::Icmp || packet.size() < header + kIcmpHeader) {
    return std::nullopt;
  }
  return std::to_integer<std::uint8_t>(packet[header]);
}

bool is_error(std::optional<std::uint8_t> type) {
  return type && is_icmp_error(*type);
}

// An ICMP error and the head of the packet it is about. Both checksums must be right, while the
// transport checksum of the quoted packet is nobody's business on the way: RFC 5508 §9 (REQ-3).
struct Quotation {
  std::span<std::byte> message;  // the ICMP message
  std::span<std::byte> quoted;
  Flow flow;  // of the quoted packet

  [[nodiscard]] static std::optional<Quotation> of(Bytes& packet) {
    const auto message = std::span{packet}.subspan(header_size(packet));
    if (message.size() < kIcmpHeader || checksum_close(checksum_add(0, message)) != 0) {
      return std::nullopt;
    }
    const auto quoted = message.subspan(kIcmpHeader);
    const auto flow = Flow::of(quoted);
    if (!flow || checksum_close(checksum_add(0, quoted.first(flow->header_size))) != 0) {
      return std::nullopt;
    }
    return Quotation{message, quoted, *flow};
  }

  void rewrite(End end, const Endpoint& to) {
    nat::rewrite(quoted, flow, end, to);
    set_u16_at(message, 2, 0);
    set_u16_at(message, 2, checksum_close(checksum_add(0, message)));
  }
};

Event mapping_event(std::string_view name, const MappingEntry& entry, std::optional<Rule> rule) {
  return {name,
          {{"protocol", std::string{protocol_name(entry.key.protocol)}},
           {"inside", entry.key.inside.to_string()},
           {"outside", entry.outside.to_string()},
           {"destination", entry.first_destination.to_string()}},
          rule};
}

// What the sender of a packet is told that gets no mapping.
std::optional<IcmpError> answer_to_refused(topology::Exhaustion exhaustion) {
  switch (exhaustion) {
    case topology::Exhaustion::Icmp: return kProhibited;
    case topology::Exhaustion::HostUnreachable: return kHostUnreachable;
    case topology::Exhaustion::Silent:
    case topology::Exhaustion::Evict: return std::nullopt;
  }
  __builtin_unreachable();
}

}  // namespace

Translator::Translator(topology::Nat nat, SeededRng rng, Record record)
    : nat_{std::move(nat)},
      record_{std::move(record)},
      table_{nat_.behaviour, outside_addresses(), rng,
             [this](const MappingEntry& entry, MappingEnd why) {
               const bool old = why == MappingEnd::Lifetime;
               auto event = mapping_event("nat:mapping_expired", entry,
                                          old ? std::optional{kLifetimeRule} : std::nullopt);
               event.fields.push_back({"reason", std::string{to_string(why)}});
               record_(now_, event);
             }},
      syns_{nat_.behaviour.unsolicited_syn} {}

std::vector<Ip> Translator::outside_addresses() const {
  std::vector<Ip> addresses;
  for (const auto& address : nat_.outside.addresses) {
    if (address.ip.is_v4()) addresses.push_back(address.ip);
  }
  return addresses;
}

bool Translator::is_own(const Ip& address) const {
  return std::ranges::any_of(nat_.outside.addresses,
                             [&](const Prefix& own) { return own.ip == address; });
}

Verdict Translator::drop(std::string why, std::optional<IcmpError> error) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", nat_.name, why), error};
}

std::optional<Verdict> Translator::unusable(ByteView packet) const {
  const auto header = ip::Header::parse(packet);
  if (!header) {
    return drop(fmt::format("{} at octet {} ({})", to_string(header.error().flaw),
                            header.error().offset, header.error().rule.to_string()));
  }
  if (!header->source.is_v4()) return drop("only IPv4 is translated");
  if (header->fragment_offset != 0) return drop("a fragment that is not the first");
  return std::nullopt;
}

std::optional<Verdict> Translator::blocked(const Flow& flow) const {
  auto why = blocked_by(nat_.behaviour.policy, flow.protocol);
  return why ? std::optional{drop(*std::move(why))} : std::nullopt;
}

// Each packet that leaves is looked at, also one through a mapping that is there already: another
// destination is another beginning.
std::optional<Verdict> Translator::not_allowed(Instant now, const Flow& flow) const {
  auto why = not_allowed_by(nat_.behaviour.policy, flow);
  if (!why) return std::nullopt;
  record_(now, {"nat:packet_refused",
                {{"protocol", std::string{protocol_name(flow.protocol)}},
                 {"inside", flow.source.to_string()},
                 {"to", flow.destination.to_string()},
                 {"rule", std::string{"policy"}}},
                std::nullopt});
  return drop(*std::move(why));
}

// A packet from the inside that has no business on the outside.
std::optional<Verdict> Translator::astray(const Flow& flow) const {
  const auto net = *nat_.inside.address(Family::V4);
  if (!net.contains(flow.source.ip)) {
    return drop(
        fmt::format("{} is not of the inside net {}", flow.source.ip.to_string(), net.to_string()));
  }
  if (flow.destination.ip == net.ip) return drop("nothing listens on the NAT itself");
  if (net.contains(flow.destination.ip)) {
    return drop(fmt::format("nobody has {} in the inside net", flow.destination.ip.to_string()),
                kHostUnreachable);
  }
  return std::nullopt;
}

tl::expected<MappingEntry*, Refusal> Translator::map(Instant now, const Flow& flow) {
  if (auto* const known = table_.find(flow)) {
    table_.note_outbound(*known, flow.destination, flow.flags, now);
    return known;
  }
  const auto made = table_.create(flow, now);
  if (made) record_(now, mapping_event("nat:mapping_created", **made, kMappingRule));
  return made;
}

Verdict Translator::refuse(Instant now, const Flow& flow, Refusal why) const {
  const auto inside = flow.source.to_string();
  std::string_view reason;
  std::string sentence;
  switch (why) {
    case Refusal::NoPort:
      reason = "no port";
      sentence = fmt::format("no outside port is left for {}", inside);
      break;
    case Refusal::HostLimit:
      reason = "limit of the host";
      sentence = fmt::format("{} has as many mappings as a host may have, {}",
                             flow.source.ip.to_string(), *nat_.behaviour.mappings_per_host);
      break;
    case Refusal::TotalLimit:
      reason = "limit";
      sentence = fmt::format("no mapping for {}, the limit of {} is reached", inside,
                             *nat_.behaviour.most_mappings);
      break;
  }
  record_(now, {"nat:mapping_refused",
                {{"protocol", std::string{protocol_name(flow.protocol)}},
                 {"inside", inside},
                 {"destination", flow.destination.to_string()},
                 {"reason", std::string{reason}}},
                kRefusalRule});
  return drop(std::move(sentence), answer_to_refused(nat_.behaviour.exhaustion));
}

Verdict Translator::from_inside(Instant now, Bytes& packet) {
  handle_timeout(now);
  if (auto verdict = unusable(packet)) return *verdict;
  const auto type = icmp_type(packet);
  if (is_error(type)) return icmp_error_out(now, packet);
  const auto flow = Flow::of(packet);
  const bool comes_back = flow && is_own(flow->destination.ip);
  const bool is_reply = type && *type == kEchoReply;
  if (!flow || (is_reply && !comes_back)) return drop("no ports to translate");
  if (auto verdict = blocked(*flow)) return *verdict;
  if (auto verdict = astray(*flow)) return *verdict;
  if (comes_back && nat_.behaviour.hairpinning == topology::Hairpinning::None) {
    return drop(fmt::format("hairpinning is off: {} to {}", flow->source.to_string(),
                            flow->destination.to_string()));
  }
  if (is_reply) return hairpin_reply(now, packet, *flow);
  if (!comes_back) {
    if (auto verdict = not_allowed(now, *flow)) return *verdict;
  }
  const auto entry = map(now, *flow);
  if (!entry) return refuse(now, *flow, entry.error());
  if (flow->flags.opens()) syns_.note_opened((*entry)->outside, flow->destination);
  if (comes_back) return type ? hairpin_query(now, packet, **entry) : hairpin(now, packet, **entry);
  rewrite(packet, *flow, End::Source, (*entry)->outside);
  return {Outcome::ToOutside, {}, {}};
}

// RFC 4787 §6: whatever source the receiver gets to see, its mapping is asked whether it admits the
// sender's outside endpoint, because that is where it has sent to.
Verdict Translator::hairpin(Instant now, Bytes& packet, const MappingEntry& sender) {
  const auto outside = sender.outside;
  if (nat_.behaviour.hairpinning == topology::Hairpinning::ExternalSource) {
    rewrite(packet, *Flow::of(packet), End::Source, outside);
  }
  return inbound(now, packet, *Flow::of(packet), outside);
}

// RFC 7857 §12: a query has one identifier, the asker's. It names the mapping of the inside host
// that is asked; what that host sees is the asker's outside identifier, by which its reply finds
// back.
Verdict Translator::hairpin_query(Instant now, Bytes& packet, const MappingEntry& sender) {
  const auto flow = *Flow::of(packet);
  const Endpoint asked{flow.destination.ip, flow.source.port};
  const Endpoint from{sender.outside.ip, Port{0}};
  const auto outside = sender.outside;
  const auto entry = admitted(now, flow.protocol, asked, from);
  if (!entry) return entry.error();
  if (nat_.behaviour.hairpinning == topology::Hairpinning::ExternalSource) {
    rewrite(packet, flow, End::Source, outside);
  }
  rewrite_address(packet, End::Destination, (*entry)->key.inside.ip);
  return {Outcome::ToInside, {}, {}};
}

// The reply to such a query comes from the address that was asked.
Verdict Translator::hairpin_reply(Instant now, Bytes& packet, const Flow& flow) {
  const auto* const asker = table_.find_outside(flow.protocol, flow.destination, {});
  Endpoint from{flow.destination.ip, Port{0}};
  for (const auto& address : outside_addresses()) {
    if (asker != nullptr && asker->sessions.contains({address, Port{0}})) from.ip = address;
  }
  rewrite_address(packet, End::Source, from.ip);
  return inbound(now, packet, *Flow::of(packet), from);
}

Verdict Translator::from_outside(Instant now, Bytes& packet) {
  handle_timeout(now);
  if (auto verdict = unusable(packet)) return *verdict;
  const auto destination = ip::Header::parse(packet)->destination;
  if (!is_own(destination)) {
    return drop(fmt::format("{} is not the address of this NAT", destination.to_string()));
  }
  const auto type = icmp_type(packet);
  if (is_error(type)) return icmp_error_in(packet);
  const auto flow = Flow::of(packet);
  if (!flow || (type && *type != kEchoReply)) return drop("no ports to translate");
  if (auto verdict = blocked(*flow)) return *verdict;
  auto verdict = inbound(now, packet, *flow, flow->source);
  if (verdict.outcome == Outcome::Dropped && flow->flags.opens()) {
    syns_.note(now, packet, *flow, destination);
  }
  return verdict;
}

// The mapping that lets a packet in, refreshed by it. RFC 7857 §7: what is dropped refreshes
// nothing.
tl::expected<MappingEntry*, Verdict> Translator::admitted(Instant now, ip::Protocol protocol,
                                                          const Endpoint& outside,
                                                          const Endpoint& from, TcpFlags flags) {
  auto* const entry = table_.find_outside(protocol, outside, from);
  if (entry == nullptr) {
    report_filtered(now, protocol, outside, from, "no mapping");
    return tl::make_unexpected(drop(fmt::format("no mapping: nobody inside is behind {} ({})",
                                                outside.to_string(), protocol_name(protocol))));
  }
  if (!table_.admits(*entry, from, now)) {
    const auto rule = to_string(nat_.behaviour.filtering_of(
        protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp));
    report_filtered(now, protocol, outside, from, rule);
    return tl::make_unexpected(drop(
        fmt::format("filtering ({}): the mapping {} of {} does not admit {}", rule,
                    entry->outside.to_string(), entry->key.inside.to_string(), from.to_string())));
  }
  table_.note_inbound(*entry, from, flags, now);
  return entry;
}

Verdict Translator::inbound(Instant now, Bytes& packet, const Flow& flow, const Endpoint& from) {
  const auto entry = admitted(now, flow.protocol, flow.destination, from, flow.flags);
  if (!entry) return entry.error();
  rewrite(packet, flow, End::Destination, (*entry)->key.inside);
  return {Outcome::ToInside, {}, {}};
}

void Translator::report_filtered(Instant now, ip::Protocol protocol, const Endpoint& outside,
                                 const Endpoint& from, std::string_view rule) const {
  record_(now, {"nat:packet_filtered",
                {{"protocol", std::string{protocol_name(protocol)}},
                 {"outside", outside.to_string()},
                 {"from", from.to_string()},
                 {"rule", std::string{rule}}},
                kFilteringRule});
}

// RFC 5508 §9 (REQ-4): the error finds its way by the packet it quotes, which left with our outside
// endpoint as its source. It refreshes nothing (REQ-6).
Verdict Translator::icmp_error_in(Bytes& packet) {
  if (!nat_.behaviour.translates_icmp_errors) return drop("ICMP errors are not translated");
  auto quotation = Quotation::of(packet);
  if (!quotation) return drop("an ICMP error that quotes too little, or with a wrong checksum");
  const auto& flow = quotation->flow;
  const auto* const entry = table_.find_outside(flow.protocol, flow.source, flow.destination);
  if (entry == nullptr) {
    return drop(
        fmt::format("an ICMP error about {}, which has no mapping", flow.source.to_string()));
  }
  quotation->rewrite(End::Source, entry->key.inside);
  rewrite_address(packet, End::Destination, entry->key.inside.ip);
  return {Outcome::ToInside, {}, {}};
}

// RFC 5508 §9 (REQ-5): from the inside, about a packet that came in through a mapping.
Verdict Translator::icmp_error_out(Instant now, Bytes& packet) {
  if (!nat_.behaviour.translates_icmp_errors) return drop("ICMP errors are not translated");
  auto quotation = Quotation::of(packet);
  if (!quotation) return drop("an ICMP error that quotes too little, or with a wrong checksum");
  const Flow reply{.protocol = quotation->flow.protocol,
                   .source = quotation->flow.destination,
                   .destination = quotation->flow.source};
  const auto* const entry = table_.find(reply);
  if (entry == nullptr) {
    return drop(
        fmt::format("an ICMP error about {}, which has no mapping", reply.source.to_string()));
  }
  quotation->rewrite(End::Destination, entry->outside);
  rewrite_address(packet, End::Source, entry->outside.ip);
  const auto header = ip::Header::parse(packet);
  // RFC 5508 §9 (REQ-7): about a hairpinned packet, so its way is back in.
  if (is_own(header->destination)) return from_outside(now, packet);
  return {Outcome::ToOutside, {}, {}};
}

void Translator::handle_timeout(Instant now) {
  now_ = now;
  table_.expire(now);
  syns_.handle_timeout(now);
}

std::optional<Instant> Translator::next_wakeup() const {
  const auto expiry = table_.next_expiry();
  const auto answer = syns_.next_wakeup();
  if (!expiry || !answer) return expiry ? expiry : answer;
  return std::min(*expiry, *answer);
}

void Translator::restart(Instant now) {
  handle_timeout(now);
  record_(now, {"nat:restarted", {{"mappings", std::uint64_t{table_.size()}}}, std::nullopt});
  table_.restart();
  syns_ = UnsolicitedSyns{nat_.behaviour.unsolicited_syn};
}

void Translator::set_behaviour(Instant now, const topology::NatBehaviour& behaviour) {
  handle_timeout(now);
  record_(now, {"nat:behaviour_changed",
                {{"mapping", std::string{to_string(behaviour.mapping)}},
                 {"filtering", std::string{to_string(behaviour.filtering)}},
                 {"port_allocation", std::string{to_string(behaviour.port_allocation)}}},
                std::nullopt});
  nat_.behaviour = behaviour;
  syns_ = UnsolicitedSyns{behaviour.unsolicited_syn};
  table_.change(behaviour, outside_addresses());
}

void Translator::set_addresses(Instant now, std::vector<Prefix> addresses) {
  handle_timeout(now);
  nat_.outside.addresses = std::move(addresses);
  const auto own = outside_addresses();
  std::vector<std::string> shown;
  for (const auto& address : own) shown.push_back(address.to_string());
  record_(now,
          {"nat:addresses_changed", {{"outside", fmt::format("{}", fmt::join(shown, ", "))}}, {}});
  syns_ = UnsolicitedSyns{nat_.behaviour.unsolicited_syn};
  table_.change(nat_.behaviour, own);
}

}  // namespace rtclab::nat
