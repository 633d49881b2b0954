// RFC 6525 and RFC 8831 §6.7: how streams are reset and channels closed.
#include "agents/sctp/reconfiguration.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using sctp::OutgoingResetRequest;
using sctp::ResetResponse;

// Nobody is asked for an answer in the last moments of an association.
constexpr Duration kTimeToAnswer = 3s;

template <class T>
struct Reconfigured {
  const SctpPacket* packet;
  T what;
};

template <class T>
std::vector<Reconfigured<T>> reconfigurations(const SctpSide& side) {
  std::vector<Reconfigured<T>> found;
  for (const auto& packet : side.packets) {
    for (const auto& chunk : packet.packet.chunks) {
      const auto* const reconfig = std::get_if<sctp::ReConfigChunk>(&chunk);
      if (reconfig == nullptr) continue;
      for (const auto& parameter : reconfig->parameters) {
        const auto decoded = sctp::decode(parameter);
        if (!decoded) continue;
        if (const auto* typed = std::get_if<T>(&*decoded)) found.push_back({&packet, *typed});
      }
    }
  }
  return found;
}

// Each request once, at its first sending that arrived.
std::vector<Reconfigured<OutgoingResetRequest>> arrived_requests(const SctpSide& side) {
  std::vector<Reconfigured<OutgoingResetRequest>> distinct;
  for (auto& request : reconfigurations<OutgoingResetRequest>(side)) {
    if (request.packet->by->dropped) continue;
    const bool known = std::ranges::any_of(
        distinct, [&](const auto& seen) { return seen.what.number == request.what.number; });
    if (!known) distinct.push_back(std::move(request));
  }
  return distinct;
}

Duration end_of(const SctpAssociation& association) {
  return association.aborted.value_or(association.last);
}

void check_reset_responses(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& answerer = association.sides[1 - i];
      const auto responses = reconfigurations<ResetResponse>(answerer);
      for (const auto& request : arrived_requests(association.sides[i])) {
        const auto answer = std::ranges::find_if(responses, [&](const auto& response) {
          return response.what.number == request.what.number;
        });
        const bool answered = answer != responses.end();
        if (!answered && end_of(association) - request.packet->by->sent < kTimeToAnswer) continue;
        findings.check_of(answerer.name, answered,
                          answered ? *answer->packet->by : *request.packet->by,
                          fmt::format("request {:08x} {}answered", request.what.number.value(),
                                      answered ? "" : "not "));
      }
    }
  }
}

// RFC 6525 §5.1.1: from the initial TSN, by one. §5.1.2: the request names the last TSN.
void check_reset_requests(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      std::optional<std::uint32_t> last;
      for (const auto& request : reconfigurations<OutgoingResetRequest>(side)) {
        const auto number = request.what.number.value();
        if (last == number) continue;  // sent again
        const bool in_sequence =
            last ? number == *last + 1
                 : side.initial_tsns.empty() || side.initial_tsns.contains(number);
        last = number;
        sctp::LongTsn highest = 0;
        for (const auto& [tsn, data] : side.data) {
          if (data.sends.front()->by->sent < request.packet->by->sent) highest = tsn;
        }
        const bool names_last =
            highest == 0 || sctp::unwrap(request.what.last_tsn, highest) >= highest;
        findings.check(in_sequence && names_last, *request.packet->by,
                       fmt::format("request {:08x} {}", number,
                                   !in_sequence  ? "out of sequence"
                                   : !names_last ? "with a last TSN that others follow"
                                                 : "in sequence, with its last TSN"));
      }
    }
  }
}

void check_numbers_after_reset(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& side = association.sides[i];
      const auto responses = reconfigurations<ResetResponse>(association.sides[1 - i]);
      for (const auto& request : arrived_requests(side)) {
        const auto performed = std::ranges::find_if(responses, [&](const auto& response) {
          return response.what.number == request.what.number &&
                 response.what.result == sctp::ResetResult::Performed;
        });
        if (performed == responses.end()) continue;
        for (const auto stream : request.what.streams) {
          const auto next = std::ranges::find_if(side.messages, [&](const UserMessage& message) {
            return message.stream == stream && !message.unordered &&
                   message.first->by->sent > performed->packet->by->sent;
          });
          if (next == side.messages.end()) continue;
          findings.check(
              next->number == 0, *next->first->by,
              fmt::format("first ordered message on stream {} after its reset has number {}",
                          stream.value(), next->number));
        }
      }
    }
  }
}

