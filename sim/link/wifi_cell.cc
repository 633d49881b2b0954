#include "sim/link/wifi_cell.h"

#include "sim/link/impairments.h"
#include "sim/link/network.h"
#include "sim/link/passport.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>
#include <ns3/constant-position-mobility-model.h>
#include <ns3/double.h>
#include <ns3/event-id.h>
#include <ns3/net-device-container.h>
#include <ns3/node-container.h>
#include <ns3/node.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/rng-seed-manager.h>
#include <ns3/simulator.h>
#include <ns3/uinteger.h>
#include <ns3/wifi-helper.h>
#include <ns3/wifi-mac-helper.h>
#include <ns3/wifi-mac.h>
#include <ns3/wifi-mpdu.h>
#include <ns3/wifi-net-device.h>
#include <ns3/yans-wifi-helper.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

namespace rtclab::sim {
namespace {

constexpr std::uint16_t kEtherTypeV4 = 0x0800;
constexpr std::uint16_t kEtherTypeV6 = 0x86dd;
constexpr std::uint32_t kSnapHeader = 8;  // before the packet in an MPDU
constexpr std::int64_t kStreamsOfCell = 1'000'000;
constexpr std::int64_t kStreamsOfRadio = 100;

ns3::WifiStandard to_ns3(topology::WifiStandard standard) {
  switch (standard) {
    case topology::WifiStandard::N: return ns3::WIFI_STANDARD_80211n;
    case topology::WifiStandard::A: return ns3::WIFI_STANDARD_80211a;
    case topology::WifiStandard::G: return ns3::WIFI_STANDARD_80211g;
  }
  __builtin_unreachable();
}

// Linux's own: Minstrel, and Minstrel-HT from 802.11n on.
const char* rate_control_of(topology::WifiStandard standard) {
  return standard == topology::WifiStandard::N ? "ns3::MinstrelHtWifiManager"
                                               : "ns3::MinstrelWifiManager";
}

std::uint16_t ether_type(ByteView packet) {
  return std::to_integer<unsigned>(packet.front()) >> 4u == 6 ? kEtherTypeV6 : kEtherTypeV4;
}

std::string_view describe(ns3::WifiMacDropReason reason) {
  switch (reason) {
    case ns3::WIFI_MAC_DROP_FAILED_ENQUEUE: return "the queue of its radio is full";
    case ns3::WIFI_MAC_DROP_EXPIRED_LIFETIME: return "waited too long for the channel";
    case ns3::WIFI_MAC_DROP_REACHED_RETRY_LIMIT: return "nobody acknowledged it";
    case ns3::WIFI_MAC_DROP_QOS_OLD_PACKET: return "too late for the receiver's window";
  }
  return "given up";
}

Bytes octets_of(const ns3::Packet& packet, std::uint32_t skipped) {
  const auto size = packet.GetSize();
  if (size < skipped) return {};
  Bytes all(size);
  packet.CopyData(reinterpret_cast<std::uint8_t*>(all.data()), size);
  all.erase(all.begin(), all.begin() + skipped);
  return all;
}

}  // namespace

// A packet as it comes off the air.
struct WifiCell::Heard {
  capture::InterfaceId sender;
  Parcel parcel;
  Instant sent;
};

// A device, and what it hears and gives up.
class WifiCell::Radio {
 public:
  using OnHeard = std::function<void(const ns3::Address& from, const Heard& heard)>;
  using GivenUp =
      std::function<void(capture::InterfaceId sender, const Parcel& parcel, std::string_view why)>;

  Radio(ns3::Ptr<ns3::NetDevice> device, OnHeard heard, GivenUp givenUp)
      : m_device{ns3::DynamicCast<ns3::WifiNetDevice>(device)},
        m_heard{std::move(heard)},
        m_givenUp{std::move(givenUp)} {
    m_device->SetReceiveCallback(ns3::MakeCallback(&Radio::Receive, this));
    m_device->GetMac()->TraceConnectWithoutContext("DroppedMpdu",
                                                   ns3::MakeCallback(&Radio::NoteDropped, this));
  }
  ~Radio() {
    // ns-3 keeps the device until the simulation ends.
    m_device->GetMac()->TraceDisconnectWithoutContext("DroppedMpdu",
                                                      ns3::MakeCallback(&Radio::NoteDropped, this));
    m_device->SetReceiveCallback(ns3::NetDevice::ReceiveCallback{});
  }
  Radio(const Radio&) = delete;
  Radio& operator=(const Radio&) = delete;

