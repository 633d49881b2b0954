#include "tests/bench/packet_floor.h"

#include "tests/bench/cpu_time.h"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/node.h>
#include <ns3/object-factory.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/simulator.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace rtclab::bench {
namespace {

constexpr int kTag = 16;
constexpr int kClear = 20;  // an RTP header with a few extensions
constexpr std::uint16_t kIPv4 = 0x0800;

void must(bool succeeded) {
  if (!succeeded) std::abort();
}

// AES-128-GCM in one direction.
class Seal {
 public:
  explicit Seal(bool encrypts) {
    must(EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, kKey, nullptr,
                           encrypts ? 1 : 0) == 1);
  }
  void run(std::vector<unsigned char>& packet, bool encrypts) {
    unsigned char nonce[12] = {};
    int size = 0;
    auto* const at = packet.data();
    const auto body = static_cast<int>(packet.size()) - kClear - kTag;
    must(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce, -1) == 1);
    must(EVP_CipherUpdate(context_.get(), nullptr, &size, at, kClear) == 1);
    must(EVP_CipherUpdate(context_.get(), at + kClear, &size, at + kClear, body) == 1);
    auto* const tag = at + kClear + body;
    if (!encrypts) must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag) == 1);
    must(EVP_CipherFinal_ex(context_.get(), at + kClear + body, &size) == 1);
    if (encrypts) must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag) == 1);
  }

 private:
  static constexpr unsigned char kKey[16] = {1, 2, 3};
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_{EVP_CIPHER_CTX_new()};
};

// One end of a link: sends a sealed packet each `interval`, opens what comes.
class End {
 public:
  End(std::size_t octets, ns3::Time interval, std::uint64_t packets)
      : octets_{octets}, interval_{interval}, left_{packets} {
    device_->SetAddress(ns3::Mac48Address::Allocate());
    device_->SetDataRate(ns3::DataRate("100Gbps"));
    device_->SetQueue(ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>());
    node_->AddDevice(device_);
    node_->RegisterProtocolHandler(ns3::MakeCallback(&End::receive, this), 0, device_);
  }
  void attach(const ns3::Ptr<ns3::PointToPointChannel>& channel) { device_->Attach(channel); }
  void start(ns3::Time after) { ns3::Simulator::Schedule(after, &End::send, this); }

 private:
  void send() {
    if (left_-- == 0) return;
    buffer_.assign(octets_, 0);
    seal_.run(buffer_, true);
    device_->Send(ns3::Create<ns3::Packet>(buffer_.data(), static_cast<std::uint32_t>(octets_)),
                  device_->GetBroadcast(), kIPv4);
    ns3::Simulator::Schedule(interval_, &End::send, this);
  }
  void receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
               const ns3::Address&, const ns3::Address&, ns3::NetDevice::PacketType) {
    buffer_.resize(packet->GetSize());
    packet->CopyData(buffer_.data(), packet->GetSize());
    open_.run(buffer_, false);
  }

  std::size_t octets_;
  ns3::Time interval_;
  std::uint64_t left_;
  ns3::Ptr<ns3::Node> node_ = ns3::CreateObject<ns3::Node>();
  ns3::Ptr<ns3::PointToPointNetDevice> device_ = ns3::CreateObject<ns3::PointToPointNetDevice>();
  std::vector<unsigned char> buffer_;
  Seal seal_{true};
  Seal open_{false};
};

}  // namespace

double cpu_of(const PacketFloor& floor) {
  ns3::ObjectFactory scheduler;
  scheduler.SetTypeId("ns3::PriorityQueueScheduler");
  ns3::Simulator::SetScheduler(scheduler);
  const auto each = floor.packets / (2 * floor.calls);
  const auto interval = ns3::NanoSeconds(floor.length.count() / static_cast<std::int64_t>(each));
  std::vector<std::unique_ptr<End>> ends;
  for (std::size_t call = 0; call < floor.calls; ++call) {
    auto channel = ns3::CreateObject<ns3::PointToPointChannel>();
    channel->SetAttribute("Delay", ns3::TimeValue(ns3::MilliSeconds(20)));
    for (int side = 0; side < 2; ++side) {
      auto& end = *ends.emplace_back(std::make_unique<End>(floor.octets, interval, each));
      end.attach(channel);
      end.start(ns3::MicroSeconds(static_cast<std::uint64_t>(37 * call + 11 * side)));
    }
  }
  const auto before = cpu_seconds();
  ns3::Simulator::Run();
  const auto spent = cpu_seconds() - before;
  ns3::Simulator::Destroy();
  return spent;
}

}  // namespace rtclab::bench
