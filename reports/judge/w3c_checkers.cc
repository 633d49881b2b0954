// RFC 9429 §3 and §5.2.3, W3C webrtc-pc §4: what a trace shows of a connection's states and events.
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rtclab::judge {
namespace {

struct Move {
  std::string_view from, to;
};

// clang-format off
// RFC 9429 §3.2, with rollback, and W3C webrtc-pc §4.4.1.5 for an offer that rolls back.
constexpr std::array kSignalingMoves{
    Move{"stable",               "have-local-offer"},
    Move{"stable",               "have-remote-offer"},
    Move{"have-local-offer",     "stable"},
    Move{"have-local-offer",     "have-remote-pranswer"},
    Move{"have-local-offer",     "have-remote-offer"},
    Move{"have-remote-offer",    "stable"},
    Move{"have-remote-offer",    "have-local-pranswer"},
    Move{"have-local-pranswer",  "stable"},
    Move{"have-local-pranswer",  "have-remote-offer"},
    Move{"have-remote-pranswer", "stable"},
    Move{"have-remote-pranswer", "have-local-offer"},
};
// W3C webrtc-pc §5.6.3: back to gathering in a restart, back to new when no transport is left.
constexpr std::array kGatheringMoves{
    Move{"new",       "gathering"},
    Move{"gathering", "complete"},
    Move{"complete",  "gathering"},
    Move{"gathering", "new"},
    Move{"complete",  "new"},
    Move{"new",       "complete"},
};
// clang-format on

// Each change begins where the one before ended, and is one of `moves` or ends in closed.
template <std::size_t N>
void check_moves(const Docket& docket, Findings& findings, std::string_view event_name,
                 std::string_view first, const std::array<Move, N>& moves) {
  std::map<std::string, std::string> states;
  for (const auto& event : docket.evidence().trace) {
    if (event.name != event_name) continue;
    const auto from = event.text("from");
    const auto to = event.text("to");
    const auto& before = states.try_emplace(event.vantage, first).first->second;
    const bool known = to == "closed" || std::ranges::any_of(moves, [&](const Move& move) {
                         return move.from == from && move.to == to;
                       });
    findings.check_trace(known && before == from, event, fmt::format("{} → {}", from, to));
    states[event.vantage] = to;
  }
}

// Calls f(settled, method, type, state) for each description that a call has set: the state is that
// in which the call has left its peer. Calls without a description say no type, and are left out.
template <class F>
void for_each_settled_description(const Docket& docket, F f) {
  struct Peer {
    std::string state = "stable";
    std::map<std::string, std::deque<std::string>> types;  // by method: of calls not settled yet
  };
  std::map<std::string, Peer> peers;
  for (const auto& event : docket.evidence().trace) {
    auto& peer = peers[event.vantage];
    if (event.name == "peer:signaling_state_changed") peer.state = event.text("to");
    if (event.name != "api:call" && event.name != "api:settled") continue;
    const auto method = event.text("method");
    if (method != "setLocalDescription" && method != "setRemoteDescription") continue;
    auto& types = peer.types[method];
    if (event.name == "api:call") {
      types.push_back(event.text("type"));
    } else if (!types.empty()) {
      const auto type = types.front();
      types.pop_front();
      if (!type.empty() && event.text("outcome") == "fulfilled") f(event, method, type, peer.state);
    }
  }
}

// Where a description leads, from whatever state it may be set in; a rollback is for another
// checker.
std::string state_after(std::string_view method, std::string_view type) {
  const std::string side = method == "setLocalDescription" ? "local" : "remote";
  return type == "answer" ? "stable" : "have-" + side + '-' + std::string{type};
}

void check_signaling(const Docket& docket, Findings& findings) {
  check_moves(docket, findings, "peer:signaling_state_changed", "stable", kSignalingMoves);
  // Where the trace tells of descriptions, it tells of a rollback: it leads to stable first.
  std::set<std::string> tells_descriptions;
  for (const auto& event : docket.evidence().trace) {
    if (event.name == "peer:description_set") tells_descriptions.insert(event.vantage);
    const bool glare = event.name == "peer:signaling_state_changed" &&
                       event.text("from") == "have-local-offer" &&
                       event.text("to") == "have-remote-offer";
    if (glare && tells_descriptions.contains(event.vantage))
      findings.check_trace(false, event, "an offer over its own, which was not rolled back");
  }
  for_each_settled_description(docket, [&](const evidence::TraceEvent& event,
                                           const std::string& method, const std::string& type,
                                           const std::string& state) {
    if (type == "rollback" || state == state_after(method, type)) return;
    findings.check_trace(false, event, fmt::format("{} of {} leads to {}", method, type, state));
  });
}

void check_rollback(const Docket& docket, Findings& findings) {
  for_each_settled_description(docket, [&](const evidence::TraceEvent& event, const std::string&,
                                           const std::string& type, const std::string& state) {
    if (type == "rollback")
      findings.check_trace(state == "stable", event, "a rollback leads to " + state);
  });
}

void check_gathering(const Docket& docket, Findings& findings) {
  check_moves(docket, findings, "peer:ice_gathering_state_changed", "new", kGatheringMoves);
}

void check_negotiation_needed(const Docket& docket, Findings& findings) {
  std::map<std::string, std::string> states;
  for (const auto& event : docket.evidence().trace) {
    if (event.name == "peer:signaling_state_changed") states[event.vantage] = event.text("to");
    if (event.name != "peer:negotiation_needed") continue;
    const auto state = states.try_emplace(event.vantage, "stable").first->second;
    findings.check_trace(state == "stable", event, "negotiationneeded in the state " + state);
  }
}

// Nothing happens any more to a connection that is closed.
void check_closed_is_silent(const Docket& docket, Findings& findings) {
  std::map<std::string, Duration> closed;
  for (const auto& event : docket.evidence().trace) {
    if (event.name == "api:call" && event.text("method") == "close") {
      closed.try_emplace(event.vantage, event.at);
      findings.check_trace(true, event, "closes");
      continue;
    }
    const auto at = closed.find(event.vantage);
    const bool is_event = event.name == "peer:signaling_state_changed" ||
                          event.name == "peer:negotiation_needed" ||
                          event.name == "peer:icecandidate";
    if (at == closed.end() || !is_event || event.at == at->second) continue;
    findings.check_trace(false, event, event.name + " after close()");
  }
}

// When each description that was sent had been made, as a place in the trace: sending it may come
// much later, and what was asked for in between is for the next one.
class Making {
 public:
  explicit Making(const Docket& docket) : trace_{docket.evidence().trace} {}

  // The call that made the description: of createOffer or createAnswer, else of the
  // setLocalDescription that made one itself. Where the trace does not show it being set, when it
  // was sent.
  [[nodiscard]] std::size_t of(const evidence::SignallingMessage& message) const {
    const auto sent = sending_of(message);
    const auto set = last_before(sent, [&](const evidence::TraceEvent& event) {
      return is_set(event, message.from) && event.text("type") == to_string(message.type);
    });
    if (!set) return sent;
    const auto asked = last_before(*set, [&](const evidence::TraceEvent& event) {
      return is_call(event, message.from, "setLocalDescription");
    });
    const auto created = last_before(*set, [&](const evidence::TraceEvent& event) {
      return is_call(event, message.from, "createOffer") ||
             is_call(event, message.from, "createAnswer");
    });
    const auto set_before = last_before(
        *set, [&](const evidence::TraceEvent& event) { return is_set(event, message.from); });
    if (created && (!set_before || *created > *set_before)) return *created;
    return asked.value_or(*set);
  }

 private:
  static bool is_set(const evidence::TraceEvent& event, const std::string& by) {
    return event.name == "peer:description_set" && event.vantage == by &&
           event.text("which").ends_with("_local");
  }
  static bool is_call(const evidence::TraceEvent& event, const std::string& by,
                      std::string_view method) {
    return event.name == "api:call" && event.vantage == by && event.text("method") == method;
  }
  [[nodiscard]] std::size_t sending_of(const evidence::SignallingMessage& message) const {
    const auto sent = std::ranges::find_if(trace_, [&](const evidence::TraceEvent& event) {
      return event.name == "signalling:sent" && event.at == message.sent &&
             event.text("from") == message.from && event.text("sdp") == message.sdp;
    });
    const auto later = std::ranges::find_if(
        trace_, [&](const evidence::TraceEvent& event) { return event.at > message.sent; });
    return static_cast<std::size_t>((sent != trace_.end() ? sent : later) - trace_.begin());
  }
  template <class Fits>
  [[nodiscard]] std::optional<std::size_t> last_before(std::size_t place, Fits fits) const {
    while (place-- > 0)
      if (fits(trace_[place])) return place;
    return std::nullopt;
  }

  const std::vector<evidence::TraceEvent>& trace_;
};

// Whether ICE ran for one of the sections that the description goes on with.
bool has_old_credentials(const Negotiation& negotiation, const DescriptionRecord& record) {
  const auto& description = record.reading.description;
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    if (negotiation.running_credentials(record, i) && credentials_of(description, i)) return true;
  }
  return false;
}

// RFC 9429 §5.2.3.1: what restartIce() asks for shows in the next offer that is made, unless an
// answer has brought new credentials meanwhile (W3C webrtc-pc §4.4.1.5); what the option iceRestart
// asks for, in that offer. Where there are no credentials yet, the wish is for nothing.
void check_restart_asked(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  const Making making{docket};
  const auto& trace = docket.evidence().trace;
  for (std::size_t place = 0; place < trace.size(); ++place) {
    const auto& event = trace[place];
    const auto method = event.name == "api:call" ? event.text("method") : std::string{};
    const bool for_one = method == "createOffer" && event.text("ice_restart") == "true";
    if (!for_one && method != "restartIce") continue;
    for (const auto& record : docket.descriptions()) {
      const auto& message = negotiation.message(record);
      if (message.from != event.vantage || negotiation.own_before(record) == nullptr) continue;
      const bool offers = negotiation.is_offer(record);
      const auto made = making.of(message);
      if (made < place) continue;
      if (for_one && made != place) break;
      if (!has_old_credentials(negotiation, record)) break;
      const bool restarts = negotiation.restarts_ice(record);
      if (!offers && !restarts) continue;
      findings.check_signal(restarts, record.signalling,
                            fmt::format("{} with {} credentials after {}", type_of(docket, record),
                                        restarts ? "new" : "the old", method));
      break;
    }
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"jsep-9429-3.2-state-table", "RFC 9429", "3.2", Level::Must,
             "The signaling state changes as the state machine of JSEP has it."},
            "changes of the signaling state in a trace", check_signaling},
    Checker{{"jsep-9429-5.7-rollback-same", "RFC 9429", "5.7", Level::Must,
             "A rollback that succeeds leads back to the state stable."},
            "rollbacks that an application asked for", check_rollback},
    Checker{{"jsep-9429-5.2.3.1-restart-offer", "RFC 9429", "5.2.3.1", Level::Must,
             "An offer after restartIce() has a new ufrag and a new password."},
            "offers after a wish to restart ICE", check_restart_asked},
    Checker{{"w3c-gathering-states", "W3C webrtc-pc", "5.6.3", Level::Must,
             "The ICE gathering state goes from new over gathering to complete, and back only in a restart."},
            "changes of the gathering state in a trace", check_gathering},
    Checker{{"w3c-negotiationneeded-stable", "W3C webrtc-pc", "4.7.3", Level::Must,
             "negotiationneeded fires in the state stable only."},
            "negotiationneeded events in a trace", check_negotiation_needed},
    Checker{{"w3c-closed-silent", "W3C webrtc-pc", "4.4.1.8", Level::Must,
             "A closed connection fires no more events."},
            "calls of close in a trace", check_closed_is_silent},
};
// clang-format on

}  // namespace

std::span<const Checker> w3c_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
