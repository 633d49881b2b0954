// What a description of the peer means to us.
//
// Spec: RFC 9429 §5.8 (parsing), §5.10 and §5.11 (what must be there), RFC 8842 §5 (setup), RFC
// 8841 (SCTP), RFC 9143 §7 (which section speaks for a BUNDLE group).
#pragma once

#include "agents/dtls/certificate.h"
#include "agents/ice/credentials.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
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
};

// The section with the data channels, when there is one that is not rejected.
struct RemoteData {
  std::size_t section = 0;
  RemoteTransport transport;
  Port sctp_port{5000};
  std::uint64_t max_message_size = 65536;  // RFC 8841 §6.1: what no attribute means
};

struct RemoteSession {
  bool ice_lite = false;
  std::optional<RemoteData> data;
};

// InvalidAccessError when something that RFC 9429 demands is missing or contradicts itself.
[[nodiscard]] Outcome<RemoteSession> read_remote(SdpType type,
                                                 const sdp::SessionDescription& description);

// An answer has the sections of the offer, in order (RFC 9429 §5.3.1, RFC 3264 §6).
[[nodiscard]] Outcome<void> check_answers(const sdp::SessionDescription& offer,
                                          const sdp::SessionDescription& answer);
// A later offer keeps the sections that were negotiated (RFC 3264 §8).
[[nodiscard]] Outcome<void> check_continues(const sdp::SessionDescription& current,
                                            const sdp::SessionDescription& offer);

// The index of the section whose transport attributes hold for section `index`: its own, or when it
// leaves them out, that of the BUNDLE group's tag.
[[nodiscard]] std::size_t transport_section(const sdp::SessionDescription& description,
                                            std::size_t index);

}  // namespace rtclab::peer
