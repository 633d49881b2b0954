// The lines of a session description whose content we act on, as values: those of the session, of
// ICE and of DTLS. rtp_values.h and simulcast_values.h have the ones about media.
//
// Each has parse(), which takes the text after "o=", "m=" or "a=name:" and answers nullopt when
// that text does not follow the grammar cited, and to_string(), its exact inverse for what we
// write.
#pragma once

#include "agents/base/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

// o=. RFC 8866 §5.2; RFC 9429 §5.2.1 for what WebRTC puts there.
struct Origin {
  std::string username = "-";
  std::string session_id{};  // digits; may exceed 64 bits in others' descriptions
  std::uint64_t version = 0;
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address = "127.0.0.1";

  [[nodiscard]] static std::optional<Origin> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// c=. RFC 8866 §5.7. The address may be a name or carry a multicast "/ttl".
struct Connection {
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address = "0.0.0.0";

  [[nodiscard]] static std::optional<Connection> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Connection&, const Connection&) = default;
};

// m=. RFC 8866 §5.14.
struct MediaLine {
  std::string kind;  // "audio", "video", "application"
  Port port{9};      // 0: rejected; 9: not known yet
  std::optional<std::uint16_t> port_count{};
  std::string protocol;              // "UDP/DTLS/SCTP"
  std::vector<std::string> formats;  // "webrtc-datachannel"; payload types

  [[nodiscard]] static std::optional<MediaLine> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const MediaLine&, const MediaLine&) = default;
};

// RFC 8842 §5.3: who opens the DTLS association.
enum class Setup { Active, Passive, ActPass, HoldConn };

[[nodiscard]] std::optional<Setup> parse_setup(std::string_view text);
[[nodiscard]] std::string_view to_string(Setup setup);  // "actpass"

// a=fingerprint. RFC 8122 §5. Read in any case; held as the RFC writes it: "sha-256", "AB:CD:…".
struct Fingerprint {
  std::string algorithm;
  std::string value;

  [[nodiscard]] static std::optional<Fingerprint> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// a=ice-ufrag and a=ice-pwd. RFC 8839 §5.4.
struct IceCredentials {
  std::string ufrag;
  std::string pwd;
  friend bool operator==(const IceCredentials&, const IceCredentials&) = default;
};

// a=group. RFC 5888 §5, RFC 9143 §5 (BUNDLE).
struct Group {
  std::string semantics;
  std::vector<std::string> mids;

  [[nodiscard]] static std::optional<Group> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Group&, const Group&) = default;
};

// a=ice-options. RFC 8839 §5.6. Tags stand between spaces; commas, which a real peer writes, are
// read too.
[[nodiscard]] std::vector<std::string> parse_ice_options(std::string_view value);

}  // namespace rtclab::sdp
