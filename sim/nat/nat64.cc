#include "sim/nat/nat64.h"

#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "sim/nat/cut_before.h"
#include "topologies/embedded_address.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace rtclab::nat {
namespace {

using Outcome = Verdict::Outcome;

// RFC 1112 §4: reserved, so that it is nobody's.
constexpr std::uint32_t kFirstInBetween = 0xf0000000u;
constexpr std::size_t kMostHosts = 65535;

// The NAT behind the stateless half.
topology::Nat behind(const topology::Nat64& nat) {
  topology::Nat inner;
  inner.name = nat.name;
  inner.inside = {.name = "inside", .addresses = {{Ip::v4(kFirstInBetween), 4}}};
  inner.outside = nat.outside;
  std::erase_if(inner.outside.addresses, [](const Prefix& address) { return !address.ip.is_v4(); });
  inner.behaviour = nat.behaviour;
  inner.line = nat.line;
  return inner;
}

}  // namespace

Nat64::Nat64(topology::Nat64 nat, SeededRng rng, const Translator::Record& record)
    : nat_{std::move(nat)},
      family_{.to_v6 = [this](const Ip& ip) { return inside_address(ip); },
              .to_v4 = [this](const Ip& ip) { return in_between(ip); }},
      identification_{static_cast<std::uint16_t>(rng.fork("ip identification").next())},
      translator_{behind(nat_), rng, [this, record](Instant now, const Event& event) {
                    auto named = event;
                    for (auto& field : named.fields) {
                      auto* const text = std::get_if<std::string>(&field.value);
                      if (text != nullptr) *text = with_names(std::move(*text));
                    }
                    record(now, named);
                  }} {}

void Nat64::set_mtus(std::size_t inside, std::size_t outside) {
  family_.mtu_v6 = inside;
  family_.mtu_v4 = outside;
}

void Nat64::set_addresses(Instant now, const std::vector<Prefix>& inside,
                          const std::vector<Prefix>& outside) {
  nat_.inside.addresses = inside;
  nat_.outside.addresses = outside;
  translator_.set_addresses(now, behind(nat_).outside.addresses);
}

bool Nat64::is_meant(const Ip& destination) const {
  return nat_.prefix.contains(destination);
}

Verdict Nat64::drop(std::string_view why, std::optional<IcmpError> error) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", nat_.name, why), error};
}

bool Nat64::admit_host(const Ip& host) {
  if (hosts_.contains(host)) return true;
  if (hosts_.size() >= kMostHosts) return false;
  const auto v4 = Ip::v4(kFirstInBetween + static_cast<std::uint32_t>(hosts_.size()) + 1);
  hosts_.emplace(host, v4);
  by_v4_.emplace(v4, host);
  return true;
}

std::optional<Ip> Nat64::in_between(const Ip& v6) const {
  if (is_meant(v6)) return topology::extract(nat_.prefix, v6);
  const auto known = hosts_.find(v6);
  return known == hosts_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<Ip> Nat64::inside_address(const Ip& v4) const {
  const auto known = by_v4_.find(v4);
  return known == by_v4_.end() ? topology::embed(nat_.prefix, v4) : known->second;
}

Verdict Nat64::from_inside(Instant now, Bytes& packet) {
  const auto header = *ip::Header::parse(packet);
  const auto remote = topology::extract(nat_.prefix, header.destination);
  if (!remote || !topology::may_be_embedded(nat_.prefix, *remote)) {
    return drop(fmt::format("{} stands for no IPv4 address that is public (RFC 6052 §3.1)",
                            header.destination.to_string()),
                kHostUnreachable);
  }
  // RFC 6146 §3.5: a source behind the prefix would lead a packet in circles.
  if (is_meant(header.source)) return drop("a source behind the prefix comes from the outside");
  if (!nat_.inside.address(Family::V6)->contains(header.source)) {
    return drop(fmt::format("{} is not of the inside net", header.source.to_string()));
  }
  if (!admit_host(header.source)) return drop("no room for another host");
  auto translated = siit::to_v4(packet, family_, identification_++);
  if (!translated) return drop(translated.error().why, translated.error().error);
  packet = *std::move(translated);
  auto verdict = translator_.from_inside(now, packet);
  verdict.reason = with_names(std::move(verdict.reason));
  // RFC 6146 §3.8: hairpinning.
  if (verdict.outcome == Outcome::ToInside) return to_inside(packet, std::move(verdict));
  return verdict;
}

Verdict Nat64::from_outside(Instant now, Bytes& packet) {
  auto verdict = translator_.from_outside(now, packet);
  verdict.reason = with_names(std::move(verdict.reason));
  if (verdict.outcome != Outcome::ToInside) return verdict;
  return to_inside(packet, std::move(verdict));
}

Verdict Nat64::to_inside(Bytes& packet, Verdict verdict) {
  auto parts = siit::cut_and_translate(packet, family_);
  if (!parts) return drop(with_names(parts.error().why), parts.error().error);
  packet = std::move(parts->front());
  parts->erase(parts->begin());
  verdict.rest = *std::move(parts);
  return verdict;
}

// Its addresses are those of the first part, before and after.
Verdict Nat64::follow(Bytes& part, const FragmentFate& fate) {
  const auto header = *ip::Header::parse(part);
  const auto as_the_first = [&](const Ip& ip) -> std::optional<Ip> {
    return ip == header.source ? fate.source : fate.destination;
  };
  const siit::Translation way{as_the_first, as_the_first, family_.mtu_v4, family_.mtu_v6};
  auto verdict = fate.verdict;
  if (!header.source.is_v4()) {
    const bool stays = !fate.source.is_v4();  // hairpinned: there and back again
    const siit::Translation there{family_.to_v6, family_.to_v4, family_.mtu_v4, family_.mtu_v6};
    auto translated = siit::to_v4(part, stays ? there : way, 0);
    if (!translated) return drop(with_names(translated.error().why));
    part = *std::move(translated);
    if (!stays) return verdict;
  }
  const siit::Translation back{[&](const Ip& ip) -> std::optional<Ip> {
                                 return ip == ip::Header::parse(part)->source ? fate.source
                                                                              : fate.destination;
                               },
                               {},
                               family_.mtu_v4,
                               family_.mtu_v6};
  auto parts = siit::cut_and_translate(part, back);
  if (!parts) return drop(with_names(parts.error().why));
  part = std::move(parts->front());
  parts->erase(parts->begin());
  verdict.rest = *std::move(parts);
  return verdict;
}

// A sentence or a field of the NAT in between, with the hosts as everybody else knows them.
std::string Nat64::with_names(std::string text) const {
  for (auto at = text.find("240."); at != std::string::npos; at = text.find("240.", at)) {
    const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    const auto ip = Ip::parse(text.substr(at, end - at));
    const auto known = ip ? by_v4_.find(*ip) : by_v4_.end();
    if (known == by_v4_.end()) {
      at = end;
      continue;
    }
    const bool has_port = end + 1 < text.size() && text[end] == ':' && text[end + 1] != ' ';
    const auto name = known->second.to_string();
    text.replace(at, end - at, has_port ? "[" + name + "]" : name);
    at += name.size();
  }
  return text;
}

}  // namespace rtclab::nat
