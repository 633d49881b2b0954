// The elements, attributes and words of a topology file. topology.xsd says the same to editors; a
// test compares the two.
#pragma once

#include "topologies/topology.h"
#include "topologies/xml_file.h"

#include <array>
#include <span>

namespace rtclab::topology {

[[nodiscard]] const xml::Grammar& grammar();

// The values of E in the order of its declaration, each with its word.
template <class E, std::size_t N>
[[nodiscard]] std::array<xml::Choice<E>, N> spelled(const std::array<E, N>& values) {
  std::array<xml::Choice<E>, N> choices{};
  for (std::size_t i = 0; i < N; ++i) choices[i] = {to_string(values[i]), values[i]};
  return choices;
}

inline const auto kMappings = spelled(std::array{
    Mapping::EndpointIndependent, Mapping::AddressDependent, Mapping::AddressAndPortDependent});
inline const auto kFilterings =
    spelled(std::array{Filtering::EndpointIndependent, Filtering::AddressDependent,
                       Filtering::AddressAndPortDependent});
inline const auto kPortAllocations = spelled(
    std::array{PortAllocation::Preserving, PortAllocation::Sequential, PortAllocation::Random});
inline const auto kRefreshes =
    spelled(std::array{Refresh::Outbound, Refresh::Inbound, Refresh::Both});
inline const auto kHairpinnings = spelled(
    std::array{Hairpinning::None, Hairpinning::InternalSource, Hairpinning::ExternalSource});
inline const auto kTransports = std::array{xml::Choice<Transport>{"udp", Transport::Udp},
                                           xml::Choice<Transport>{"tcp", Transport::Tcp}};
inline const auto kServerTransports =
    spelled(std::array{ServerTransport::Udp, ServerTransport::Tcp, ServerTransport::Tls});

}  // namespace rtclab::topology
