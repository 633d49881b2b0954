#include "reports/evidence/port_claims.h"

namespace rtclab::evidence {

std::string PortClaims::owner_of(const Endpoint& endpoint) const {
  const auto found = claims_.find(endpoint);
  return found == claims_.end() ? std::string{} : found->second;
}

bool PortClaims::is_shared(const Ip& ip) const {
  const auto found = owners_.find(ip);
  return found != owners_.end() && found->second.size() > 1;
}

std::vector<Endpoint> PortClaims::shared_by(const std::string& name) const {
  std::vector<Endpoint> found;
  for (const auto& [endpoint, owner] : claims_) {
    if (owner == name && is_shared(endpoint.ip) && owners_.at(endpoint.ip).contains(name))
      found.push_back(endpoint);
  }
  return found;
}

}  // namespace rtclab::evidence
