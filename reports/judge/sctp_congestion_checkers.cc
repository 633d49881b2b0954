// RFC 9260 §6.3.3, §7.2 and §9.2: when user data is sent again, how much of it is in flight, and
// the end.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

// Whether anything of the other side came, by which a timer is restarted or a round trip measured.
bool heard_between(const SctpSide& other, Duration from, Duration to) {
  return std::ranges::any_of(other.packets, [&](const SctpPacket& packet) {
    const auto at = packet.received.value_or(packet.by->sent);
    return at >= from && at <= to;
  });
}

// Below this a retransmission is a fast one, or its timer ran before; above, RTO.Max is near.
constexpr Duration kLeastTimeout = 150ms;
constexpr Duration kMostTimeout = 25s;
// RTO doubles. The timer may have run for a while when the first of the two packets left, never
// longer.
constexpr double kDoubled = 1.8;

void check_timeout_doubles(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& [tsn, data] : association.sides[i].data) {
        for (std::size_t k = 2; k < data.sends.size(); ++k) {
          const auto first = data.sends[k - 2]->by->sent;
          const auto second = data.sends[k - 1]->by->sent;
          const auto third = data.sends[k]->by->sent;
          const auto before = second - first, after = third - second;
          if (before < kLeastTimeout || before > kMostTimeout) continue;
          if (heard_between(association.sides[1 - i], first, third)) continue;
          findings.check(seconds(after) >= kDoubled * seconds(before), *data.sends[k]->by,
                         fmt::format("sent again after {:.2f} s, and after {:.2f} s more",
                                     seconds(before), seconds(after)));
        }
      }
    }
  }
}

// No RTO of any stack is that short; what is sent again before it was told by SACKs.
constexpr Duration kShorterThanRto = 180ms;

void check_fast_once(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& [tsn, data] : side.data) {
        if (data.sends.size() < 2) continue;
        std::size_t fast = 0, most = 0;  // in a row, without a timeout between
        const SctpPacket* shown = data.sends[1];
        for (std::size_t k = 1; k < data.sends.size(); ++k) {
          const auto wait = data.sends[k]->by->sent - data.sends[k - 1]->by->sent;
          fast = wait < kShorterThanRto ? fast + 1 : 0;
          if (fast > most) {
            most = fast;
            shown = data.sends[k];
          }
        }
        if (most == 0) continue;
        findings.check(most == 1, *shown->by,
                       fmt::format("one TSN sent again {} times without a timeout between", most));
      }
    }
  }
}

// RFC 9260 §7.2.1 begins with about 4400 octets; stacks begin with ten packets (RFC 6928). One
// packet may go beyond, and slow start adds no more than was acknowledged.
constexpr std::size_t kMostInitialWindow = 10 * 1280 + 1280;

struct Flight {
  std::size_t octets = 0;
  const SctpPacket* at = nullptr;
};

std::uint64_t acknowledged_by(const SctpSide& other, Duration at, sctp::LongTsn first) {
  std::uint64_t highest = first;
  for (const auto& packet : other.packets) {
    if (packet.received.value_or(packet.by->sent) > at) break;
    if (const auto* const sack = packet.find<sctp::SackChunk>())
      highest = std::max(highest, sctp::unwrap(sack->cumulative_tsn, highest));
  }
  return highest;
}

// The most that left beyond what had been acknowledged, counted from the start: what a window that
// grows as fast as it may would have admitted.
void check_slow_start(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& side = association.sides[i];
      const auto& other = association.sides[1 - i];
      if (side.data.empty() || !std::ranges::any_of(other.packets, [](const SctpPacket& packet) {
            return packet.received.has_value();
          }))
        continue;
      const auto first = side.data.begin()->first;
      std::map<sctp::LongTsn, std::size_t> ends;  // octets up to and with this TSN
      std::size_t sum = 0;
      for (const auto& [tsn, data] : side.data) ends[tsn] = sum += data.payload.size();
      const SctpPacket* shown = side.data.begin()->second.sends.front();
      std::size_t worst = 0, allowed_then = 0;
      bool over = false;
      for (const auto& [tsn, data] : side.data) {
        if (ends[tsn] > kMostInitialWindow * 8) break;  // the start is what tells
        const auto at = data.sends.front()->by->sent;
        const auto acked = acknowledged_by(other, at, first - 1);
        const auto found = ends.upper_bound(acked);
        const auto acked_octets = found == ends.begin() ? 0 : std::prev(found)->second;
        const auto flight = ends[tsn] - std::min(acked_octets, ends[tsn]);
        const auto allowed = kMostInitialWindow + acked_octets;
        if (flight > worst) {
          worst = flight;
          allowed_then = allowed;
          if (!over) shown = data.sends.front();
        }
        over |= flight > allowed;
      }
      if (worst <= 1280) continue;  // one packet is always admitted
      findings.check(
          !over, *shown->by,
          fmt::format("{} octets in flight, {} admitted by slow start", worst, allowed_then));
    }
  }
}

void check_shutdown(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& side = association.sides[i];
      const auto& other = association.sides[1 - i];
      for (const auto& packet : other.packets) {
        const bool asks = packet.find<sctp::ShutdownChunk>() != nullptr;
        const bool acknowledges = packet.find<sctp::ShutdownAckChunk>() != nullptr;
        if ((!asks && !acknowledges) || !packet.received) continue;
        const auto answer = std::ranges::find_if(side.packets, [&](const SctpPacket& reply) {
          if (reply.by->sent < *packet.received) return false;
          return acknowledges ? reply.find<sctp::ShutdownCompleteChunk>() != nullptr
                              : reply.find<sctp::ShutdownAckChunk>() != nullptr ||
                                    reply.find<sctp::DataChunk>() != nullptr ||
                                    reply.find<sctp::IDataChunk>() != nullptr;
        });
        const bool good = answer != side.packets.end();
        findings.check_of(side.name, good, *packet.by,
                          fmt::format("{} {}answered", acknowledges ? "SHUTDOWN ACK" : "SHUTDOWN",
                                      good ? "" : "not "));
      }
    }
  }
}

// clang-format off
constexpr std::array kSctpCongestionCheckers{
    Checker{{"sctp-9260-6.3.3-t3-backoff", "RFC 9260", "6.3.3", Level::Must,
             "After a timeout without any answer the next one takes twice as long."},
            "chunks with user data, sent a third time into silence", check_timeout_doubles},
    Checker{{"sctp-9260-7.2.4-fast-retransmit", "RFC 9260", "7.2.4", Level::Must,
             "A chunk is retransmitted fast once; then its timer counts."},
            "chunks with user data that were retransmitted fast", check_fast_once},
    Checker{{"sctp-9260-6.1-cwnd", "RFC 9260", "6.1", Level::Must,
             "At the start no more is in flight than slow start admits."},
            "sides with more than one packet in flight", check_slow_start},
    Checker{{"sctp-9260-9.2-shutdown-seq", "RFC 9260", "9.2", Level::Must,
             "SHUTDOWN is answered with SHUTDOWN ACK, that with SHUTDOWN COMPLETE."},
            "SHUTDOWN and SHUTDOWN ACK chunks", check_shutdown},
};
// clang-format on

}  // namespace

std::span<const Checker> sctp_congestion_checkers() {
  return kSctpCongestionCheckers;
}

}  // namespace rtclab::judge
