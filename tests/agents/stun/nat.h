// A NAT of any mapping and filtering behaviour between two sockets and a server with two addresses:
// RFC 4787's words in sixty lines, independent of the simulator's.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"
#include "agents/stun/nat_behaviour.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace rtclab::stun::test {

class Nat {
 public:
  struct Kind {
    Dependence mapping = Dependence::EndpointIndependent;
    Dependence filtering = Dependence::EndpointIndependent;
    bool hairpins = false;
    bool hairpins_bare = false;                   // what came back has its sender's own source
    bool translates = true;                       // false: only filters
    Duration lifetime = std::chrono::minutes{2};  // prolonged by what leaves, not by what arrives
    // Of a mapping that was used a second after it was made or later; nullopt: as `lifetime`.
    std::optional<Duration> settled_lifetime{};
  };
  Nat(Kind kind, Ip outside) : kind_{kind}, outside_{outside} {}

  [[nodiscard]] const Ip& outside() const { return outside_; }
  [[nodiscard]] bool hairpins() const { return kind_.hairpins; }

  // The source that a datagram has when it has come back inside.
  [[nodiscard]] Endpoint hairpinned(const Endpoint& outside) const {
    if (!kind_.hairpins_bare) return outside;
    return std::ranges::find(mappings_, outside, &Mapping::outside)->inside;
  }

  // The source that a datagram leaves with.
  Endpoint outbound(Instant now, const Endpoint& inside, const Endpoint& remote) {
    const auto key = part(kind_.mapping, remote);
    std::erase_if(mappings_, [&](const Mapping& each) { return now >= each.expires; });
    auto found = std::ranges::find_if(
        mappings_, [&](const Mapping& each) { return each.inside == inside && each.key == key; });
    if (found == mappings_.end()) {
      const auto outside = kind_.translates ? Endpoint{outside_, Port{next_port_++}} : inside;
      found = mappings_.insert(mappings_.end(), {inside, outside, key, {}, {}, now});
    }
    const bool settled = now >= found->made + std::chrono::seconds{1};
    found->expires =
        now + (settled ? kind_.settled_lifetime.value_or(kind_.lifetime) : kind_.lifetime);
    found->written_to.push_back(remote);
    return found->outside;
  }
  // Where a datagram that comes to `to` goes, if it is let in.
  [[nodiscard]] std::optional<Endpoint> inbound(Instant now, const Endpoint& to,
                                                const Endpoint& remote) const {
    for (const auto& mapping : mappings_) {
      if (mapping.outside != to || now >= mapping.expires) continue;
      const auto opens = [&](const Endpoint& written) {
        return part(kind_.filtering, written) == part(kind_.filtering, remote);
      };
      if (std::ranges::any_of(mapping.written_to, opens)) return mapping.inside;
    }
    return std::nullopt;
  }

 private:
  struct Mapping {
    Endpoint inside;
    Endpoint outside;
    Endpoint key;
    std::vector<Endpoint> written_to;
    Instant expires;
    Instant made;
  };

  // What of a remote endpoint counts.
  static Endpoint part(Dependence dependence, const Endpoint& remote) {
    switch (dependence) {
      case Dependence::EndpointIndependent: return {};
      case Dependence::AddressDependent: return {remote.ip, Port{0}};
      case Dependence::AddressAndPortDependent: return remote;
    }
    return {};
  }

  Kind kind_;
  Ip outside_;
  std::uint16_t next_port_ = 61000;
  std::vector<Mapping> mappings_;
};

}  // namespace rtclab::stun::test
