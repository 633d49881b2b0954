// Deliberate faults in what we write: offers, answers and candidates, each changed after it was
// made as it ought to be.
#pragma once

#include "agents/base/deviation.h"
#include "agents/peer/description.h"
#include "agents/peer/media_section.h"
#include "agents/sdp/candidate.h"
#include "agents/sdp/session_description.h"

namespace rtclab::peer {

// "Later" descriptions, of which some faults speak, are those whose version is not the first.
void deviate(sdp::SessionDescription& description, SdpType type, const Deviations& deviations);
// What both sides then act on, so that it is no fault but a lack.
void deviate(MediaSection& media, const Deviations& deviations);
void deviate(sdp::Candidate& candidate, const Deviations& deviations);

}  // namespace rtclab::peer
