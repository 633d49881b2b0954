// What a description of the peer means to us, section by section.
//
// Spec: RFC 9429 §5.8 (parsing), §5.10 and §5.11 (what must be there), RFC 8842 §5 (setup), RFC
// 8841 (SCTP), RFC 9143 §7 (which section speaks for a BUNDLE group).
#pragma once

#include "agents/dtls/certificate.h"
#include "agents/ice/credentials.h"
#include "agents/ice/options.h"
#include "agents/peer/bundle.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/media_section.h"
#include "agents/sdp/session_description.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

struct RemoteTransport {
  ice::Credentials credentials;
  std::vector<dtls::Fingerprint> fingerprints;
  sdp::Setup setup = sdp::Setup::ActPass;
  std::optional<std::string> tls_id;
  ice::RemoteOptions options{};  // a=ice-lite and the ice-options that matter
};

struct RemoteData {
  Port sctp_port{5000};
  std::uint64_t max_message_size = 65536;  // RFC 8841 §6.1: what no attribute means
};

struct RemoteSection {
  std::optional<std::string> mid;
  bool rejected = false;
  // Of the section that speaks for it; nullopt when it is rejected, or nothing that we know.
  std::optional<RemoteTransport> transport;
  std::size_t speaker = 0;  // the index of that section
  // At most one of the two.
  std::optional<RemoteData> data;
  std::optional<MediaSection> media;
};

struct RemoteSession {
  bool ice_lite = false;
  bool trickles = false;  // a=ice-options:trickle
  // bit/s that we may send altogether: b=CT (RFC 9429 §5.11).
  std::optional<std::uint64_t> max_bitrate{};
  std::vector<RemoteSection> sections;
  std::vector<BundleGroup> groups;

  // The first section with data channels that is not rejected; only one is used.
  [[nodiscard]] std::optional<std::size_t> data_section() const;
};

// InvalidAccessError when something that RFC 9429 demands is missing or contradicts itself.
[[nodiscard]] Outcome<RemoteSession> read_remote(SdpType type,
                                                 const sdp::SessionDescription& description);

// An answer has the sections of the offer, in order and of the same kind and protocol, and bundles
// nothing that was not offered bundled (RFC 9429 §5.8.3, RFC 3264 §6, RFC 9143 §7.4).
[[nodiscard]] Outcome<void> check_answers(const sdp::SessionDescription& offer,
                                          const sdp::SessionDescription& answer);
// A later offer keeps the sections that were negotiated (RFC 3264 §8). `other` is our description
// of the same round: a section that either side rejected may be used for something else.
[[nodiscard]] Outcome<void> check_continues(const sdp::SessionDescription& current,
                                            const sdp::SessionDescription* other,
                                            const sdp::SessionDescription& offer);

}  // namespace rtclab::peer
