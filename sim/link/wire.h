// One direction of a wired link, on ns-3's clock.
#pragma once

#include "sim/link/carrier.h"
#include "sim/link/handshake_watch.h"
#include "sim/link/impairments.h"
#include "sim/link/transmitter.h"

#include <ns3/event-id.h>

#include <optional>
#include <string>

namespace rtclab::sim {

class Interface;
class Network;

class Wire final : public Carrier {
 public:
  // `watch` is what both directions of the link share; empty while neither needs it.
  Wire(Network& network, Interface& from, Interface& to, std::string link, Way way,
       const topology::LinkQuality& quality, std::optional<HandshakeWatch>& watch);
  ~Wire() override { alarm_.Cancel(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] std::size_t mtu() const override { return quality().mtu; }
  [[nodiscard]] Offer judge(ByteView packet) override;
  void carry(Parcel parcel) override;

  void set(const topology::LinkQuality& quality);
  [[nodiscard]] const topology::LinkQuality& quality() const { return impairments_.quality(); }
  [[nodiscard]] bool asks_for_flights() const { return impairments_.asks_for_flights(); }

 private:
  class Passage;  // the arrival of a packet, as an event
  void depart(Parcel&& parcel);
  void arrive(Parcel& parcel, Duration kept_in_order);
  void arm();
  [[nodiscard]] std::string notes_on(const Parcel& parcel, Duration kept_in_order) const;

  Network& network_;
  Interface& from_;
  Interface& to_;
  std::string link_;
  Way way_;
  std::optional<HandshakeWatch>& watch_;
  Impairments impairments_;
  Transmitter transmitter_;
  Instant last_arrival_{};
  ns3::EventId alarm_;
  std::optional<Instant> armed_for_;
};

}  // namespace rtclab::sim
