// RFC 9260 §6.3.3, §7.2 and §9.2: when user data is sent again, how much of it is in flight, and
// the end.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <vector>

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

// What is told by a SACK leaves with its arrival. What leaves otherwise is due to the timer, which
// runs since the oldest chunk was sent: it may end at any time after a fast retransmission.
constexpr Duration kReaction = 1ms;
// No RTO of any stack is that short.
constexpr Duration kShorterThanRto = 180ms;

// When a side heard of the other one.
class Hearing {
 public:
  explicit Hearing(const SctpSide& other) {
    for (const auto& packet : other.packets) {
      if (packet.received) times_.push_back(*packet.received);
    }
    std::ranges::sort(times_);
  }

  // Whether anything arrived just then. Where nobody saw arrivals, one follows the other at once.
  [[nodiscard]] bool told_at(Duration at) const {
    if (times_.empty()) return true;
    const auto next = std::ranges::upper_bound(times_, at);
    return next != times_.begin() && *std::prev(next) >= at - kReaction;
  }

 private:
  std::vector<Duration> times_;
};

// When chunks were sent again although nothing had come just then: T3-rtx has expired. All chunks
// in flight are lost then (RFC 9260 §6.3.3 E3); those that the window does not admit at once leave
// with the SACKs that follow, and that is no fast retransmission.
std::vector<Duration> timeouts_of(const SctpSide& side, const Hearing& hearing) {
  std::vector<Duration> timeouts;
  for (const auto& [tsn, data] : side.data) {
    for (std::size_t k = 1; k < data.sends.size(); ++k) {
      const auto at = data.sends[k]->by->sent;
      if (!hearing.told_at(at)) timeouts.push_back(at);
    }
  }
  std::ranges::sort(timeouts);
  return timeouts;
}

void check_fast_once(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Hearing hearing{association.sides[1 - i]};
      const auto timeouts = timeouts_of(association.sides[i], hearing);
      const auto timed_out = [&](Duration after, Duration until) {
        const auto next = std::ranges::upper_bound(timeouts, after);
        return next != timeouts.end() && *next <= until;
      };
      for (const auto& [tsn, data] : association.sides[i].data) {
        if (data.sends.size() < 2) continue;
        std::size_t fast = 0, most = 0;  // in a row, without a timeout between
        const SctpPacket* shown = data.sends[1];
        for (std::size_t k = 1; k < data.sends.size(); ++k) {
          const auto at = data.sends[k]->by->sent;
          const auto before = data.sends[k - 1]->by->sent;
          const bool is_fast =
              at - before < kShorterThanRto && hearing.told_at(at) && !timed_out(before, at);
          fast = is_fast ? fast + 1 : 0;
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

// The octets that a side has in flight: sent, and neither acknowledged, be it by a gap block (RFC
// 9260 §6.2.1), nor given up (RFC 3758 §3.5).
class Flight {
 public:
  Flight(const SctpSide& side, const SctpSide& other) {
    for (const auto& packet : other.packets) {
      if (const auto* const sack = packet.find<sctp::SackChunk>())
        heard_.push_back({packet.received.value_or(packet.by->sent), sack});
    }
    std::ranges::stable_sort(heard_, {}, &Heard::at);
    for (const auto& packet : side.packets) {
      const auto* const plain = packet.find<sctp::ForwardTsnChunk>();
      const auto* const interleaved = packet.find<sctp::IForwardTsnChunk>();
      if (plain != nullptr) skipped_.push_back({packet.by->sent, plain->new_cumulative_tsn});
      if (interleaved != nullptr)
        skipped_.push_back({packet.by->sent, interleaved->new_cumulative_tsn});
    }
  }

  void send(Duration at, sctp::LongTsn tsn, std::size_t octets) {
    newest_ = tsn;
    for (; heard_taken_ < heard_.size() && heard_[heard_taken_].at <= at; ++heard_taken_)
      acknowledge(*heard_[heard_taken_].sack);
    for (; skips_taken_ < skipped_.size() && skipped_[skips_taken_].at <= at; ++skips_taken_)
      remove(0, sctp::unwrap(skipped_[skips_taken_].cumulative, newest_));
    outstanding_[tsn] = octets;
    octets_ += octets;
  }
  [[nodiscard]] std::size_t octets() const { return octets_; }
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }

 private:
  struct Heard {
    Duration at;
    const sctp::SackChunk* sack;
  };
  struct Skipped {
    Duration at;
    sctp::Tsn cumulative;
  };

  void acknowledge(const sctp::SackChunk& sack) {
    const auto cumulative = sctp::unwrap(sack.cumulative_tsn, newest_);
    acknowledged_ += remove(0, cumulative);
    for (const auto& gap : sack.gaps)
      acknowledged_ += remove(cumulative + gap.start, cumulative + gap.end);
  }
  // How many octets the chunks from `first` to `last` had.
  std::size_t remove(sctp::LongTsn first, sctp::LongTsn last) {
    std::size_t removed = 0;
    auto chunk = outstanding_.lower_bound(first);
    while (chunk != outstanding_.end() && chunk->first <= last) {
      removed += chunk->second;
      chunk = outstanding_.erase(chunk);
    }
    octets_ -= removed;
    return removed;
  }

  std::vector<Heard> heard_;
  std::vector<Skipped> skipped_;
  std::size_t heard_taken_ = 0, skips_taken_ = 0;
  std::map<sctp::LongTsn, std::size_t> outstanding_;
  sctp::LongTsn newest_ = 0;
  std::size_t octets_ = 0, acknowledged_ = 0;
};

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
      Flight flight{side, other};
      const SctpPacket* shown = side.data.begin()->second.sends.front();
      std::size_t sent = 0, worst = 0, allowed_then = 0;
      bool over = false;
      for (const auto& [tsn, data] : side.data) {
        sent += data.payload.size();
        if (sent > kMostInitialWindow * 8) break;  // the start is what tells
        flight.send(data.sends.front()->by->sent, tsn, data.payload.size());
        const auto allowed = kMostInitialWindow + flight.acknowledged();
        if (flight.octets() > worst) {
          worst = flight.octets();
          allowed_then = allowed;
          if (!over) shown = data.sends.front();
        }
        over |= flight.octets() > allowed;
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
