// Whose ports are whose, where parties share an address. Private to this folder.
//
// Two peers on one machine, or a peer and the server beside it, have one address. Candidates tell
// their ports, and the ufrags of checks (RFC 8445 §7.2.2) those that nobody signalled.
#pragma once

#include "agents/base/address.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rtclab::evidence {

class PortClaims {
 public:
  // The address is `name`'s, and perhaps not its alone.
  void own(const std::string& name, const Ip& ip) { owners_[ip].insert(name); }
  // `name` sends or receives here. The first claim stays.
  void claim(const std::string& name, const Endpoint& endpoint) {
    claims_.try_emplace(endpoint, name);
  }

  [[nodiscard]] bool is_claimed(const Endpoint& endpoint) const {
    return claims_.contains(endpoint);
  }
  // Empty when nobody claims it.
  [[nodiscard]] std::string owner_of(const Endpoint& endpoint) const;
  // Whether it is the address of several.
  [[nodiscard]] bool is_shared(const Ip& ip) const;
  // What `name` claims at its addresses that others have, too, in order.
  [[nodiscard]] std::vector<Endpoint> shared_by(const std::string& name) const;

 private:
  std::map<Endpoint, std::string> claims_;
  std::map<Ip, std::set<std::string>> owners_;
};

}  // namespace rtclab::evidence
