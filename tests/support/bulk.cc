#include "tests/support/bulk.h"

#include "tests/support/simulated_call.h"

#include <optional>
#include <stdexcept>
#include <variant>

namespace rtclab::test {
namespace {

using namespace std::chrono_literals;

// More than two bandwidth-delay products of the links that are tried, less than the send buffer.
constexpr std::uint64_t kKept = 2u << 20u;

class Transfer {
 public:
  explicit Transfer(const Bulk& bulk)
      : bulk_{bulk},
        topology_{side_by_side(1, bulk.link)},
        world_{topology_, {.seed = bulk.seed}},
        call_{world_,
              0,
              {.seed = bulk.seed, .on_event = [this](Instant now, auto& pc, const auto& event) {
                 react(now, pc, event);
               }}} {}

  BulkResult run() {
    call_.alice([&](Instant now, peer::PeerConnection& pc) {
      channel_ = *pc.create_data_channel(now, "bulk", bulk_.channel);
      pc.set_buffered_amount_low_threshold(channel_, kKept / 2);
    });
    call_.begin();
    world_.run_until(Instant{10s});  // or until it is open
    if (!opened_) throw std::runtime_error{"the channel did not open"};
    world_.run_until(*opened_ + bulk_.warm_up);
    const auto before = result_.octets_in_all;
    world_.run_until(*opened_ + bulk_.warm_up + bulk_.measured);
    result_.octets = result_.octets_in_all - before;
    result_.octets_per_second =
        static_cast<double>(result_.octets) / std::chrono::duration<double>(bulk_.measured).count();
    for (const auto* const peer : {&call_.alice(), &call_.bob()}) {
      const auto sent = sent_by(*peer);
      result_.packets += sent.packets;
      result_.packet_octets += sent.octets;
    }
    world_.end_capture();
    return result_;
  }

 private:
  void react(Instant now, peer::PeerConnection& pc, const peer::Event& event) {
    if (std::holds_alternative<peer::ChannelOpen>(event) && &pc == &call_.alice()) {
      opened_ = now;
      world_.stop();
      fill(now, pc);
    } else if (std::holds_alternative<peer::ChannelBufferedAmountLow>(event)) {
      fill(now, pc);
    } else if (const auto* message = std::get_if<peer::ChannelMessage>(&event)) {
      ++result_.messages_in_all;
      result_.octets_in_all +=
          std::visit([](const auto& data) { return data.size(); }, message->message);
    }
  }

  void fill(Instant now, peer::PeerConnection& pc) {
    while (pc.buffered_amount(channel_) < kKept) {
      if (!pc.send(now, channel_, Bytes(bulk_.message_size))) return;
    }
  }

  Bulk bulk_;
  topology::Topology topology_;
  sim::World world_;
  SimulatedCall call_;
  peer::ChannelId channel_{0};
  std::optional<Instant> opened_;
  BulkResult result_;
};

}  // namespace

BulkResult run_bulk(const Bulk& bulk) {
  return Transfer{bulk}.run();
}

}  // namespace rtclab::test