  ns3::Address Address() const { return m_device->GetAddress(); }
  void Send(const Parcel& parcel, capture::InterfaceId sender, const ns3::Address& to) {
    auto packet =
        ns3::Create<ns3::Packet>(reinterpret_cast<const std::uint8_t*>(parcel.packet.data()),
                                 static_cast<std::uint32_t>(parcel.packet.size()));
    packet->AddPacketTag(Passport{parcel.identity, parcel.frame, sender, Simulation::now()});
    m_device->Send(packet, to, ether_type(parcel.packet));
  }

 private:
  bool Receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
               const ns3::Address& from) {
    Passport passport;
    if (!packet->PeekPacketTag(passport)) return false;
    m_heard(from, {passport.Sender(),
                   {octets_of(*packet, 0), passport.Identity(), passport.Stations()},
                   passport.Sent()});
    return true;
  }
  void NoteDropped(ns3::WifiMacDropReason reason, ns3::Ptr<const ns3::WifiMpdu> mpdu) {
    Passport passport;
    const auto packet = mpdu->GetPacket();
    if (!packet->PeekPacketTag(passport)) return;  // a frame of the MAC's own
    m_givenUp(passport.Sender(),
              {octets_of(*packet, kSnapHeader), passport.Identity(), passport.Stations()},
              describe(reason));
  }

  ns3::Ptr<ns3::WifiNetDevice> m_device;
  OnHeard m_heard;
  GivenUp m_givenUp;
};

// What is below an interface: a radio, and the other one that it talks to. Keeps what it has sent
// until it was heard or given up: what waits for the channel for half a second ns-3's queue forgets
// without a word.
class WifiCell::Port final : public Carrier {
 public:
  using Lost = std::function<void(const Parcel& parcel, std::string_view why)>;

  Port(Radio& radio, capture::InterfaceId sender, ns3::Address to, std::size_t mtu, Lost lost)
      : radio_{radio}, sender_{sender}, to_{std::move(to)}, mtu_{mtu}, lost_{std::move(lost)} {}
  ~Port() override { alarm_.Cancel(); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] std::size_t mtu() const override { return mtu_; }
  [[nodiscard]] Offer judge(ByteView /*packet*/) override { return {}; }
  void carry(Parcel parcel) override {
    parcel.offered = Simulation::now();
    const auto identity = parcel.identity;
    const auto& kept = waiting_.insert_or_assign(identity, std::move(parcel)).first->second;
    if (!alarm_.IsRunning()) arm(kept.offered);
    radio_.Send(kept, sender_, to_);
  }
  void settle(PacketId identity) { waiting_.erase(identity); }
  void give_up(const Parcel& parcel, std::string_view why) {
    if (waiting_.erase(parcel.identity) > 0) lost_(parcel, why);
  }

 private:
  // Above the half second by what seven tries can take.
  static constexpr Duration kForgotten = std::chrono::seconds{1};

  void arm(Instant oldest) {
    const auto delay = oldest + kForgotten - Simulation::now();
    alarm_ =
        ns3::Simulator::Schedule(ns3::NanoSeconds(delay.count()), &Port::look_for_forgotten, this);
  }
  void look_for_forgotten() {
    std::optional<Instant> oldest;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (Simulation::now() - at->second.offered >= kForgotten) {
        lost_(at->second, "waited too long for the channel");
        at = waiting_.erase(at);
      } else {
        oldest = oldest ? std::min(*oldest, at->second.offered) : at->second.offered;
        ++at;
      }
    }
    if (oldest) arm(*oldest);
  }

  Radio& radio_;
  capture::InterfaceId sender_;
  ns3::Address to_;
  std::size_t mtu_;
  Lost lost_;
  std::map<PacketId, Parcel> waiting_;
  ns3::EventId alarm_;
};

struct WifiCell::Parts {
  Parts(const topology::Wifi& wifi, unsigned number, std::uint64_t run)
      : first_stream{kStreamsOfCell * (number + 1)} {
    // Global to ns-3, and asked when a stream begins.
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(run);
    ns3::YansWifiChannelHelper channel;
    channel.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
    channel.AddPropagationLoss("ns3::LogDistancePropagationLossModel", "Exponent",
                               ns3::DoubleValue(wifi.path_loss_exponent));
    phy.SetChannel(channel.Create());
    helper.SetStandard(to_ns3(wifi.standard));
    helper.SetRemoteStationManager(rate_control_of(wifi.standard));
    // No frames of several packets, and with them no Block Ack: see the header.
    const auto none = ns3::UintegerValue{0};
    mac.SetType("ns3::AdhocWifiMac", "BE_MaxAmpduSize", none, "BK_MaxAmpduSize", none,
                "VI_MaxAmpduSize", none, "VO_MaxAmpduSize", none);
  }

