#include "agents/peer/description.h"

namespace rtclab::peer {

std::string_view to_string(SdpType type) {
  switch (type) {
    case SdpType::Offer: return "offer";
    case SdpType::Pranswer: return "pranswer";
    case SdpType::Answer: return "answer";
    case SdpType::Rollback: return "rollback";
  }
  __builtin_unreachable();
}

std::optional<SdpType> parse_sdp_type(std::string_view text) {
  for (const auto type : {SdpType::Offer, SdpType::Pranswer, SdpType::Answer, SdpType::Rollback}) {
    if (to_string(type) == text) return type;
  }
  return std::nullopt;
}

}  // namespace rtclab::peer
