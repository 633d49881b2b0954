// The encodings that addTransceiver is given: W3C webrtc-pc §5.1, "addTransceiver sendEncodings
// validation steps".
#include "agents/peer/transceivers.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace rtclab::peer {
namespace {

// As many as browsers send at once.
constexpr std::size_t kMostEncodings = 3;
constexpr std::size_t kLongestRid = 255;  // RFC 8852 §3.1: its length has to fit into one octet

// RFC 8851 §10: letters, digits, "-" and "_".
bool is_rid(const std::string& rid) {
  return rid.size() <= kLongestRid && std::ranges::all_of(rid, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_';
         });
}

std::optional<Error> flaw_of(const std::vector<Encoding>& encodings) {
  const auto with_rid = static_cast<std::size_t>(
      std::ranges::count_if(encodings, [](const Encoding& each) { return !each.rid.empty(); }));
  if (with_rid != 0 && with_rid != encodings.size())
    return Error::type_error("either all encodings have a rid or none");
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    const auto& encoding = encodings[i];
    if (!is_rid(encoding.rid)) return Error::type_error("\"" + encoding.rid + "\" is no rid");
    for (std::size_t k = 0; k < i; ++k) {
      if (!encoding.rid.empty() && encodings[k].rid == encoding.rid)
        return Error::type_error("two encodings have the rid " + encoding.rid);
    }
  }
  for (const auto& encoding : encodings) {
    if (encoding.scale_resolution_down_by && *encoding.scale_resolution_down_by < 1.0)
      return Error::range("scaleResolutionDownBy is less than 1");
    if (encoding.max_framerate && *encoding.max_framerate <= 0.0)
      return Error::range("maxFramerate is not above 0");
  }
  return std::nullopt;
}

void fill_scaling(std::vector<Encoding>& encodings) {
  const bool any = std::ranges::any_of(
      encodings, [](const Encoding& each) { return each.scale_resolution_down_by.has_value(); });
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    auto& scale = encodings[i].scale_resolution_down_by;
    // Smaller to larger: 4, 2, 1.
    if (!scale) scale = any ? 1.0 : static_cast<double>(1u << (encodings.size() - i - 1));
  }
}

}  // namespace

Outcome<std::vector<Encoding>> checked_encodings(MediaKind kind, std::vector<Encoding> encodings) {
  if (kind == MediaKind::Audio) {
    for (auto& each : encodings) {
      each.scale_resolution_down_by.reset();
      each.max_framerate.reset();
    }
  }
  if (auto flaw = flaw_of(encodings)) return reject(std::move(*flaw));
  const auto most = kind == MediaKind::Video ? kMostEncodings : 1;
  if (encodings.size() > most) encodings.resize(most);
  if (encodings.empty()) encodings.emplace_back();
  if (kind == MediaKind::Video) fill_scaling(encodings);
  if (encodings.size() == 1) encodings.front().rid.clear();
  return encodings;
}

}  // namespace rtclab::peer