  // A node of its own for each radio, which is where ns-3 keeps the position.
  ns3::Ptr<ns3::NetDevice> make_device(const ns3::Vector& position) {
    auto node = ns3::CreateObject<ns3::Node>();
    auto place = ns3::CreateObject<ns3::ConstantPositionMobilityModel>();
    place->SetPosition(position);
    node->AggregateObject(place);
    const auto devices = helper.Install(phy, mac, ns3::NodeContainer{node});
    helper.AssignStreams(devices, first_stream + kStreamsOfRadio * made++);
    return devices.Get(0);
  }

  std::int64_t first_stream;
  std::int64_t made = 0;
  ns3::YansWifiPhyHelper phy;
  ns3::WifiHelper helper;
  ns3::WifiMacHelper mac;
  std::unique_ptr<Radio> access_point;
  std::vector<std::unique_ptr<Radio>> stations;
  std::vector<std::unique_ptr<Interface>> interfaces;
  std::map<capture::InterfaceId, Port*> carriers;  // of the interfaces above
  std::map<ns3::Address, Interface*> ports;        // of the access point, by the station's address
};

WifiCell::WifiCell(Network& network, std::string name, const topology::Wifi& wifi, unsigned number)
    : network_{network},
      name_{std::move(name)},
      parts_{std::make_unique<Parts>(wifi, number, network.fork("wifi").next() >> 1u)} {
  parts_->access_point = std::make_unique<Radio>(
      parts_->make_device({0, 0, 0}),
      [this](const ns3::Address& from, const Heard& heard) {
        const auto port = parts_->ports.find(from);
        if (port != parts_->ports.end()) arrive(*port->second, heard);
      },
      [this](capture::InterfaceId sender, const Parcel& parcel, std::string_view why) {
        parts_->carriers.at(sender)->give_up(parcel, why);
      });
}

WifiCell::~WifiCell() = default;

void WifiCell::arrive(Interface& at, const Heard& heard) {
  parts_->carriers.at(heard.sender)->settle(heard.parcel.identity);
  at.deliver(heard.parcel, fmt::format("link {}: {} over the air", at.link(),
                                       duration_text(Simulation::now() - heard.sent)));
}

WifiCell::Station WifiCell::add(InterfaceSpec station, InterfaceSpec port, double metres,
                                std::size_t mtu) {
  const auto link = station.machine + "—" + port.machine;
  const auto interface_of = [&](InterfaceSpec spec) -> Interface& {
    return *parts_->interfaces.emplace_back(
        std::make_unique<Interface>(network_, std::move(spec), link));
  };
  auto& own = interface_of(std::move(station));
  auto& other = interface_of(std::move(port));
  const auto turn = static_cast<double>(parts_->stations.size()) * 137.5 * std::numbers::pi / 180;
  auto& radio = *parts_->stations.emplace_back(std::make_unique<Radio>(
      parts_->make_device({metres * std::cos(turn), metres * std::sin(turn), 0}),
      [this, &own](const ns3::Address&, const Heard& heard) { arrive(own, heard); },
      [this](capture::InterfaceId sender, const Parcel& parcel, std::string_view why) {
        parts_->carriers.at(sender)->give_up(parcel, why);
      }));
  const auto join = [&](Interface& from, const Interface& to, Radio& by, const Radio& whom) {
    auto carrier = std::make_unique<Port>(
        by, from.id(), whom.Address(), mtu, [&from](const Parcel& parcel, std::string_view why) {
          from.note_dropped_later(parcel, fmt::format("lost on link {}: {}", from.link(), why));
        });
    parts_->carriers[from.id()] = carrier.get();
    from.set_carrier(std::move(carrier), to.id());
    from.on_receive([](ByteView, PacketId) {});  // until somebody listens: only captured
  };
  join(own, other, radio, *parts_->access_point);
  join(other, own, *parts_->access_point, radio);
  parts_->ports[radio.Address()] = &other;
  return {&own, &other};
}

}  // namespace rtclab::sim
