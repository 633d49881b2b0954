#include "scenarios/live/stream_story.h"

#include <algorithm>
#include <utility>

namespace rtclab::program {
namespace {

constexpr std::size_t kSegmentSize = 1440;  // Ethernet's 1500 less IPv6 and TCP headers

live::Direction opposite(live::Direction direction) {
  return direction == live::Direction::Out ? live::Direction::In : live::Direction::Out;
}

}  // namespace

void StreamStory::opened(Instant at, live::Direction direction, const Path& path) {
  ends_.insert_or_assign(path, Ends{});
  tell(at, direction, path, {.syn = true});
  tell(at, opposite(direction), path, {.syn = true, .ack = true});
  tell(at, direction, path, {.ack = true});
}

void StreamStory::octets(Instant at, live::Direction direction, const Path& path, ByteView octets) {
  while (!octets.empty()) {
    const auto part = octets.first(std::min(octets.size(), kSegmentSize));
    octets = octets.subspan(part.size());
    tell(at, direction, path,
         {.psh = octets.empty(), .ack = true, .payload = Bytes{part.begin(), part.end()}});
  }
  tell(at, opposite(direction), path, {.ack = true});
}

void StreamStory::closed(Instant at, live::Direction direction, const Path& path) {
  tell(at, direction, path, {.fin = true, .ack = true});
  tell(at, opposite(direction), path, {.fin = true, .ack = true});
  tell(at, direction, path, {.ack = true});
  ends_.erase(path);
}

void StreamStory::tell(Instant at, live::Direction direction, const Path& path,
                       tcp::Segment segment) {
  const auto ends = ends_.find(path);
  if (ends == ends_.end()) return;
  const bool out = direction == live::Direction::Out;
  const auto& from = out ? path.local : path.remote;
  const auto& to = out ? path.remote : path.local;
  auto& ours = out ? ends->second.ours : ends->second.theirs;
  const auto theirs = out ? ends->second.theirs : ends->second.ours;
  segment.source = from.port;
  segment.destination = to.port;
  segment.seq = ours;
  if (segment.ack) segment.ack_number = theirs;
  segment.window = 65535;
  ours = ours + segment.length();
  on_segment_(at, direction, path, segment.serialize(from.ip, to.ip));
}

}  // namespace rtclab::program
