// What an association tells its owner. Each has a record for the trace, which the association
// queues itself.
#pragma once

#include "agents/base/event.h"
#include "agents/sctp/types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::sctp {

// The association can carry data both ways.
struct Established {
  static constexpr std::string_view kName = "sctp:established";
  std::uint16_t outbound_streams;
  std::uint16_t inbound_streams;
  [[nodiscard]] Event describe() const;
};

// The peer began anew with the same association (RFC 9260 §5.2.4.1): what was on its way is lost,
// streams begin at 0.
struct Restarted {
  static constexpr std::string_view kName = "sctp:restarted";
  [[nodiscard]] Event describe() const;
};

struct MessageReceived {
  static constexpr std::string_view kName = "sctp:message_received";
  StreamId stream;
  Ppid ppid;
  Order order;
  Bytes bytes;
  [[nodiscard]] Event describe() const;
};

// The peer has reset these streams: nothing more comes on them before they begin anew (RFC 6525
// §5.2.2).
struct IncomingStreamsReset {
  static constexpr std::string_view kName = "sctp:incoming_streams_reset";
  std::vector<StreamId> streams;
  [[nodiscard]] Event describe() const;
};

// The peer has answered our reset_streams().
struct OutgoingStreamsReset {
  static constexpr std::string_view kName = "sctp:outgoing_streams_reset";
  std::vector<StreamId> streams;
  bool performed;  // false: the peer refused, and the streams go on as they were
  [[nodiscard]] Event describe() const;
};

// buffered_amount(stream) has fallen to its threshold or below it.
struct BufferedAmountLow {
  static constexpr std::string_view kName = "sctp:buffered_amount_low";
  StreamId stream;
  [[nodiscard]] Event describe() const;
};

enum class CloseCause : std::uint8_t {
  Shutdown,
  LocalAbort,
  PeerAbort,
  TooManyRetransmissions,
  ProtocolViolation
};

// The association is gone; nothing follows.
struct Closed {
  static constexpr std::string_view kName = "sctp:closed";
  CloseCause cause;
  std::string reason;  // for people
  [[nodiscard]] Event describe() const;
};

using AssociationEvent = std::variant<Established, Restarted, MessageReceived, IncomingStreamsReset,
                                      OutgoingStreamsReset, BufferedAmountLow, Closed>;

[[nodiscard]] std::string_view to_string(CloseCause cause);

}  // namespace rtclab::sctp
