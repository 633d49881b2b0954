// RFC 9260 §6 and §8, RFC 8260, RFC 3758: how user data is sent, acknowledged and given up.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

bool has_user_data(const SctpPacket& packet) {
  return packet.find<sctp::DataChunk>() != nullptr || packet.find<sctp::IDataChunk>() != nullptr;
}

// The first acknowledgement of any kind that the side sent at `from` or later.
const SctpPacket* acknowledgement_since(const SctpSide& side, Duration from) {
  for (const auto& packet : side.packets) {
    if (packet.by->sent < from) continue;
    const bool acknowledges = packet.find<sctp::SackChunk>() != nullptr ||
                              packet.find<sctp::ShutdownChunk>() != nullptr ||
                              packet.find<sctp::AbortChunk>() != nullptr;
    if (acknowledges) return &packet;
  }
  return nullptr;
}

// RFC 9260 §5.1: who waits for COOKIE ACK may drop user data that overtakes it. Whether the packet,
// of this side, came before the other side had an association.
bool came_too_early(const SctpSide& side, const SctpPacket& packet) {
  for (const auto& each : side.packets) {
    const bool establishes = each.find<sctp::CookieAckChunk>() != nullptr ||
                             each.find<sctp::CookieEchoChunk>() != nullptr;
    if (!establishes || !each.received) continue;
    // What left at one instant arrives at one instant, in that order.
    if (*each.received < *packet.received) return false;
    if (*each.received == *packet.received && &each <= &packet) return false;
  }
  return true;
}

// Whether the packet came a way that its receiver knew: a check had been answered on it by then, in
// either direction. What comes from an address that no check came from it need not take for the
// peer's: behind a NAT that begins anew data may be the first to show its new port.
bool came_by_known_way(const Docket& docket, const SctpPacket& packet) {
  const auto& by = *packet.by;
  const auto is_on_the_way = [&](const Transmission& check) {
    return check.from == by.from ? check.source_as_received == by.source_as_received &&
                                       check.destination_as_received == by.destination_as_received
                                 : check.source == by.destination_as_received &&
                                       check.destination == by.source_as_received;
  };
  return docket.checks().empty() ||
         std::ranges::any_of(docket.checks(), [&](const Transmission* check) {
           if (!is_on_the_way(*check)) return false;
           if (check->from == by.from)
             return check->received && *check->received <= *packet.received &&
                    !docket.replies_to(*check).empty();
           const auto at = docket.answered_at(*check);
           return at && *at <= *packet.received;
         });
}

// An acknowledgement that leaves by another way than the packet came tells that ICE chose anew
// meanwhile; until then its sender may have had no way at all (RFC 7675 §5.1).
bool is_by_the_same_way(const SctpPacket& answer, const SctpPacket& packet) {
  return answer.by->source == packet.by->destination_as_received &&
         answer.by->destination == packet.by->source_as_received;
}

// Well below the 200 ms of a delayed acknowledgement, well above what a busy machine takes.
constexpr Duration kAtOnce = 100ms;

void check_first_sack(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const SctpPacket* first = nullptr;
      for (const auto& packet : association.sides[i].packets) {
        if (!has_user_data(packet) || !packet.received) continue;
        if (came_too_early(association.sides[i], packet) || !came_by_known_way(docket, packet))
          continue;
        if (first == nullptr || *packet.received < *first->received) first = &packet;
      }
      if (first == nullptr) continue;
      const auto& receiver = association.sides[1 - i];
      const auto* const answer = acknowledgement_since(receiver, *first->received);
      if (answer == nullptr) continue;
      const auto wait = answer->by->sent - *first->received;
      const bool good = wait <= kAtOnce + docket.tolerance();
      if (!good && !is_by_the_same_way(*answer, *first)) continue;
      findings.check(
          good, *answer->by,
          fmt::format("first user data acknowledged after {:.0f} ms", milliseconds(wait)));
    }
  }
}

// RFC 9260 §6.2: MUST NOT be more than 500 ms.
constexpr Duration kLatestSack = 500ms;

