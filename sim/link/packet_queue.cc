#include "sim/link/packet_queue.h"

#include "sim/link/codel_queue.h"

#include <cassert>
#include <deque>
#include <utility>

namespace rtclab::sim {
namespace {

class DropTailQueue final : public PacketQueue {
 public:
  explicit DropTailQueue(std::size_t places) : places_{places} {}

  [[nodiscard]] bool has_room() const override { return waiting_.size() < places_; }
  void push(Parcel parcel) override {
    assert(has_room());
    waiting_.push_back(std::move(parcel));
  }
  std::optional<Parcel> pop() override {
    if (waiting_.empty()) return std::nullopt;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }
  [[nodiscard]] std::size_t size() const override { return waiting_.size(); }

 private:
  std::size_t places_;
  std::deque<Parcel> waiting_;
};

}  // namespace

std::unique_ptr<PacketQueue> make_queue(topology::QueueDiscipline discipline, std::size_t places,
                                        const Dropped& dropped) {
  switch (discipline) {
    case topology::QueueDiscipline::DropTail: return std::make_unique<DropTailQueue>(places);
    case topology::QueueDiscipline::CoDel: return make_codel(places, dropped);
    case topology::QueueDiscipline::FqCoDel: return make_fq_codel(places, dropped);
  }
  __builtin_unreachable();
}

}  // namespace rtclab::sim
