#include "tests/agents/ice/nat.h"

#include <algorithm>

namespace rtclab::ice::test {
namespace {

// The part of `remote` that a behaviour looks at.
std::optional<Endpoint> key(Dependence dependence, const Endpoint& remote) {
  switch (dependence) {
    case Dependence::EndpointIndependent: return std::nullopt;
    case Dependence::AddressDependent: return Endpoint{remote.ip, Port{0}};
    case Dependence::AddressAndPortDependent: return remote;
  }
  return std::nullopt;
}

std::string letters(Dependence dependence) {
  switch (dependence) {
    case Dependence::EndpointIndependent: return "EI";
    case Dependence::AddressDependent: return "AD";
    case Dependence::AddressAndPortDependent: return "APD";
  }
  return {};
}

}  // namespace

std::string NatKind::to_string() const {
  return translates ? letters(mapping) + "M/" + letters(filtering) + "F"
                    : "firewall " + letters(filtering) + "F";
}

Endpoint Nat::outbound(const Endpoint& inside, const Endpoint& remote) {
  const auto depends_on = key(kind_.mapping, remote);
  auto mapping = std::ranges::find_if(mappings_, [&](const Mapping& each) {
    return each.inside == inside && each.remote == depends_on;
  });
  if (mapping == mappings_.end()) {
    Endpoint outside = inside;
    while (kind_.translates) {
      outside = {outside_, Port{static_cast<std::uint16_t>(1024 + rng_.below(64512))}};
      if (std::ranges::find(mappings_, outside, &Mapping::outside) == mappings_.end()) break;
    }
    mapping = mappings_.insert(mappings_.end(), {inside, outside, depends_on, {}});
  }
  mapping->contacted.push_back(remote);
  return mapping->outside;
}

std::optional<Endpoint> Nat::inbound(const Endpoint& to, const Endpoint& remote) const {
  const auto mapping = std::ranges::find(mappings_, to, &Mapping::outside);
  if (mapping == mappings_.end()) return std::nullopt;
  const bool is_admitted = std::ranges::any_of(mapping->contacted, [&](const Endpoint& contacted) {
    return key(kind_.filtering, contacted) == key(kind_.filtering, remote);
  });
  if (!is_admitted) return std::nullopt;
  return mapping->inside;
}

}  // namespace rtclab::ice::test
