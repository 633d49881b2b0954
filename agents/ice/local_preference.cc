#include "agents/ice/local_preference.h"

#include <algorithm>

namespace rtclab::ice {

std::vector<Ip> by_preference(std::span<const Ip> addresses, const Deviations& deviations) {
  std::vector<Ip> v4;
  std::vector<Ip> v6;
  for (const auto& ip : addresses) (ip.is_v4() ? v4 : v6).push_back(ip);
  if (v4.empty() || v6.empty()) return {addresses.begin(), addresses.end()};
  if (deviations.has(Deviation::DualstackOneFamilyFirst)) {
    v6.insert(v6.end(), v4.begin(), v4.end());
    return v6;
  }

  // RFC 8421 §4: so many IPv6 addresses before the first of IPv4, and again before each further
  // one.
  const auto head_start = (v4.size() + v6.size()) / v4.size();
  std::vector<Ip> ordered;
  auto next_v6 = v6.begin();
  for (const auto& ip : v4) {
    for (std::size_t i = 0; i < head_start && next_v6 != v6.end(); ++i)
      ordered.push_back(*next_v6++);
    ordered.push_back(ip);
  }
  ordered.insert(ordered.end(), next_v6, v6.end());
  return ordered;
}

std::uint16_t local_preference(std::size_t address_rank, std::size_t server_rank) {
  const auto rank =
      std::min<std::size_t>(address_rank, 254) * 256 + std::min<std::size_t>(server_rank, 255);
  return static_cast<std::uint16_t>(65535 - rank);
}

std::uint16_t direction_preference(CandidateType type, TcpType tcp_type,
                                   const Deviations& deviations) {
  const bool is_reflexive =
      type == CandidateType::ServerReflexive || type == CandidateType::PeerReflexive;
  // Through a NAT the peers' chances are best when both open at once.
  if (is_reflexive) return tcp_type == TcpType::So ? 6 : tcp_type == TcpType::Active ? 4 : 2;
  const bool turned = deviations.has(Deviation::IceTcpPassiveFirst);
  if (tcp_type == TcpType::So) return 2;
  return (tcp_type == TcpType::Active) != turned ? 6 : 4;
}

std::uint16_t tcp_local_preference(CandidateType type, TcpType tcp_type, std::size_t address_rank,
                                   const Deviations& deviations) {
  constexpr std::size_t kMostPreferred = 8191;
  const auto other = kMostPreferred - std::min(address_rank, kMostPreferred);
  return static_cast<std::uint16_t>((direction_preference(type, tcp_type, deviations) << 13u) +
                                    other);
}

}  // namespace rtclab::ice
