// What waits for a link with a rate.
#pragma once

#include "agents/base/time.h"
#include "sim/link/parcel.h"
#include "topologies/link_quality.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rtclab::sim {

class PacketQueue {
 public:
  virtual ~PacketQueue() = default;
  // False: a packet that is offered now is dropped.
  [[nodiscard]] virtual bool has_room() const = 0;
  // Precondition: has_room().
  virtual void push(Parcel parcel) = 0;
  // The packet whose turn it is; nullopt when none waits, or all that did were dropped.
  virtual std::optional<Parcel> pop() = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
};

// Told of each packet that the discipline drops after it was taken, and why.
using Dropped = std::function<void(const Parcel& parcel, const std::string& why)>;

// First in, first out, of at most `places` packets.
[[nodiscard]] std::unique_ptr<PacketQueue> make_queue(topology::QueueDiscipline discipline,
                                                      std::size_t places, const Dropped& dropped);

}  // namespace rtclab::sim
