// Sends packets one after the other at a rate, or at the opportunities of a bandwidth trace, and
// keeps the others waiting.
//
// At a rate of r bits per second a packet of n octets, counted from its IP header on, takes n * 8 /
// r. An opportunity (mahimahi's word) carries 1504 octets, and a packet takes n + 4 of them:
// mahimahi counts the header of its tunnel device. What does not fit is finished at the next
// opportunity; what an opportunity has left when nothing waits any more is lost. A packet that is
// offered in the very instant of an opportunity takes the next one.
//
// Plain: no timer of its own. After each call the owner looks at next_wakeup().
#pragma once

#include "agents/base/time.h"
#include "sim/link/packet_queue.h"
#include "topologies/link_quality.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace rtclab::sim {

class Transmitter {
 public:
  using Departed = std::function<void(Parcel&& parcel)>;  // it has left, whole

  Transmitter(const topology::LinkQuality& quality, Departed departed, Dropped dropped);

  // From now on. What waits stays, up to the new queue's size; what is being sent at a rate ends
  // when it would have ended.
  void set(Instant now, const topology::LinkQuality& quality);

  // Without a rate nothing ever waits.
  [[nodiscard]] bool has_room() const;
  // Precondition: has_room().
  void offer(Instant now, Parcel parcel);
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return wakeup_; }
  void handle_timeout(Instant now);

 private:
  enum class Mode { Immediate, Rate, Opportunities };
  [[nodiscard]] bool is_idle() const { return !sending_ && queue_->size() == 0; }
  void begin_next(Instant now);
  void use_opportunity(Instant now);
  void send_all(Instant now);
  void arm(Instant now);

  Mode mode_ = Mode::Immediate;
  std::uint64_t rate_ = 0;
  std::vector<Duration> opportunities_;
  topology::QueueDiscipline discipline_ = topology::QueueDiscipline::DropTail;
  std::size_t places_ = 0;
  Departed departed_;
  Dropped dropped_;
  std::unique_ptr<PacketQueue> queue_;
  std::optional<Parcel> sending_;  // a part of it is on the wire
  std::size_t left_ = 0;           // octets of it, with opportunities
  std::optional<Instant> wakeup_;
};

// How long sending takes: to the nearest nanosecond. Precondition: rate > 0.
[[nodiscard]] Duration time_to_send(std::size_t octets, std::uint64_t rate);

// The first opportunity after `now`, and how many there are in that instant. Precondition: the list
// is ascending and its last time is above 0.
struct Opportunity {
  Instant at;
  std::size_t count;
};
[[nodiscard]] Opportunity next_opportunity(const std::vector<Duration>& opportunities, Instant now);

}  // namespace rtclab::sim