void check_sack_delay(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& packet : association.sides[i].packets) {
        if (!has_user_data(packet) || !packet.received) continue;
        if (came_too_early(association.sides[i], packet) || !came_by_known_way(docket, packet))
          continue;
        if (association.aborted && *packet.received >= *association.aborted) continue;
        const auto* const answer =
            acknowledgement_since(association.sides[1 - i], *packet.received);
        if (answer == nullptr) continue;
        const auto wait = answer->by->sent - *packet.received;
        const bool good = wait <= kLatestSack + docket.tolerance();
        if (!good && !is_by_the_same_way(*answer, packet)) continue;
        findings.check(good, *answer->by,
                       fmt::format("user data acknowledged after {:.0f} ms", milliseconds(wait)));
      }
    }
  }
}

void check_gap_blocks(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& packet : side.packets) {
        const auto* const sack = packet.find<sctp::SackChunk>();
        if (sack == nullptr || sack->gaps.empty()) continue;
        // The TSN after the cumulative one is missing, or it would be counted in.
        unsigned end = 0;
        bool good = true;
        for (const auto& gap : sack->gaps) {
          good &= gap.start > end + 1;
          end = gap.end;
        }
        findings.check(good, *packet.by,
                       fmt::format("SACK with {} gap blocks{}", sack->gaps.size(),
                                   good ? "" : " that touch or repeat each other"));
      }
    }
  }
}

void check_heartbeat_ack(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      std::vector<Bytes> asked;
      for (const auto& packet : association.sides[1 - i].packets) {
        if (const auto* heartbeat = packet.find<sctp::HeartbeatChunk>())
          asked.push_back(heartbeat->information);
      }
      for (const auto& packet : association.sides[i].packets) {
        const auto* const ack = packet.find<sctp::HeartbeatAckChunk>();
        if (ack == nullptr || asked.empty()) continue;
        const bool good = std::ranges::find(asked, ack->information) != asked.end();
        findings.check(good, *packet.by,
                       fmt::format("HEARTBEAT ACK with {} information",
                                   good ? "the peer's" : "other than the peer's"));
      }
    }
  }
}

// RFC 9260 §8.3 with §16: a period is 30 s, the RTO and half of that at most, and the path is idle
// when nothing was sent in all of one. So it may take nearly two, each a second or two longer
// than 30.
constexpr Duration kLongestIdle = 66s;

// When the last check of this peer was answered: without consent nothing leaves (RFC 7675 §5.1), no
// HEARTBEAT either. nullopt: no check ever was.
std::optional<Duration> last_consent(const Docket& docket, std::string_view peer) {
  std::optional<Duration> last;
  for (const auto* const check : docket.checks()) {
    if (docket.name(check->from) != peer) continue;
    if (const auto at = docket.answered_at(*check)) last = std::max(last.value_or(*at), *at);
  }
  return last;
}

// The longest time for which the side said nothing that is answered, while it was there.
void check_heartbeats(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      const SctpPacket* last = nullptr;
      const SctpPacket* before_longest = nullptr;
      Duration longest{};
      const auto note = [&](Duration until) {
        if (last == nullptr || until - last->by->sent <= longest) return;
        longest = until - last->by->sent;
        before_longest = last;
      };
      bool has_heartbeat = false;
      for (const auto& packet : side.packets) {
        const bool is_heartbeat = packet.find<sctp::HeartbeatChunk>() != nullptr;
        has_heartbeat |= is_heartbeat;
        if (!is_heartbeat && !has_user_data(packet)) continue;
        note(packet.by->sent);
        last = &packet;
      }
      const auto end = association.aborted.value_or(association.last);
      note(std::min(end, last_consent(docket, side.name).value_or(end)));
      if (last == nullptr || (!has_heartbeat && longest <= kLongestIdle)) continue;
      findings.check(longest <= kLongestIdle, *before_longest->by,
                     fmt::format("idle for {:.1f} s at most", seconds(longest)));
    }
  }
}

void check_data_kind(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    if (association.sides[0].initiate_tags.empty() || association.sides[1].initiate_tags.empty())
      continue;
    const auto kind = association.interleaves() ? sctp::DataKind::IData : sctp::DataKind::Data;
    for (const auto& side : association.sides) {
      for (const auto& [tsn, data] : side.data) {
        findings.check(data.kind == kind, *data.sends.front()->by,
                       fmt::format("{} where I-DATA was {}agreed on",
                                   data.kind == sctp::DataKind::IData ? "I-DATA" : "DATA",
                                   association.interleaves() ? "" : "not "));
      }
    }
  }
}

