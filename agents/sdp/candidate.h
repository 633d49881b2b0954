// The candidate attribute as it stands on the wire.
//
// Spec: RFC 8839 §5.1 (grammar), RFC 6544 §4.5 (tcptype), RFC 8838 and W3C webrtc-pc (the same text
// in RTCIceCandidate.candidate). A wire value: names and numbers as written, nothing resolved.
// agents/peer turns it into an ice::Candidate. Liberal in what it reads: any case of the keywords
// and the transport, "a=" before it, several spaces, an address that is a name, a priority above
// 2^31-1. Exact in what it writes.
#pragma once

#include "agents/base/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

struct Candidate {
  struct Extension {
    std::string name;
    std::string value;
    friend bool operator==(const Extension&, const Extension&) = default;
  };

  std::string foundation;
  std::uint16_t component = 1;
  std::string transport = "udp";  // as written: Firefox and the RFC write "UDP"
  std::uint32_t priority = 0;
  std::string address;  // an address literal or a name such as "….local"
  Port port{0};
  std::string type;  // "host", "srflx", "prflx", "relay" or a token yet unknown
  std::optional<std::string> related_address{};
  std::optional<Port> related_port{};
  std::optional<std::string> tcp_type{};  // "active", "passive", "so"
  std::vector<Extension> extensions{};    // the rest, in its order

  // Reads "candidate:…", "a=candidate:…" or the bare value of an a=candidate line; nullopt when it
  // is none.
  [[nodiscard]] static std::optional<Candidate> parse(std::string_view text);
  // "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
  [[nodiscard]] std::string serialize() const;
  // The same without "candidate:", for SectionLines::add_attribute("candidate", …).
  [[nodiscard]] std::string attribute_value() const;

  // nullopt when `address` is a name.
  [[nodiscard]] std::optional<Ip> ip() const;
  [[nodiscard]] bool is_mdns_name() const;  // ends in ".local"
  [[nodiscard]] bool is_udp() const;        // in any case of letters
  [[nodiscard]] bool is_tcp() const;
  // The value of an extension; nullptr when it is absent.
  [[nodiscard]] const std::string* find_extension(std::string_view name) const;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

}  // namespace rtclab::sdp
