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
inline const auto kPoolings = spelled(std::array{Pooling::Paired, Pooling::Arbitrary});
inline const auto kPortAllocations =
    spelled(std::array{PortAllocation::Preserving, PortAllocation::Overloading,
                       PortAllocation::Sequential, PortAllocation::Random});
inline const auto kRefreshes =
    spelled(std::array{Refresh::Outbound, Refresh::Inbound, Refresh::Both});
inline const auto kHairpinnings = spelled(
    std::array{Hairpinning::None, Hairpinning::InternalSource, Hairpinning::ExternalSource});
inline const auto kUnsolicitedSyns =
    spelled(std::array{UnsolicitedSyn::Silent, UnsolicitedSyn::Icmp, UnsolicitedSyn::Reset});
inline const auto kFragmentTreatments =
    spelled(std::array{Fragments::Dropped, Fragments::InOrder, Fragments::OutOfOrder});
inline const auto kExhaustions = spelled(std::array{Exhaustion::Icmp, Exhaustion::HostUnreachable,
                                                    Exhaustion::Silent, Exhaustion::Evict});
inline const auto kCollisions = spelled(std::array{Collision::Next, Collision::Random});
inline const auto kIcmpErrorTreatments =
    std::array{xml::Choice<bool>{"translated", true}, xml::Choice<bool>{"dropped", false}};
inline const auto kJitterDistributions =
    spelled(std::array{JitterDistribution::Uniform, JitterDistribution::Normal,
                       JitterDistribution::Exponential, JitterDistribution::Pareto});
inline const auto kQueueDisciplines = spelled(
    std::array{QueueDiscipline::DropTail, QueueDiscipline::CoDel, QueueDiscipline::FqCoDel});
inline const auto kDropKinds = spelled(
    std::array{Drop::What::Packet, Drop::What::Datagram, Drop::What::Stun, Drop::What::DtlsRecord,
               Drop::What::DtlsFlight, Drop::What::Rtp, Drop::What::TcpSegment});
inline const auto kWifiStandards =
    spelled(std::array{WifiStandard::N, WifiStandard::A, WifiStandard::G});
inline const auto kTransports = std::array{xml::Choice<Transport>{"udp", Transport::Udp},
                                           xml::Choice<Transport>{"tcp", Transport::Tcp}};
inline const auto kServerTransports =
    spelled(std::array{ServerTransport::Udp, ServerTransport::Tcp, ServerTransport::Tls});

}  // namespace rtclab::topology