void check_forward_kind(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& packet : side.packets) {
        const bool plain = packet.find<sctp::ForwardTsnChunk>() != nullptr;
        const bool interleaved = packet.find<sctp::IForwardTsnChunk>() != nullptr;
        if (!plain && !interleaved) continue;
        findings.check(
            interleaved == association.interleaves(), *packet.by,
            fmt::format("{}FORWARD-TSN where I-DATA was {}agreed on", interleaved ? "I-" : "",
                        association.interleaves() ? "" : "not "));
      }
    }
  }
}

// What a channel allows, by how often and when each TSN of it was sent.
void check_channel_reliability(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const auto channels = opened_channels(association);
    for (const auto& side : association.sides) {
      for (const auto& [tsn, data] : side.data) {
        if (data.header.ppid == sctp::kPpidDcep) continue;
        const auto& first = *data.sends.front();
        const auto* const channel = channel_at(channels, data.header.stream, first.by->sent);
        if (channel == nullptr || !channel->open) continue;
        const auto again = data.sends.size() - 1;
        if (const auto* times =
                std::get_if<sctp::LimitedRetransmissions>(&channel->open->reliability)) {
          findings.check(again <= times->count, *data.sends.back()->by,
                         fmt::format("sent {} times more, of {} allowed", again, times->count));
        } else if (const auto* life =
                       std::get_if<sctp::LimitedLifetime>(&channel->open->reliability)) {
          const auto age = data.sends.back()->by->sent - first.by->sent;
          findings.check(age <= life->lifetime + docket.tolerance(), *data.sends.back()->by,
                         fmt::format("sent for the last time after {:.0f} ms, of {:.0f} allowed",
                                     milliseconds(age), milliseconds(life->lifetime)));
        }
      }
    }
  }
}

// clang-format off
constexpr std::array kSctpTransferCheckers{
    Checker{{"sctp-9260-5.1-first-sack", "RFC 9260", "5.1", Level::Must,
             "The first user data is acknowledged at once."},
            "first user data of a side", check_first_sack},
    Checker{{"sctp-9260-6.2-sack-delay", "RFC 9260", "6.2", Level::Must,
             "No acknowledgement is delayed by more than 500 ms."},
            "packets with user data", check_sack_delay},
    Checker{{"sctp-9260-3.3.4-gap-blocks", "RFC 9260", "3.3.4", Level::Must,
             "Gap blocks rise from the cumulative TSN on and do not touch."},
            "SACKs with gaps", check_gap_blocks},
    Checker{{"sctp-9260-8.3-hb-ack-echo", "RFC 9260", "8.3", Level::Must,
             "HEARTBEAT ACK brings back the information of HEARTBEAT."},
            "HEARTBEAT ACK chunks", check_heartbeat_ack},
    Checker{{"sctp-9260-8.3-heartbeat", "RFC 9260", "8.3", Level::Should,
             "A path that was idle for a period of 30 s and a little is probed by HEARTBEAT."},
            "sides that were idle", check_heartbeats},
    Checker{{"sctp-8260-2.2.1-data-kind", "RFC 8260", "2.2.1", Level::Must,
             "User data goes in I-DATA when both sides offered that, else in DATA."},
            "chunks with user data", check_data_kind},
    Checker{{"pr-8260-2.3.1-forward-kind", "RFC 8260", "2.3.1", Level::Must,
             "I-FORWARD-TSN goes with I-DATA, FORWARD TSN with DATA."},
            "FORWARD TSN and I-FORWARD-TSN chunks", check_forward_kind},
    Checker{{"dc-8831-6.6-reliability", "RFC 8831", "6.6", Level::Must,
             "User data is sent again as often and as long as its channel allows, not more."},
            "user data on channels of limited reliability", check_channel_reliability},
};
// clang-format on

}  // namespace

std::span<const Checker> sctp_transfer_checkers() {
  return kSctpTransferCheckers;
}

}  // namespace rtclab::judge
