#include "agents/peer/header_extension.h"

namespace rtclab::peer {
namespace {

std::vector<HeaderExtension> extensions(std::initializer_list<std::string_view> uris) {
  std::vector<HeaderExtension> list;
  for (const auto uri : uris) list.push_back({std::string{uri}});
  return list;
}

}  // namespace

std::vector<HeaderExtension> default_header_extensions(MediaKind kind) {
  using namespace extension;
  if (kind == MediaKind::Audio) {
    return extensions({kMid, kAudioLevel, kAbsoluteSendTime, kTransportWideCc});
  }
  return extensions({kMid, kRid, kRepairedRid, kTimeOffset, kAbsoluteSendTime, kTransportWideCc,
                     kVideoOrientation, kPlayoutDelay});
}

}  // namespace rtclab::peer
