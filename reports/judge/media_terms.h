// What offers and answers let each side send as RTP: sections, payload types, header extensions,
// and the feedback that may come back.
//
// Spec: RFC 3264 §6.1 (payload types are the receiver's), RFC 8285 §6 (ids of header extensions),
// RFC 4585 §4.2 (feedback), RFC 5506 §5 (reduced size), RFC 8866 §5.8 (b=), RFC 4588 §8.1 (apt).
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/header_extension.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

class Docket;

struct RtpFormat {
  std::string codec;  // in lower case: "opus", "vp8", "rtx"
  std::uint32_t clock_rate = 0;
  std::optional<std::uint8_t> apt;  // rtx: the payload type that it repeats
};

// One section of an exchange, for one of the two as sender.
struct MediaTerms {
  std::string mid;
  std::string kind;      // "audio", "video"
  bool sends = false;    // neither direction forbids it, and nobody refused the section
  bool refused = false;  // or stopped: port 0
  bool bundled = false;
  bool reduced_size = false;                           // both say a=rtcp-rsize
  std::map<std::uint8_t, RtpFormat> formats;           // the receiver's
  std::map<std::string, rtp::ExtensionId> extensions;  // by URI; the receiver's
  std::set<std::string, std::less<>> feedback;         // in both descriptions: "nack pli"
  std::optional<std::uint64_t> bandwidth;              // bit/s, by the receiver's b=
  std::vector<std::string> rids;                       // of simulcast, as offered and answered

  [[nodiscard]] std::optional<rtp::ExtensionId> extension(std::string_view uri) const;
};

// What holds for one sender from the answer on.
struct SideTerms {
  Duration since{};
  std::vector<MediaTerms> sections;              // those of RTP, refused ones too
  std::map<std::uint32_t, std::string> sources;  // a=ssrc of the sender: the mid

  [[nodiscard]] const MediaTerms* find(std::string_view mid) const;
  // The section that alone has this payload type.
  [[nodiscard]] const MediaTerms* only_with(std::uint8_t payload_type) const;
};

// By the name of the sender, each by time. Exchanges without an answer left nothing.
[[nodiscard]] std::map<std::string, std::vector<SideTerms>> media_terms(const Docket& docket);

}  // namespace rtclab::judge
