// Which of a machine's addresses comes first: the local preference in a candidate's priority.
//
// Spec: RFC 8445 §5.1.2.1 (unique for the candidates of one type, 65535 for a single address);
// RFC 8421 §4 (both families, intermingled, IPv6 with a head start); RFC 6544 §4.2 (TCP: who
// connects counts first).
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/ice/priority.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rtclab::ice {

// The addresses, best first. Within a family the order stays as the machine announced them.
// Deviation: DualstackOneFamilyFirst.
[[nodiscard]] std::vector<Ip> by_preference(std::span<const Ip> addresses,
                                            const Deviations& deviations = {});

// `address_rank` as by_preference() gives it, `server_rank` among the servers that were asked (0
// for host candidates). Distinct for up to 255 addresses and 256 servers.
[[nodiscard]] std::uint16_t local_preference(std::size_t address_rank, std::size_t server_rank);

// RFC 6544 §4.2: 6, 4 or 2. Deviation: IceTcpPassiveFirst.
[[nodiscard]] std::uint16_t direction_preference(CandidateType type, TcpType tcp_type,
                                                 const Deviations& deviations = {});
// Distinct for up to 8192 addresses.
[[nodiscard]] std::uint16_t tcp_local_preference(CandidateType type, TcpType tcp_type,
                                                 std::size_t address_rank,
                                                 const Deviations& deviations = {});

}  // namespace rtclab::ice
