// RFC 8832, RFC 8831 §6 and RFC 8841 §6: how channels are opened, and what is said on them.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using sctp::Order;

constexpr std::byte kAckType{2};
constexpr std::byte kOpenType{3};

bool is_dcep(const UserMessage& message, std::byte type) {
  return message.ppid == sctp::kPpidDcep && message.whole && !message.octets.empty() &&
         message.octets.front() == type;
}

// RFC 8832 §6: whether the opener may use the stream; nullopt when nobody saw who is DTLS client.
std::optional<bool> has_right_parity(const SctpAssociation& association,
                                     const OpenedChannel& channel) {
  if (!association.dtls_client) return std::nullopt;
  const bool is_even = channel.message->stream.value() % 2 == 0;
  return is_even == (channel.opener == *association.dtls_client);
}

void check_open_parity(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& channel : opened_channels(association)) {
      const auto good = has_right_parity(association, channel);
      if (!good) continue;
      findings.check(*good, *channel.message->first->by,
                     fmt::format("DTLS {} opens stream {}",
                                 channel.opener == *association.dtls_client ? "client" : "server",
                                 channel.message->stream.value()));
    }
  }
}

void check_open_format(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& channel : opened_channels(association)) {
      findings.check(channel.open.has_value(), *channel.message->first->by,
                     channel.open ? fmt::format("OPEN for \"{}\"", channel.open->label)
                                  : "OPEN whose type or lengths do not fit");
    }
  }
}

void check_ack_format(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        if (!is_dcep(message, kAckType)) continue;
        findings.check(message.octets.size() == 1, *message.first->by,
                       fmt::format("ACK of {} octets", message.octets.size()));
      }
    }
  }
}

// Of an OPEN that has to be answered: the first on its stream, since of a later one it cannot be
// seen whether the receiver took the stream for free. The time leaves room for retransmissions.
constexpr Duration kTimeToAcknowledge = 5s;

void check_open_acknowledged(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const auto channels = opened_channels(association);
    std::set<sctp::StreamId> used;
    for (const auto& channel : channels) {
      const auto& message = *channel.message;
      if (!used.insert(message.stream).second) continue;
      if (!channel.open || !has_right_parity(association, channel).value_or(true)) continue;
      const auto opened = message.first->by->sent;
      const auto& answerer = association.sides[1 - channel.opener];
      const auto ack = std::ranges::find_if(answerer.messages, [&](const UserMessage& answer) {
        return is_dcep(answer, kAckType) && answer.stream == message.stream &&
               answer.first->by->sent >= opened;
      });
      const bool found = ack != answerer.messages.end();
      const auto end = association.aborted.value_or(association.last);
      if (!found && (!message.complete || end - *message.complete < kTimeToAcknowledge)) continue;
      findings.check_of(answerer.name, found, found ? *ack->first->by : *message.first->by,
                        fmt::format("OPEN for \"{}\" {}answered by ACK", channel.open->label,
                                    found ? "" : "not "));
    }
  }
}

void check_dcep_is_ordered(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        if (message.ppid != sctp::kPpidDcep) continue;
        findings.check(
            !message.unordered, *message.first->by,
            fmt::format("DCEP message sent {}", message.unordered ? "unordered" : "in order"));
      }
    }
  }
}

// When the opener of a channel first got anything on it; nullopt: never, or nobody saw it.
std::optional<Duration> first_answer(const SctpAssociation& association,
                                     const OpenedChannel& channel) {
  const auto opened = channel.message->first->by->sent;
  for (const auto& message : association.sides[1 - channel.opener].messages) {
    if (message.stream == channel.message->stream && message.first->by->sent >= opened)
      return message.complete;
  }
  return std::nullopt;
}

bool is_user_data(const UserMessage& message) {
  return message.ppid != sctp::kPpidDcep;
}

void check_ordered_until_answer(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const auto channels = opened_channels(association);
    for (const auto& channel : channels) {
      if (!channel.open || channel.open->order != Order::Unordered) continue;
      const auto answer = first_answer(association, channel);
      if (!answer) continue;
      for (const auto& message : association.sides[channel.opener].messages) {
        const auto sent = message.first->by->sent;
        const bool early = is_user_data(message) && message.stream == channel.message->stream &&
                           sent >= channel.message->first->by->sent && sent < *answer;
        if (!early) continue;
        findings.check(
            !message.unordered, *message.first->by,
            fmt::format("sent {} on \"{}\" before its first answer",
                        message.unordered ? "unordered" : "in order", channel.open->label));
      }
    }
  }
}

// What was queued before the answer may leave after it; a second later there is no doubt.
constexpr Duration kQueued = 1s;

void check_order_after_answer(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const auto channels = opened_channels(association);
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& message : association.sides[i].messages) {
        if (!is_user_data(message)) continue;
        const auto sent = message.first->by->sent;
        const auto* const channel = channel_at(channels, message.stream, sent);
        if (channel == nullptr || !channel->open) continue;
        const auto answer = first_answer(association, *channel);
        if (i == channel->opener && (!answer || sent < *answer + kQueued)) continue;
        const bool good = message.unordered == (channel->open->order == Order::Unordered);
        findings.check(
            good, *message.first->by,
            fmt::format("sent {} on \"{}\"", message.unordered ? "unordered" : "in order",
                        channel->open->label));
      }
    }
  }
}

