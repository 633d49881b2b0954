// An access point and the stations around it, on ns-3's Wi-Fi: one channel that all of them share.
//
// Spec: IEEE 802.11. What a link over the air does follows from ns3::WifiNetDevice on one
// YansWifiChannel: stations contend (DCF), collide, repeat, choose their rate (Minstrel-HT, which
// Linux uses) and give up after seven tries; the signal falls with the distance (log-distance
// model).
//
// MAC of independent stations (ns3::AdhocWifiMac) that all talk to the access point only, not
// infrastructure mode: there are no beacons, so that nothing happens on an idle channel, and no
// association, which would lose the first packets of every run. What passes between two stations
// goes over the access point, and so twice over the air, as in infrastructure mode. Not here: power
// saving, roaming, encryption. Multicast goes to each station by itself, as many access points do
// it.
//
// Packets go one by one, without A-MPDU and Block Ack: in ns-3.37 sequence numbers get lost when an
// agreement comes about while packets wait, and the receiver then holds back all that follows, for
// good. That is why there is no 802.11ac, whose model always agrees.
//
// Randomness: ns-3's own, on streams that the cell gives out explicitly, from the world's seed.
#pragma once

#include "sim/link/interface.h"
#include "topologies/topology.h"

#include <memory>
#include <string>

namespace rtclab::sim {

class Network;

class WifiCell {
 public:
  // `number` is the cell's own in its world, from 0.
  WifiCell(Network& network, std::string name, const topology::Wifi& wifi, unsigned number);
  WifiCell(const WifiCell&) = delete;
  WifiCell& operator=(const WifiCell&) = delete;
  ~WifiCell();

  struct Station {
    Interface* station;
    Interface* port;  // of the access point, for this station
  };
  // Stations stand around the access point, each at its distance in metres, the next one 137.5
  // degrees on. The cell owns the interfaces.
  Station add(InterfaceSpec station, InterfaceSpec port, double metres, std::size_t mtu);

 private:
  class Radio;
  class Port;
  struct Heard;
  struct Parts;
  void arrive(Interface& at, const Heard& heard);

  Network& network_;
  std::string name_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rtclab::sim
