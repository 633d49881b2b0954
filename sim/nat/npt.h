// Prefix translation: the hosts of an IPv6 net under another prefix, each by an address of its own,
// without state. Plain C++: packets come in, verdicts come out.
//
// Spec: RFC 6296 §2.3 (checksum-neutral), §3.1 to §3.5 (the algorithm), §2.2 (hairpinning, ICMPv6
// errors). No checksum changes: the address does it by a word of its own, the subnet's where both
// prefixes are /48 or shorter, else the first of the interface identifier that is not all ones.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "sim/nat/verdict.h"

#include <optional>
#include <string>

namespace rtclab::nat {

// `ip`, which is behind `from`, as it stands behind `to`; the shorter prefix counts as filled up
// with zeros to the length of the longer. nullopt when no word is left that could make up for the
// difference: RFC 6296 §3.4, §3.5. Applied the other way round it gives `ip` again.
[[nodiscard]] std::optional<Ip> translate_prefix(const Ip& ip, const Prefix& from,
                                                 const Prefix& to);

class Npt {
 public:
  // The two prefixes are of IPv6, and 64 bits long or shorter.
  Npt(std::string name, const Prefix& inside, const Prefix& outside)
      : name_{std::move(name)}, inside_{inside}, outside_{outside} {}

  // Translates `packet`, which passed ip::Header::parse, in place.
  [[nodiscard]] Verdict from_inside(Bytes& packet) const;
  [[nodiscard]] Verdict from_outside(Bytes& packet) const;

 private:
  [[nodiscard]] Verdict drop(std::string why, std::optional<IcmpError> error = {}) const;

  std::string name_;
  Prefix inside_;
  Prefix outside_;
};

}  // namespace rtclab::nat
