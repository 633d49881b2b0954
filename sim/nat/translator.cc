#include "sim/nat/translator.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::nat {
namespace {

constexpr Rule kMappingRule{4787, "4.1"};
constexpr Rule kLifetimeRule{4787, "4.3"};
constexpr Rule kFilteringRule{4787, "5"};

constexpr std::uint8_t kEchoReply = 0;
constexpr std::uint8_t kEchoRequest = 8;
constexpr std::size_t kIcmpHeader = 8;

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
    message[2] = message[3] = std::byte{0};
    const auto checksum = checksum_close(checksum_add(0, message));
    message[2] = static_cast<std::byte>(checksum >> 8u);
    message[3] = static_cast<std::byte>(checksum);
  }
};

Event mapping_event(std::string_view name, const MappingEntry& entry, Rule rule) {
  return {name,
          {{"protocol", std::string{protocol_name(entry.key.protocol)}},
           {"inside", entry.key.inside.to_string()},
           {"outside", entry.outside.to_string()},
           {"destination", entry.first_destination.to_string()}},
          rule};
}

}  // namespace

Translator::Translator(topology::Nat nat, SeededRng rng, Record record)
    : nat_{std::move(nat)},
      inside_{*nat_.inside.address(Family::V4)},
      outside_{nat_.outside.address(Family::V4)->ip},
      record_{std::move(record)},
      table_{nat_, rng} {}

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
  if (header->is_fragment()) return drop("fragments are not translated");
  return std::nullopt;
}

std::optional<Verdict> Translator::blocked(const Flow& flow) const {
  if (!is_blocked(nat_.behaviour.policy.blocks, flow.protocol)) return std::nullopt;
  return drop(fmt::format("{} is blocked", protocol_name(flow.protocol)));
}

// A packet from the inside that has no business on the outside.
std::optional<Verdict> Translator::astray(const Flow& flow) const {
  const auto& net = inside_;
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

MappingEntry* Translator::map(Instant now, const Flow& flow) {
  auto* entry = table_.find(flow);
  if (entry == nullptr) {
    entry = table_.create(flow, now);
    if (entry == nullptr) return nullptr;
    record_(now, mapping_event("nat:mapping_created", *entry, kMappingRule));
  }
  table_.note_outbound(*entry, flow.destination, flow.flags, now);
  return entry;
}

Verdict Translator::from_inside(Instant now, Bytes& packet) {
  handle_timeout(now);
  if (auto verdict = unusable(packet)) return *verdict;
  const auto type = icmp_type(packet);
  if (is_error(type)) return icmp_error_out(now, packet);
  const auto flow = Flow::of(packet);
  if (!flow || (type && *type != kEchoRequest)) return drop("no ports to translate");
  if (auto verdict = blocked(*flow)) return *verdict;
  if (auto verdict = astray(*flow)) return *verdict;
  const bool comes_back = flow->destination.ip == outside_;
  if (comes_back && nat_.behaviour.hairpinning == topology::Hairpinning::None) {
    return drop(fmt::format("hairpinning is off: {} to {}", flow->source.to_string(),
                            flow->destination.to_string()));
  }
  const auto* const entry = map(now, *flow);
  if (entry == nullptr) {
    return drop(fmt::format("no outside port is left for {}", flow->source.to_string()));
  }
  if (comes_back) return hairpin(now, packet, *entry);
  rewrite(packet, *flow, End::Source, entry->outside);
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

Verdict Translator::from_outside(Instant now, Bytes& packet) {
  handle_timeout(now);
  if (auto verdict = unusable(packet)) return *verdict;
  const auto destination = ip::Header::parse(packet)->destination;
  if (destination != outside_) {
    return drop(fmt::format("{} is not the address of this NAT", destination.to_string()));
  }
  const auto type = icmp_type(packet);
  if (is_error(type)) return icmp_error_in(packet);
  const auto flow = Flow::of(packet);
  if (!flow || (type && *type != kEchoReply)) return drop("no ports to translate");
  if (auto verdict = blocked(*flow)) return *verdict;
  return inbound(now, packet, *flow, flow->source);
}

Verdict Translator::inbound(Instant now, Bytes& packet, const Flow& flow, const Endpoint& from) {
  auto* const entry = table_.find_outside(flow.protocol, flow.destination.port);
  if (entry == nullptr) {
    report_filtered(now, flow, from, "no mapping");
    return drop(fmt::format("no mapping: nobody inside is behind {} ({})",
                            flow.destination.to_string(), protocol_name(flow.protocol)));
  }
  if (!table_.admits(*entry, from, now)) {
    const auto rule = to_string(nat_.behaviour.filtering);
    report_filtered(now, flow, from, rule);
    return drop(fmt::format("filtering ({}): the mapping {} of {} does not admit {}", rule,
                            entry->outside.to_string(), entry->key.inside.to_string(),
                            from.to_string()));
  }
  table_.note_inbound(*entry, from, flow.flags, now);
  rewrite(packet, flow, End::Destination, entry->key.inside);
  return {Outcome::ToInside, {}, {}};
}

void Translator::report_filtered(Instant now, const Flow& flow, const Endpoint& from,
                                 std::string_view rule) const {
  record_(now, {"nat:packet_filtered",
                {{"protocol", std::string{protocol_name(flow.protocol)}},
                 {"outside", flow.destination.to_string()},
                 {"from", from.to_string()},
                 {"rule", std::string{rule}}},
                kFilteringRule});
}

// RFC 5508 §9 (REQ-4): the error finds its way by the packet it quotes, which left with our outside
// endpoint as its source. It refreshes nothing (REQ-6).
Verdict Translator::icmp_error_in(Bytes& packet) {
  auto quotation = Quotation::of(packet);
  if (!quotation) return drop("an ICMP error that quotes too little, or with a wrong checksum");
  const auto& flow = quotation->flow;
  const auto* const entry = table_.find_outside(flow.protocol, flow.source.port);
  if (entry == nullptr || flow.source.ip != outside_) {
    return drop(
        fmt::format("an ICMP error about {}, which has no mapping", flow.source.to_string()));
  }
  quotation->rewrite(End::Source, entry->key.inside);
  rewrite_address(packet, End::Destination, entry->key.inside.ip);
  return {Outcome::ToInside, {}, {}};
}

// RFC 5508 §9 (REQ-5): from the inside, about a packet that came in through a mapping.
Verdict Translator::icmp_error_out(Instant now, Bytes& packet) {
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
  if (header->destination == outside_) return from_outside(now, packet);
  return {Outcome::ToOutside, {}, {}};
}

void Translator::handle_timeout(Instant now) {
  table_.expire(now, [&](const MappingEntry& entry) {
    record_(now, mapping_event("nat:mapping_expired", entry, kLifetimeRule));
  });
}

}  // namespace rtclab::nat