// From when on the other side of a channel may be asked for its reset: the request has come, and
// what it still had to send on the stream has left (W3C webrtc-pc §6.2.4; RFC 6525 §5.1.2 wants it
// acknowledged, too).
Duration may_reset_since(const Reconfigured<OutgoingResetRequest>& request, sctp::StreamId stream,
                         const SctpSide& other) {
  auto since = request.packet->received.value_or(request.packet->by->sent);
  for (const auto& [tsn, data] : other.data) {
    if (data.header.stream == stream) since = std::max(since, data.sends.back()->by->sent);
  }
  return since;
}

// RFC 8831 §6.7: whose incoming stream was reset resets the outgoing one.
void check_close_both_ways(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const auto channels = opened_channels(association);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& closer = association.sides[i];
      const auto& other = association.sides[1 - i];
      const auto answers = reconfigurations<OutgoingResetRequest>(other);
      const auto responses = reconfigurations<ResetResponse>(other);
      const auto is_refused = [&](const OutgoingResetRequest& request) {
        return std::ranges::any_of(responses, [&](const auto& response) {
          const auto result = response.what.result;
          return response.what.number == request.number && result != sctp::ResetResult::Performed &&
                 result != sctp::ResetResult::NothingToDo &&
                 result != sctp::ResetResult::InProgress;
        });
      };
      for (const auto& request : arrived_requests(closer)) {
        if (is_refused(request.what)) continue;
        for (const auto stream : request.what.streams) {
          const auto* const channel = channel_at(channels, stream, request.packet->by->sent);
          if (channel == nullptr || !channel->open) continue;
          const auto opened = channel->message->first->by->sent;
          const auto own = std::ranges::find_if(answers, [&](const auto& answer) {
            return answer.packet->by->sent > opened &&
                   std::ranges::find(answer.what.streams, stream) != answer.what.streams.end();
          });
          const bool has_own = own != answers.end();
          const auto since = may_reset_since(request, stream, other);
          if (!has_own && end_of(association) - since < kTimeToAnswer) continue;
          findings.check_of(other.name, has_own, has_own ? *own->packet->by : *request.packet->by,
                            fmt::format("stream {} of \"{}\" {}reset in return", stream.value(),
                                        channel->open->label, has_own ? "" : "not "));
        }
      }
    }
  }
}

// RFC 8831 §6.7: used again only when both directions have been reset.
void check_stream_reuse(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    std::map<sctp::StreamId, const OpenedChannel*> before;
    const auto channels = opened_channels(association);
    for (const auto& channel : channels) {
      const auto stream = channel.message->stream;
      const auto* const last = std::exchange(before[stream], &channel);
      if (last == nullptr) continue;
      const auto opened = last->message->first->by->sent;
      const auto reopened = channel.message->first->by->sent;
      const auto was_reset = [&](const SctpSide& side) {
        return std::ranges::any_of(
            reconfigurations<OutgoingResetRequest>(side), [&](const auto& r) {
              const auto at = r.packet->by->sent;
              return at > opened && at < reopened &&
                     std::ranges::find(r.what.streams, stream) != r.what.streams.end();
            });
      };
      const bool good = was_reset(association.sides[0]) && was_reset(association.sides[1]);
      findings.check(good, *channel.message->first->by,
                     fmt::format("stream {} used again {} both resets", stream.value(),
                                 good ? "after" : "before"));
    }
  }
}

// clang-format off
constexpr std::array kSctpStreamCheckers{
    Checker{{"reset-6525-5.1.2-outgoing-reset", "RFC 6525", "5.1.2", Level::Must,
             "Requests to reset streams are numbered one by one from the initial TSN and name the last TSN."},
            "requests to reset streams", check_reset_requests},
    Checker{{"reset-6525-5.2.2-reset-response", "RFC 6525", "5.2.2", Level::Must,
             "A request to reset streams is answered under its number."},
            "requests to reset streams", check_reset_responses},
    Checker{{"reset-6525-5.2.2-ssn-zero", "RFC 6525", "5.2.2", Level::Must,
             "A stream that was reset counts its messages from 0."},
            "streams used after a reset", check_numbers_after_reset},
    Checker{{"dc-8831-6.7-close-reset", "RFC 8831", "6.7", Level::Must,
             "When the peer resets its stream of a channel, the other direction is reset too."},
            "channels that were closed", check_close_both_ways},
    Checker{{"dc-8831-6.7-id-reuse-after", "RFC 8831", "6.7", Level::Must,
             "A stream is used for another channel only when both its directions have been reset."},
            "streams used again", check_stream_reuse},
};
// clang-format on

}  // namespace

std::span<const Checker> sctp_stream_checkers() {
  return kSctpStreamCheckers;
}

}  // namespace rtclab::judge
