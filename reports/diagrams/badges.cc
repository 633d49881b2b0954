#include "reports/diagrams/badges.h"

#include "reports/diagrams/arrows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace rtclab::diagrams {

using evidence::Evidence;
using evidence::SignallingMessage;
using evidence::SignallingType;
using evidence::TraceEvent;

namespace {

// How one kind of event reads on a badge: "{prefix}{value of field}".
struct Wording {
  std::string_view name;
  BadgeKind kind;
  std::string_view prefix;
  std::string_view field;
};
// clang-format off
constexpr std::array kWordings{
    Wording{"api:call",                            BadgeKind::Call,        "",               "method"},
    Wording{"peer:signaling_state_changed",        BadgeKind::Signaling,   "signaling: ",    "to"},
    Wording{"peer:ice_gathering_state_changed",    BadgeKind::Ice,         "ICE gathering: ", "to"},
    Wording{"peer:ice_connection_state_changed",   BadgeKind::Ice,         "ICE: ",          "to"},
    Wording{"peer:connection_state_changed",       BadgeKind::Connection,  "connection: ",   "to"},
    Wording{"peer:description_set",                BadgeKind::Description, "",               "which"},
    Wording{"ice:role_changed",                    BadgeKind::Ice,         "ICE role: ",     "role"},
    Wording{"ice:pair_selected",                   BadgeKind::Ice,         "selected → ",    "remote"},
    Wording{"dtls:connected",                      BadgeKind::Connection,  "DTLS connected", ""},
    Wording{"dtls:failed",                         BadgeKind::Failure,     "DTLS failed",    ""},
    Wording{"sctp:established",                    BadgeKind::Data,        "SCTP established", ""},
    Wording{"sctp:closed",                         BadgeKind::Data,        "SCTP closed: ",  "cause"},
    Wording{"signalling:held",                     BadgeKind::Signaling,   "waits: ",        "id"},
    Wording{"signalling:discarded",                BadgeKind::Signaling,   "thrown away: ",  "id"},
    Wording{"signalling:refused",                  BadgeKind::Failure,     "refused: ",      "id"},
    Wording{"signalling:given_up",                 BadgeKind::Failure,     "gives up: ",     "id"},
    Wording{"datachannel:open",                    BadgeKind::Data,        "channel open: ", "label"},
    Wording{"datachannel:close",                   BadgeKind::Data,        "channel closed: ", "label"},
};
// clang-format on

std::string all_fields(const TraceEvent& event) {
  std::string text = fmt::format("{}  {}", moment_text(event.at), event.name);
  for (const auto& [key, value] : event.data) {
    text += fmt::format("\n{}: {}", key, event.text(key).substr(0, 2000));
  }
  if (!event.rule.empty()) text += "\n" + event.rule;
  return text;
}

// pending_local -> "pending local ← offer"; a description that went away -> "pending local: none".
std::string description_text(const TraceEvent& event) {
  auto which = event.text("which");
  std::ranges::replace(which, '_', ' ');
  const auto type = event.text("type");
  return which + (type.empty() || type == "null" || type == "none" ? ": none" : ": " + type);
}

std::string call_text(const TraceEvent& event) {
  auto text = event.text("method") + "(";
  for (const auto* const argument : {"type", "label"}) {
    if (!event.text(argument).empty()) {
      text += event.text(argument);
      break;
    }
  }
  return text + ")";
}

bool is_trouble(std::string_view text) {
  return text.ends_with("failed") || text.ends_with("disconnected");
}

// Of the message with that id.
std::string label_of(const Evidence& evidence, const std::string& id) {
  const auto found = std::ranges::find(evidence.signalling, id, &SignallingMessage::id);
  return found == evidence.signalling.end() ? id : message_label(*found);
}

std::optional<Badge> make_badge(const Evidence& evidence, const TraceEvent& event,
                                std::size_t lifeline) {
  const auto wording = std::ranges::find(kWordings, std::string_view{event.name}, &Wording::name);
  if (wording == kWordings.end()) return std::nullopt;
  Badge badge{lifeline, event.at, wording->kind, {}, all_fields(event)};
  badge.text = std::string{wording->prefix} + event.text(wording->field);
  if (event.name == "peer:description_set") badge.text = description_text(event);
  if (event.name == "api:call") badge.text = call_text(event);
  if (event.name.starts_with("signalling:")) {
    badge.text = std::string{wording->prefix} + label_of(evidence, event.text("id"));
  }
  if (is_trouble(badge.text)) badge.kind = BadgeKind::Failure;
  return badge;
}

// By courier: a message that waits for somebody to take it along, and one that lay in the mailbox,
// or whose parts came one by one.
void add_waits(const Evidence& evidence, const Lifelines& lifelines, std::vector<Badge>& badges) {
  const auto add = [&](const std::string& who, Duration at, const std::string& text) {
    if (const auto lifeline = lifelines.named(who))
      badges.push_back({*lifeline, at, BadgeKind::Signaling, text,
                        fmt::format("{}  {}", moment_text(at), text)});
  };
  for (const auto& message : evidence.signalling) {
    if (message.flights.empty()) continue;
    const auto label = message_label(message);
    const auto& first = message.flights.front();
    if (first.departed > message.sent) add(message.from, message.sent, "ready to go: " + label);
    const bool is_at_once =
        first.parts == 1 && std::ranges::find(message.flights, message.delivered,
                                              &evidence::Flight::arrived) != message.flights.end();
    if (message.delivered && !is_at_once) add(message.to, *message.delivered, "reads: " + label);
  }
}

// Candidates and messages come in numbers: each burst of one kind is one badge.
class Bursts {
 public:
  explicit Bursts(std::vector<Badge>& badges) : badges_{badges} {}

