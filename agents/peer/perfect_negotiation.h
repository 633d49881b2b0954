// Perfect negotiation: keeps a peer connection negotiated without its application ever making an
// offer, so that both sides may change anything at any time.
//
// Spec: W3C webrtc-pc §10.7, the example, as a state machine on top of the interface. When two
// offers cross, the impolite side ignores the one that comes in and the polite side rolls its own
// back. Sans-I/O as everything here: the driver hands on the connection's events and what
// signalling brings, and carries off what poll_signal() gives.
//   poll_event() of the connection -> handle_event()      handle_signal() <- from the other side
//   poll_signal()                  -> to the other side   poll_error()    -> for the application
#pragma once

#include "agents/base/time.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/event.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::peer {

class PeerConnection;

// Which side gives way; the two sides must differ.
enum class Politeness : std::uint8_t { Polite, Impolite };

// What one side tells the other. The signalling path must keep their order.
using Signal = std::variant<Description, IceCandidateInit>;

class PerfectNegotiation {
 public:
  // `connection` outlives this object; its application calls neither createOffer nor any
  // set…Description itself.
  PerfectNegotiation(PeerConnection& connection, Politeness politeness)
      : connection_{&connection}, politeness_{politeness} {}

  // Each event, as soon as it is polled: what to do may depend on the state at that moment.
  void handle_event(Instant now, const Event& event);
  void handle_signal(Instant now, Signal signal);

  [[nodiscard]] std::optional<Signal> poll_signal();
  // A call that failed and should not have; the pattern goes on.
  [[nodiscard]] std::optional<Error> poll_error();

  // The latest offer of the other side was ignored.
  [[nodiscard]] bool is_ignoring_offer() const { return ignore_offer_; }

 private:
  // Which await of the example an operation is.
  enum class Step : std::uint8_t { MakeOffer, SetRemoteOffer, SetRemoteAnswer, Answer, Candidate };

  void handle_description(Instant now, Description description);
  void settled(Instant now, Step step, const Settlement& outcome);
  void send_local_description();

  PeerConnection* connection_;
  Politeness politeness_;
  bool making_offer_ = false;
  bool ignore_offer_ = false;
  bool setting_remote_answer_ = false;  // isSettingRemoteAnswerPending
  std::vector<std::pair<OperationId, Step>> awaited_;
  std::deque<Signal> signals_;
  std::deque<Error> errors_;
};

}  // namespace rtclab::peer
