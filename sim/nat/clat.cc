#include "sim/nat/clat.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/cut_before.h"
#include "topologies/embedded_address.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::nat {

using Outcome = Verdict::Outcome;
using topology::embed;
using topology::extract;
using topology::may_be_embedded;

Clat::Clat(std::string name, const Addresses& addresses)
    : name_{std::move(name)},
      addresses_{addresses},
      family_{.to_v6 = [addresses](const Ip& ip) -> std::optional<Ip> {
                return ip == addresses.host ? addresses.outside : embed(addresses.prefix, ip);
              },
              .to_v4 = [addresses](const Ip& ip) -> std::optional<Ip> {
                return ip == addresses.outside ? std::optional{addresses.host}
                                               : extract(addresses.prefix, ip);
              }} {}

void Clat::set_mtus(std::size_t inside, std::size_t outside) {
  family_.mtu_v4 = inside;
  family_.mtu_v6 = outside;
}

Verdict Clat::drop(std::string_view why, std::optional<IcmpError> error) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", name_, why), error};
}

Verdict Clat::from_inside(Bytes& packet) {
  const auto header = *ip::Header::parse(packet);
  if (!header.source.is_v4()) return drop("only IPv4 is translated", kNetUnreachable);
  if (header.source != addresses_.host) {
    return drop(fmt::format("{} is not the host that it serves", header.source.to_string()));
  }
  if (addresses_.inside.contains(header.destination)) {
    return drop(fmt::format("nobody has {} in the inside net", header.destination.to_string()),
                kHostUnreachable);
  }
  if (!may_be_embedded(addresses_.prefix, header.destination)) {
    return drop(fmt::format("{} is private, and the prefix stands for public addresses (RFC 6052 "
                            "§3.1)",
                            header.destination.to_string()),
                kHostUnreachable);
  }
  auto parts = siit::cut_and_translate(packet, family_);
  if (!parts) return drop(parts.error().why, parts.error().error);
  packet = std::move(parts->front());
  parts->erase(parts->begin());
  return {Outcome::ToOutside, {}, {}, *std::move(parts)};
}

Verdict Clat::from_outside(Bytes& packet) {
  const auto header = *ip::Header::parse(packet);
  if (header.source.is_v4()) return drop("only IPv6 is translated");
  if (header.destination != addresses_.outside) {
    return drop(fmt::format("{} is not its address", header.destination.to_string()));
  }
  auto translated = siit::to_v4(packet, family_, identification_++);
  if (!translated) return drop(translated.error().why, translated.error().error);
  packet = *std::move(translated);
  return {Outcome::ToInside, {}, {}, {}};
}

}  // namespace rtclab::nat
