#include "sim/link/codel_queue.h"

#include "sim/link/flow_hash.h"
#include "sim/link/impairments.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>
#include <ns3/address.h>
#include <ns3/codel-queue-disc.h>
#include <ns3/fq-codel-queue-disc.h>
#include <ns3/packet.h>
#include <ns3/queue-item.h>
#include <ns3/queue-size.h>
#include <ns3/uinteger.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace rtclab::sim {
namespace {

// A parcel in ns-3's clothes: its size and the hash of its flow are all that the disciplines ask
// for.
class ParcelItem final : public ns3::QueueDiscItem {
 public:
  ParcelItem(Parcel parcel, const ns3::Ptr<ns3::Packet>& nothing)
      : ns3::QueueDiscItem{nothing, ns3::Address{}, 0}, m_parcel{std::move(parcel)} {}
  std::uint32_t GetSize() const override {
    return static_cast<std::uint32_t>(m_parcel.packet.size());
  }
  void AddHeader() override {}
  bool Mark() override { return false; }
  std::uint32_t Hash(std::uint32_t perturbation) const override {
    return flow_hash(m_parcel.packet) ^ perturbation;
  }
  const Parcel& Get() const { return m_parcel; }
  Parcel Take() { return std::move(m_parcel); }

 private:
  Parcel m_parcel;
};

std::string reason(std::string_view discipline, const Parcel& parcel, std::string_view why) {
  const auto waited = duration_text(Simulation::now() - parcel.offered);
  return why == ns3::FqCoDelQueueDisc::OVERLIMIT_DROP
             ? fmt::format("{}: queue full, after {} in it", discipline, waited)
             : fmt::format("{} after {} in the queue", discipline, waited);
}

class DisciplinedQueue final : public PacketQueue {
 public:
  DisciplinedQueue(ns3::Ptr<ns3::QueueDisc> discipline, std::string_view name, std::size_t places,
                   bool makes_room, Dropped dropped)
      : discipline_{std::move(discipline)},
        name_{name},
        places_{static_cast<std::uint32_t>(
            std::min<std::size_t>(places, std::numeric_limits<std::uint32_t>::max()))},
        makes_room_{makes_room},
        dropped_{std::move(dropped)} {
    discipline_->SetMaxSize(ns3::QueueSize{ns3::QueueSizeUnit::PACKETS, places_});
    discipline_->Initialize();
    // Both kinds of drop: what waited, and what was taken from a flow to make room.
    for (const auto* const source : {"DropAfterDequeue", "DropBeforeEnqueue"}) {
      discipline_->TraceConnectWithoutContext(
          source, ns3::MakeCallback(&DisciplinedQueue::note_dropped, this));
    }
  }
  ~DisciplinedQueue() override { discipline_->Dispose(); }
  DisciplinedQueue(const DisciplinedQueue&) = delete;
  DisciplinedQueue& operator=(const DisciplinedQueue&) = delete;

  [[nodiscard]] bool has_room() const override {
    return makes_room_ || discipline_->GetNPackets() < places_;
  }
  void push(Parcel parcel) override {
    discipline_->Enqueue(ns3::Create<ParcelItem>(std::move(parcel), empty_));
  }
  std::optional<Parcel> pop() override {
    const auto item = discipline_->Dequeue();
    if (!item) return std::nullopt;
    return static_cast<ParcelItem&>(*item).Take();
  }
  [[nodiscard]] std::size_t size() const override { return discipline_->GetNPackets(); }

 private:
  void note_dropped(ns3::Ptr<const ns3::QueueDiscItem> item, const char* why) {
    const auto& parcel = static_cast<const ParcelItem&>(*item).Get();
    dropped_(parcel, reason(name_, parcel, why));
  }

  ns3::Ptr<ns3::QueueDisc> discipline_;
  ns3::Ptr<ns3::Packet> empty_ = ns3::Create<ns3::Packet>();
  std::string_view name_;
  std::uint32_t places_;
  bool makes_room_;
  Dropped dropped_;
};

}  // namespace

std::unique_ptr<PacketQueue> make_codel(std::size_t places, const Dropped& dropped) {
  return std::make_unique<DisciplinedQueue>(ns3::CreateObject<ns3::CoDelQueueDisc>(), "CoDel",
                                            places, false, dropped);
}

std::unique_ptr<PacketQueue> make_fq_codel(std::size_t places, const Dropped& dropped) {
  constexpr std::uint32_t kQuantum = 1514;  // RFC 8290 §5.2.4: an Ethernet frame's worth
  auto discipline = ns3::CreateObject<ns3::FqCoDelQueueDisc>();
  discipline->SetQuantum(kQuantum);
  return std::make_unique<DisciplinedQueue>(std::move(discipline), "FQ-CoDel", places, true,
                                            dropped);
}

}  // namespace rtclab::sim
