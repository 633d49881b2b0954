// The customer's side of 464XLAT: gives IPv4 to one host in a net that has only IPv6. Plain C++,
// and without state.
//
// Spec: RFC 6877 §6.3 (one IPv6 address stands for the host), RFC 7915 (the packets), RFC 6052 (the
// prefix of the NAT64 behind which everybody else stands).
#pragma once

#include "sim/nat/siit.h"
#include "sim/nat/verdict.h"

#include <cstdint>
#include <string>

namespace rtclab::nat {

class Clat {
 public:
  struct Addresses {
    Prefix inside;  // of IPv4: the gateway's own, and the net
    Ip host;        // of IPv4
    Ip outside;     // of IPv6: stands for the host
    Prefix prefix;  // of the NAT64
  };
  Clat(std::string name, const Addresses& addresses);

  // Translates `packet`, which passed ip::Header::parse, in place.
  [[nodiscard]] Verdict from_inside(Bytes& packet);
  [[nodiscard]] Verdict from_outside(Bytes& packet);
  // Of the ways to both sides: what "packet too big" may promise.
  void set_mtus(std::size_t inside, std::size_t outside);

 private:
  [[nodiscard]] Verdict drop(std::string_view why, std::optional<IcmpError> error = {}) const;

  std::string name_;
  Addresses addresses_;
  siit::Translation family_;
  std::uint16_t identification_ = 0;
};

}  // namespace rtclab::nat
