#include "scenarios/cli/media_capture.h"

#include "agents/base/ip_packet.h"
#include "sim/capture/pcapng_writer.h"

#include <fmt/format.h>

#include <chrono>

namespace rtclab::cli {
namespace {

using evidence::Dissection;
using evidence::Evidence;
using evidence::Kind;
using evidence::Packet;

struct Route {
  Endpoint source;
  Endpoint destination;
};

Route route_of(const evidence::Carried& carried, const Route& outer) {
  if (!carried.relayed || !carried.peer) return outer;
  if (carried.from_client) return {*carried.relayed, *carried.peer};
  return {*carried.peer, *carried.relayed};
}

class MediaWriter {
 public:
  MediaWriter(const Evidence& evidence, std::ostream& out)
      : epoch_{evidence.origin / 1'000'000'000},
        rest_{evidence.origin % 1'000'000'000},
        evidence_{evidence},
        writer_{out, "rtclab decrypt", epoch_} {
    for (const auto& interface : evidence.interfaces) writer_.add_interface({interface.name, ""});
  }

  void write(const Packet& packet) {
    write(packet, packet.dissection, {packet.source, packet.destination});
  }
  [[nodiscard]] MediaCaptureCounts counts() const { return counts_; }

 private:
  void write(const Packet& packet, const Dissection& dissection, const Route& route) {
    if (dissection.kind == Kind::Rtp || dissection.kind == Kind::Rtcp) {
      ++(dissection.media ? counts_.opened : counts_.sealed);
      if (dissection.media) write_plain(packet, *dissection.media, route);
    }
    if (dissection.carried)
      write(packet, dissection.carried->dissection, route_of(*dissection.carried, route));
    for (const auto& message : dissection.framed) write(packet, message.dissection, route);
  }

  void write_plain(const Packet& packet, const evidence::UnprotectedMedia& media,
                   const Route& route) {
    const capture::InterfaceId interface { static_cast<std::uint32_t>(packet.interface) };
    const bool outbound = packet.direction == evidence::Direction::Outbound;
    const auto datagram =
        ip::build_udp(route.source, route.destination, media.plain, packet.identification);
    auto comment = fmt::format("frame {} of {}, {}", packet.frame,
                               evidence_.interfaces.at(packet.interface).capture, media.profile);
    if (!packet.comment.empty()) comment += "; " + packet.comment;
    writer_.dropped(
        {.interface = interface,
         .at = Instant{packet.at + rest_},
         .direction = outbound ? capture::Direction::Outbound : capture::Direction::Inbound,
         .frame = {interface, interface},
         .packet = datagram,
         .identity = sim::PacketId{packet.id.value_or(counts_.opened)}},
        comment);
  }

  std::chrono::seconds epoch_;
  Duration rest_;
  const Evidence& evidence_;
  capture::PcapngWriter writer_;
  MediaCaptureCounts counts_;
};

}  // namespace

MediaCaptureCounts write_media_capture(const Evidence& evidence, std::ostream& out) {
  MediaWriter writer{evidence, out};
  for (const auto& packet : evidence.packets) writer.write(packet);
  return writer.counts();
}

}  // namespace rtclab::cli
