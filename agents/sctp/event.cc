#include "agents/sctp/event.h"

namespace rtclab::sctp {
namespace {

// "1,3,5"; "all" when none is named.
std::string list(const std::vector<StreamId>& streams) {
  if (streams.empty()) return "all";
  std::string text;
  for (const auto stream : streams) {
    if (!text.empty()) text += ',';
    text += std::to_string(stream.value());
  }
  return text;
}

}  // namespace

Event Established::describe() const {
  return {.name = kName,
          .fields = {{"outbound_streams", std::uint64_t{outbound_streams}},
                     {"inbound_streams", std::uint64_t{inbound_streams}}},
          .rule = Rule{9260, "5.1"}};
}

Event Restarted::describe() const {
  return {.name = kName, .fields = {}, .rule = Rule{9260, "5.2.4"}};
}

Event MessageReceived::describe() const {
  return {.name = kName,
          .fields = {{"stream", std::uint64_t{stream.value()}},
                     {"ppid", std::uint64_t{ppid.value()}},
                     {"ordered", order == Order::Ordered},
                     {"size", std::uint64_t{bytes.size()}}},
          .rule = std::nullopt};
}

Event IncomingStreamsReset::describe() const {
  return {.name = kName, .fields = {{"streams", list(streams)}}, .rule = Rule{6525, "5.2.2"}};
}

Event OutgoingStreamsReset::describe() const {
  return {.name = kName,
          .fields = {{"streams", list(streams)}, {"performed", performed}},
          .rule = Rule{6525, "5.2.7"}};
}

Event BufferedAmountLow::describe() const {
  return {
      .name = kName, .fields = {{"stream", std::uint64_t{stream.value()}}}, .rule = std::nullopt};
}

Event Closed::describe() const {
  return {.name = kName,
          .fields = {{"cause", std::string{to_string(cause)}}, {"reason", reason}},
          .rule = Rule{9260, "9"}};
}

std::string_view to_string(CloseCause cause) {
  switch (cause) {
    case CloseCause::Shutdown: return "shutdown";
    case CloseCause::LocalAbort: return "local abort";
    case CloseCause::PeerAbort: return "peer abort";
    case CloseCause::TooManyRetransmissions: return "too many retransmissions";
    case CloseCause::ProtocolViolation: return "protocol violation";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::sctp
