// The four descriptions that a peer connection keeps, and what setting one does to them.
//
// Spec: W3C webrtc-pc §4.4.1.5 (the slots), §4.8.1 and §4.4.2 (candidates join the descriptions of
// their generation).
#pragma once

#include "agents/peer/description.h"
#include "agents/peer/signaling.h"
#include "agents/sdp/session_description.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::peer {

struct StoredDescription {
  SdpType type = SdpType::Offer;
  sdp::SessionDescription sdp;
  bool trickled = false;  // a candidate, or their end, was added after it was set

  [[nodiscard]] Description text() const { return {type, sdp.serialize()}; }
  // Whether the section (or the one that speaks for its group) has this user name fragment.
  [[nodiscard]] bool has_generation(std::size_t section, std::string_view ufrag) const;
  // Of the section's transport; empty when there is none.
  [[nodiscard]] std::string ufrag(std::size_t section) const;
};

class Descriptions {
 public:
  void set(Side side, StoredDescription description);
  void rollback();

  [[nodiscard]] const std::optional<StoredDescription>& pending(Side side) const {
    return slots(side).pending;
  }
  [[nodiscard]] const std::optional<StoredDescription>& current(Side side) const {
    return slots(side).current;
  }
  // The pending one if there is one, else the current one; nullptr when there is neither.
  [[nodiscard]] const StoredDescription* latest(Side side) const;

  // Adds the line to each description of the side whose section has that generation.
  void add_candidate(Side side, std::size_t section, std::string_view ufrag,
                     const sdp::Candidate& candidate);
  void add_end_of_candidates(Side side, std::size_t section, std::string_view ufrag);

 private:
  struct Slots {
    std::optional<StoredDescription> pending;
    std::optional<StoredDescription> current;
  };
  [[nodiscard]] Slots& slots(Side side) { return side == Side::Local ? local_ : remote_; }
  [[nodiscard]] const Slots& slots(Side side) const {
    return side == Side::Local ? local_ : remote_;
  }
  template <class Change>
  void change(Side side, std::size_t section, std::string_view ufrag, Change change_section);

  Slots local_;
  Slots remote_;
};

}  // namespace rtclab::peer
