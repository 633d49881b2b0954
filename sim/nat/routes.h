// Where a router sends what: the longest prefix that contains the destination wins.
#pragma once

#include "agents/base/address.h"

#include <functional>
#include <map>

namespace rtclab::sim {

class Interface;

class Routes {
 public:
  // Takes the place of an older route to the same prefix.
  void set(const Prefix& prefix, Interface& way);
  [[nodiscard]] Interface* find(const Ip& destination) const;

 private:
  using Nets = std::map<Ip, Interface*>;
  std::map<unsigned, Nets, std::greater<>> by_length_;
};

}  // namespace rtclab::sim