void check_priorities(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& channel : opened_channels(association)) {
      if (!channel.open) continue;
      const auto priority = channel.open->priority;
      const bool good = priority == 128 || priority == 256 || priority == 512 || priority == 1024;
      findings.check(good, *channel.message->first->by,
                     fmt::format("\"{}\" with priority {}", channel.open->label, priority));
    }
  }
}

void check_ppids(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        const bool good = message.ppid == sctp::kPpidDcep || message.ppid == sctp::kPpidString ||
                          message.ppid == sctp::kPpidBinary ||
                          message.ppid == sctp::kPpidStringEmpty ||
                          message.ppid == sctp::kPpidBinaryEmpty;
        findings.check(good, *message.first->by,
                       fmt::format("message under payload protocol {}", message.ppid.value()));
      }
    }
  }
}

void check_empty_messages(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        const bool is_empty =
            message.ppid == sctp::kPpidStringEmpty || message.ppid == sctp::kPpidBinaryEmpty;
        if (!is_empty) continue;
        const bool good = message.octets == Bytes{std::byte{0}};
        findings.check(good, *message.first->by,
                       fmt::format("empty message as {} octet{}", message.octets.size(),
                                   message.octets.size() == 1 ? "" : "s"));
      }
    }
  }
}

// What the peer said last before `at` about the longest message that it takes; RFC 8841 §6.1: 64 K
// without a word, and any with 0.
std::optional<std::uint64_t> most_octets(const Docket& docket, const std::string& peer,
                                         Duration at) {
  std::optional<std::uint64_t> most;
  for (const auto& record : docket.descriptions()) {
    const auto& message = docket.evidence().signalling[record.signalling];
    if (message.from != peer || message.sent > at) continue;
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto section = description.section(i);
      if (section.is_data_channel()) most = section.max_message_size().value_or(65536);
    }
  }
  return most;
}

void check_max_message_size(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& message : association.sides[i].messages) {
        const auto most =
            most_octets(docket, association.sides[1 - i].name, message.first->by->sent);
        if (!most || !is_user_data(message)) continue;
        findings.check(
            *most == 0 || message.octets.size() <= *most, *message.first->by,
            fmt::format("{}{} octets for a peer that takes {}", message.whole ? "" : "more than ",
                        message.octets.size(), *most));
      }
    }
  }
}

// Without interleaving a long message holds all others up.
constexpr std::size_t kPolite = 16384;

void check_polite_size(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    if (association.interleaves()) continue;
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        if (!is_user_data(message)) continue;
        findings.check(message.octets.size() <= kPolite, *message.first->by,
                       fmt::format("message of {} octets without I-DATA", message.octets.size()));
      }
    }
  }
}

// clang-format off
constexpr std::array kDcepCheckers{
    Checker{{"dcep-8832-4-parity", "RFC 8832", "6", Level::Must,
             "The DTLS client opens channels on even streams, the server on odd ones."},
            "OPEN messages", check_open_parity},
    Checker{{"dcep-8832-5.1-open-format", "RFC 8832", "5.1", Level::Must,
             "OPEN has a channel type that there is, and lengths that fill it exactly."},
            "OPEN messages", check_open_format},
    Checker{{"dcep-8832-5.2-ack-format", "RFC 8832", "5.2", Level::Must,
             "ACK is one octet."},
            "ACK messages", check_ack_format},
    Checker{{"dcep-8832-6-ack-sent", "RFC 8832", "6", Level::Must,
             "An OPEN that is right is answered by ACK on the same stream."},
            "OPEN messages that arrived", check_open_acknowledged},
    Checker{{"dcep-8832-6-ppid50", "RFC 8832", "6", Level::Must,
             "DCEP messages are sent in order."},
            "DCEP messages", check_dcep_is_ordered},
    Checker{{"dcep-8832-6-ordered-until-reply", "RFC 8832", "6", Level::Must,
             "On an unordered channel its opener sends in order until anything came back."},
            "messages before the first answer", check_ordered_until_answer},
    Checker{{"dcep-8832-6-unordered-after-reply", "RFC 8832", "6", Level::Must,
             "After that, messages are sent as their channel's type says."},
            "messages after the first answer", check_order_after_answer},
    Checker{{"dc-8831-6.4-priority-values", "RFC 8831", "6.4", Level::Should,
             "Priorities are 128, 256, 512 or 1024."},
            "OPEN messages", check_priorities},
    Checker{{"dc-8831-6.6-ppids", "RFC 8831", "6.6", Level::Must,
             "Messages go under the payload protocols of data channels."},
            "messages", check_ppids},
    Checker{{"dc-8831-6.6-empty", "RFC 8831", "6.6", Level::Must,
             "An empty message is one octet, 0, under a payload protocol of its own."},
            "empty messages", check_empty_messages},
    Checker{{"sctpsdp-8841-6.1-max-message", "RFC 8841", "6.1", Level::Must,
             "No message is longer than the peer's description allows."},
            "messages", check_max_message_size},
    Checker{{"dc-8831-6.6-16k", "RFC 8831", "6.6", Level::Should,
             "Without I-DATA, messages have 16 KB at most."},
            "messages without I-DATA", check_polite_size},
};
// clang-format on

}  // namespace

std::span<const Checker> dcep_checkers() {
  return kDcepCheckers;
}

}  // namespace rtclab::judge