  void add(Badge badge) {
    constexpr Duration kPause = std::chrono::milliseconds{500};
    auto& run = runs_[{badge.lifeline, badge.text}];
    if (run.count > 0 && badge.at - run.last <= kPause) {
      auto& first = badges_[run.index];
      first.text = fmt::format("{} × {}", badge.text, ++run.count);
      if (run.count <= 12) first.detail += "\n\n" + badge.detail;
      run.last = badge.at;
      return;
    }
    run = {badges_.size(), 1, badge.at};
    badges_.push_back(std::move(badge));
  }

 private:
  struct Run {
    std::size_t index = 0;
    std::size_t count = 0;
    Duration last{};
  };
  std::vector<Badge>& badges_;
  std::map<std::pair<std::size_t, std::string>, Run> runs_;
};

void read_trace(const Evidence& evidence, const Lifelines& lifelines, std::vector<Badge>& badges) {
  Bursts bursts{badges};
  for (const auto& event : evidence.trace) {
    const auto lifeline = lifelines.named(event.vantage);
    if (event.name == "scenario:step" && event.text("network") == "true") {
      // A router has no lifeline; the other end of its link may have one.
      const auto place = lifeline ? lifeline : lifelines.named(event.text("far_end"));
      if (place)
        badges.push_back(
            {*place, event.at, BadgeKind::Network, event.text("what"), all_fields(event)});
    }
    if (!lifeline) continue;
    if (event.name == "datachannel:message") {
      const bool sent = event.text("direction") == "sent";
      bursts.add({*lifeline, event.at, BadgeKind::Data, sent ? "message sent" : "message received",
                  all_fields(event)});
    } else if (event.name == "api:call" &&
               (event.text("method") == "addIceCandidate" || event.text("method") == "send")) {
      bursts.add(
          {*lifeline, event.at, BadgeKind::Call, event.text("method") + "()", all_fields(event)});
    } else if (auto badge = make_badge(evidence, event, *lifeline)) {
      badges.push_back(std::move(*badge));
    }
  }
}

// Follows the descriptions of a recording through RFC 9429 §3.2, as the API would have.
class SignalingStates {
 public:
  SignalingStates(const Lifelines& lifelines, std::vector<Badge>& badges)
      : lifelines_{lifelines}, badges_{badges} {}

  void take(const std::vector<SignallingMessage>& messages) {
    std::vector<Step> steps;
    for (const auto& message : messages) {
      steps.push_back({message.sent, &message, false});
      if (message.delivered) steps.push_back({*message.delivered, &message, true});
    }
    // An offer that is on its way while another is made: only time tells who knew what.
    std::ranges::stable_sort(steps, {}, &Step::at);
    for (const auto& step : steps) take(step);
  }

 private:
  struct Step {
    Duration at;
    const SignallingMessage* message;
    bool delivery;
  };

  void take(const Step& step) {
    const auto& peer = step.delivery ? step.message->to : step.message->from;
    switch (step.message->type) {
      case SignallingType::Offer:
        // Glare: what becomes of it is the application's choice, which a recording need not show.
        if (step.delivery && state_[peer] == "have-local-offer") {
          add(peer, step.at, BadgeKind::Failure, "glare: both have offered");
        } else {
          enter(peer, step.at, step.delivery ? "have-remote-offer" : "have-local-offer");
        }
        return;
      case SignallingType::Answer: enter(peer, step.at, "stable"); return;
      case SignallingType::Pranswer:
        enter(peer, step.at, step.delivery ? "have-remote-pranswer" : "have-local-pranswer");
        return;
      case SignallingType::Rollback: add(peer, step.at, BadgeKind::Signaling, "rollback"); return;
      case SignallingType::Note: add(peer, step.at, BadgeKind::Failure, step.message->note); return;
      case SignallingType::Candidate:
      case SignallingType::EndOfCandidates: return;
    }
  }

  void enter(const std::string& peer, Duration at, const std::string& state) {
    if (state_[peer] == state) return;
    state_[peer] = state;
    add(peer, at, BadgeKind::Signaling, "signaling: " + state);
  }

  void add(const std::string& peer, Duration at, BadgeKind kind, std::string text) {
    const auto lifeline = lifelines_.named(peer);
    if (!lifeline) return;
    const auto detail = fmt::format(
        "{}  {}\ndeduced from the signalling: this recording has no trace", moment_text(at), text);
    badges_.push_back({*lifeline, at, kind, std::move(text), detail});
  }

  const Lifelines& lifelines_;
  std::vector<Badge>& badges_;
  std::map<std::string, std::string> state_;
};

}  // namespace

std::vector<Badge> make_badges(const Evidence& evidence, const Lifelines& lifelines) {
  std::vector<Badge> badges;
  if (evidence.has_trace) {
    read_trace(evidence, lifelines, badges);
    add_waits(evidence, lifelines, badges);
  } else {
    SignalingStates{lifelines, badges}.take(evidence.signalling);
  }
  std::ranges::stable_sort(badges, {}, &Badge::at);
  return badges;
}

}  // namespace rtclab::diagrams
