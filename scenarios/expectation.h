// What must come of a scenario, as plain values.
#pragma once

#include "agents/base/time.h"
#include "scenarios/condition.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::scenario {

struct ExpectState {
  Condition condition;
  std::optional<Duration> by;  // reached no later than this; without it: so at the end of the run
};
// The pair that the peer has selected at the end; what is empty means any.
struct ExpectSelectedPair {
  std::string peer;
  std::vector<std::string> local;  // types, one of these: host, srflx, prflx, relay
  std::vector<std::string> remote;
  std::string protocol{};  // udp, tcp
  std::string family{};    // IPv4, IPv6
};
struct ExpectMessage {
  std::string peer;
  std::string channel;
  std::string text;  // arrived at least once, exactly so
};

// How often; `count` is both at once.
struct Times {
  std::optional<unsigned> at_least{};
  std::optional<unsigned> at_most{};

  [[nodiscard]] bool admits(unsigned times) const {
    return (!at_least || times >= *at_least) && (!at_most || times <= *at_most);
  }
};
// So often an event of RTCPeerConnection fired, by its standard name: "negotiationneeded".
struct ExpectEvent {
  std::string peer;
  std::string type;
  Times times;
};
// So often an agent reported that, by the name in the trace: "ice:pair_nominated".
struct ExpectRecord {
  std::string by;  // a peer or a machine
  std::string event;
  Times times;
};
// What a transceiver has come to in the end.
struct ExpectTransceiver {
  std::string peer;
  std::string transceiver;        // the name that a step gave it, or its mid
  std::string current_direction;  // sendrecv, …, stopped (also: gone)
};
// A member of getStats() at the end, by its standard names: the sum over all objects of that type,
// of that kind and of that rid where one is given. Of a text: one of these objects has it.
struct ExpectStatistic {
  std::string peer;
  std::string type;    // "inbound-rtp"
  std::string kind{};  // audio, video; empty: any
  std::string rid{};   // of a simulcast layer that is sent; empty: any
  std::string member;  // "framesDecoded"
  std::optional<double> at_least{};
  std::optional<double> at_most{};
  std::optional<std::string> is{};
};
using Expectation = std::variant<ExpectState, ExpectSelectedPair, ExpectMessage, ExpectEvent,
                                 ExpectRecord, ExpectTransceiver, ExpectStatistic>;

// As a reader says it: "bob receives "hello" on "chat"".
[[nodiscard]] std::string to_string(const Expectation& expectation);

}  // namespace rtclab::scenario
