// Which section an RTP packet belongs to, and which stream of it.
//
// Spec: RFC 9143 §9.2 (MID, then the SSRC table, then the payload type), RFC 8852 §3 (RID and
// repaired RID tell the streams of a section apart), RFC 4588 §5.3 (which stream an RTX stream
// repairs). The SSRC table knows what descriptions signal and what packets have shown; a MID moves
// an SSRC to its section.
#pragma once

#include "agents/media/configuration.h"
#include "agents/media/packet_view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::media {

struct Route {
  std::size_t section = 0;  // index into Configuration::sections
  const PayloadFormat* format = nullptr;
  // The stream whose packet this is; for RTX the one that is repaired. nullopt: an RTX stream that
  // nothing ties to another yet.
  std::optional<std::uint32_t> stream{};
  std::string rid{};
  std::string_view by;  // what told: "mid", "ssrc", "payload type"
};

class Demultiplexer {
 public:
  // Copies what it needs; what packets have shown stays known for sections that stay.
  void configure(const Configuration& configuration);
  void ignore_mids() { ignores_mids_ = true; }  // Deviation::RtpRouteWithoutMid
  // Learns from the packet. `route.format` points into this object until the next configure().
  [[nodiscard]] std::optional<Route> route(const PacketView& packet);
  // Why the latest route() was nullopt.
  [[nodiscard]] std::string_view why() const { return why_; }
  void forget(std::uint32_t ssrc);
  // SDES items of RTCP tell the same as the header extensions (RFC 9143 §15.1).
  void learn(std::uint32_t ssrc, std::string_view mid);
  [[nodiscard]] std::optional<std::size_t> section_of(std::uint32_t ssrc) const;

 private:
  struct Known {
    std::uint32_t ssrc = 0;
    std::size_t section = 0;
    std::optional<std::uint32_t> repairs{};  // an RTX stream of this one
    std::string rid{};
    bool signalled = false;
    bool heard = false;
  };
  [[nodiscard]] Known* find(std::uint32_t ssrc);
  Known& remember(std::uint32_t ssrc, std::size_t section);
  [[nodiscard]] std::optional<std::size_t> by_mid(std::string_view mid) const;
  [[nodiscard]] std::optional<std::size_t> by_payload_type(std::uint8_t type) const;
  [[nodiscard]] const PayloadFormat* format(std::size_t section, std::uint8_t type) const;
  [[nodiscard]] std::optional<std::uint32_t> repaired_by(const Known& rtx,
                                                         std::string_view repaired_rid) const;

  std::vector<Section> sections_;
  std::vector<Known> known_;
  std::string_view why_;
  bool ignores_mids_ = false;
};

}  // namespace rtclab::media
