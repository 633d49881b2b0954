// What createOffer or createAnswer made last: the text, and what stands behind each of its
// sections, so that setLocalDescription can carry it out. Nothing exists yet of what it plans.
//
// Spec: RFC 9429 §4.1.8 (creating changes no state), §5.4 (the text must come back unchanged).
#pragma once

#include "agents/ice/credentials.h"
#include "agents/peer/media_section.h"
#include "agents/peer/transceiver.h"
#include "agents/peer/transport.h"
#include "agents/sdp/session_description.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

// The transport that a section has for its own, or that its group is tagged with.
struct TransportPlan {
  std::optional<TransportId> existing{};
  // Of the session that the description speaks of; other ones than the existing transport has begin
  // a restart.
  ice::Credentials credentials;
  std::optional<ice::StreamId> pooled{};  // a new transport takes this stream of the candidate pool
  std::string tls_id;                     // another than the existing one's: a new association
  sdp::Setup setup = sdp::Setup::ActPass;
};

struct SectionPlan {
  std::optional<TransceiverId> transceiver{};
  std::optional<MediaSection> media{};
  bool data = false;
  std::optional<TransportPlan> transport{};
  // The section whose transport this one uses: itself, or its group's tag; nullopt: rejected.
  std::optional<std::size_t> speaker{};
  // Once the description is set: what `transport` has become.
  std::optional<TransportId> own{};
};

struct CreatedDescription {
  std::string text;
  sdp::SessionDescription sdp;
  std::uint64_t revision = 0;  // of the state of things that it describes
  std::vector<SectionPlan> sections;
};

}  // namespace rtclab::peer
