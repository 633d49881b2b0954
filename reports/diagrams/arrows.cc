#include "reports/diagrams/arrows.h"

#include "agents/sdp/candidate.h"
#include "agents/stun/message.h"
#include "reports/diagrams/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace rtclab::diagrams {

using evidence::Datagram;
using evidence::Direction;
using evidence::Evidence;
using evidence::Fate;
using evidence::Flight;
using evidence::Kind;
using evidence::Packet;
using evidence::SignallingMessage;
using evidence::SignallingType;

namespace {

constexpr std::size_t kMostDetailLines = 24;

class ArrowMaker {
 public:
  ArrowMaker(const Evidence& evidence, const Lifelines& lifelines)
      : evidence_{evidence}, lifelines_{lifelines} {
    for (std::size_t i = 0; i < lifelines.list().size(); ++i) {
      if (lifelines.list()[i].is_peer) peers_.push_back(i);
    }
  }

  std::optional<Arrow> make(const Datagram& datagram, const Label& label) const {
    Arrow arrow;
    arrow.lane = label.lane;
    arrow.label = label.text;
    arrow.stops = stops(datagram);
    if (arrow.stops.empty()) return std::nullopt;
    end(datagram, arrow);
    if (arrow.stops.size() < 2 && !arrow.death) return std::nullopt;
    arrow.last = arrow.stops.front().at;
    arrow.frames.push_back(evidence_.first_packet(datagram).frame);
    arrow.detail = detail(datagram);
    return arrow;
  }

 private:
  std::vector<Stop> stops(const Datagram& datagram) const {
    std::vector<Stop> path;
    const auto add = [&](std::optional<std::size_t> lifeline, Duration at) {
      if (lifeline && (path.empty() || path.back().lifeline != *lifeline || path.back().at != at)) {
        path.push_back({*lifeline, at});
      }
    };
    const auto start = evidence_.first_packet(datagram).at;
    add(lifelines_.of(datagram.from), start);
    for (const auto index : datagram.packets) {
      const auto& packet = evidence_.packets[index];
      if (const auto place = evidence_.party_of(packet)) {
        add(lifelines_.of(*place), packet.at);
        continue;
      }
      // Seen on a wire between two parties: it has just left one and is about to reach the other.
      add(lifelines_.of(evidence_.party_at(packet.source)), packet.at);
      add(lifelines_.of(evidence_.party_at(packet.destination)), packet.at);
    }
    return path;
  }

  // Lets the path end where the packet ended.
  void end(const Datagram& datagram, Arrow& arrow) const {
    auto goal = lifelines_.of(datagram.to);
    if (!goal && evidence_.first_packet(datagram).dissection.kind == Kind::Mdns) {
      goal = other_peer(arrow.stops.front().lifeline);  // multicast: whoever listens
    }
    const auto last = arrow.stops.back();
    if (datagram.fate == Fate::Lost || datagram.fate == Fate::Filtered) {
      arrow.death =
          Death{death_place(datagram, last, goal), datagram.fate == Fate::Filtered,
                datagram.dropped_at.empty() ? datagram.reason
                                            : datagram.dropped_at + ": " + datagram.reason,
                std::nullopt};
    } else if (goal && last.lifeline != *goal) {
      arrow.stops.push_back({*goal, last.at});
      arrow.arrival_seen = false;
    }
  }

  double death_place(const Datagram& datagram, const Stop& last,
                     std::optional<std::size_t> goal) const {
    if (const auto killer = lifelines_.of(datagram.dropped_by)) return static_cast<double>(*killer);
    const auto here = static_cast<double>(last.lifeline);
    const auto& sighting = evidence_.last_packet(datagram);
    const auto place = evidence_.party_of(sighting);
    const bool inbound = sighting.direction == Direction::Inbound;
    if (!place || (lifelines_.of(place) && inbound)) return here;  // arrived, and went no further
    const auto step = (goal ? *goal > last.lifeline : last.lifeline == 0) ? 0.5 : -0.5;
    // A router has no lifeline: what it dropped died behind the last one passed, and what was lost
    // on the cable after it, before the next one.
    const auto next = inbound || lifelines_.of(place) ? std::nullopt : gate_of(goal);
    return next && *next != last.lifeline ? static_cast<double>(*next) - step : here + step;
  }

  // Where a packet enters its receiver's home: the NAT before it, or the receiver itself.
  std::optional<std::size_t> gate_of(std::optional<std::size_t> goal) const {
    if (!goal) return goal;
    for (evidence::PartyIndex i = 0; i < evidence_.parties.size(); ++i) {
      const bool is_gate = evidence_.parties[i].inside == lifelines_.list()[*goal].party;
      if (const auto gate = lifelines_.of(i); is_gate && gate) return gate;
    }
    return goal;
  }

  std::optional<std::size_t> other_peer(std::size_t lifeline) const {
    for (const auto peer : peers_) {
      if (peer != lifeline) return peer;
    }
    return std::nullopt;
  }

  std::string where(const Packet& packet) const {
    const auto& interface = evidence_.interfaces[packet.interface];
    return fmt::format("{}  frame {} of {}, at {}", moment_text(packet.at), packet.frame,
                       interface.capture, interface.name);
  }

  std::string detail(const Datagram& datagram) const {
    const auto& first = evidence_.first_packet(datagram);
    auto text =
        fmt::format("{}\n{} → {}, {} octets", first.dissection.summary(), first.source.to_string(),
                    first.destination.to_string(), first.payload.size());
    for (const auto index : datagram.packets) {
      text += "\n" + where(evidence_.packets[index]);
    }
    text += fmt::format("\n{}", to_string(datagram.fate));
    if (!datagram.dropped_at.empty()) text += " at " + datagram.dropped_at;
    if (!datagram.reason.empty()) text += ": " + datagram.reason;
    for (const auto* message : first.dissection.messages()) {
      text += fmt::format("\n\n{}", message->name());
      for (const auto& attribute : message->attributes) {
        text += fmt::format("\n{}", stun::attribute_name(attribute.type));
      }
    }
    return text;
  }

  const Evidence& evidence_;
  const Lifelines& lifelines_;
  std::vector<std::size_t> peers_;
};

// Collects arrows that say the same until one comes too late to belong to them.
class Folder {
 public:
  void add(Arrow arrow, const Label& label) {
    if (label.topic.empty()) {
      done_.push_back(std::move(arrow));
      return;
    }
    const auto key = key_of(arrow, label);
    auto& run = open_[key];
    if (!run.arrows.empty() &&
        arrow.stops.front().at - run.arrows.back().stops.front().at > run.label.patience) {
      close(run);
    }
    run.label = label;
    run.arrows.push_back(std::move(arrow));
  }

  std::vector<Arrow> finish() {
    for (auto& [key, run] : open_) close(run);
    std::ranges::stable_sort(done_, [](const Arrow& a, const Arrow& b) {
      return std::pair{a.stops.front().at, a.frames} < std::pair{b.stops.front().at, b.frames};
    });
    return std::move(done_);
  }

 private:
  struct Run {
    Label label;
    std::vector<Arrow> arrows;
  };

  static std::string key_of(const Arrow& arrow, const Label& label) {
    auto key = fmt::format("{}>{}/{}/", arrow.stops.front().lifeline, arrow.stops.back().lifeline,
                           label.topic);
    if (arrow.death) key += fmt::format("{}/{}", arrow.death->place, arrow.death->reason);
    return key;
  }

  void close(Run& run) {
    if (run.arrows.size() < run.label.fewest) {
      std::ranges::move(run.arrows, std::back_inserter(done_));
    } else {
      done_.push_back(fold(run));
    }
    run.arrows.clear();
  }

  static Arrow fold(const Run& run) {
    Arrow folded = run.arrows.front();
    folded.label = run.label.folded_text;
    folded.count = run.arrows.size();
    folded.last = run.arrows.back().stops.front().at;
    folded.frames.clear();
    folded.detail = fmt::format("{} × {}, over {}\n", folded.label, folded.count,
                                length_text(folded.last - folded.stops.front().at));
    std::size_t listed = 0;
    for (const auto& arrow : run.arrows) {
      folded.frames.insert(folded.frames.end(), arrow.frames.begin(), arrow.frames.end());
      if (listed++ >= kMostDetailLines) continue;
      folded.detail += "\n" + moment_text(arrow.stops.front().at);
      // Signalling has no frames.
      if (!arrow.frames.empty()) folded.detail += fmt::format("  frame {}", arrow.frames.front());
    }
    if (listed > kMostDetailLines) {
      folded.detail += fmt::format("\n… and {} more", listed - kMostDetailLines);
    }
    folded.detail += "\n\nthe first of them:\n" + run.arrows.front().detail;
    return folded;
  }

  std::map<std::string, Run> open_;
  std::vector<Arrow> done_;
};

std::string detail_of(const SignallingMessage& message) {
  auto detail = fmt::format("signalling: {} from {} to {}\nsent {}", message_label(message),
                            message.from, message.to, moment_text(message.sent));
  if (message.delivered) detail += "\ndelivered " + moment_text(*message.delivered);
  if (!message.candidate.empty()) detail += "\n\n" + message.candidate;
  if (!message.sdp.empty()) detail += "\n\n" + message.sdp;
  return detail;
}

std::string flight_label(const SignallingMessage& message, const Flight& flight) {
  if (flight.acknowledges) return "got it: " + message_label(message);
  auto label = message_label(message);
  if (flight.parts > 1) label += fmt::format(", part {} of {}", flight.part, flight.parts);
  if (flight.attempt > 1) label += fmt::format(", sent again ({})", flight.attempt);
  if (flight.is_copy) label += ", a second copy";
  return label;
}

std::string flight_detail(const SignallingMessage& message, const Flight& flight) {
  auto detail = fmt::format("{}: by courier\nleft {}", flight.item, moment_text(flight.departed));
  if (flight.arrived) {
    detail += fmt::format("\narrived {}, after {}", moment_text(*flight.arrived),
                          length_text(*flight.arrived - flight.departed));
  }
  return detail + (flight.lost ? "\nlost " + moment_text(*flight.lost) : "") + "\n\n" +
         detail_of(message);
}

// One arrow for each piece that somebody carried: on a long way they overtake each other.
void add_flights(const SignallingMessage& message, const Lifelines& lifelines, Folder& folder) {
  for (const auto& flight : message.flights) {
    const auto from = lifelines.named(flight.acknowledges ? message.to : message.from);
    const auto to = lifelines.named(flight.acknowledges ? message.from : message.to);
    if (!from || !to) continue;
    Arrow arrow;
    arrow.lane = Lane::Signalling;
    arrow.label = flight_label(message, flight);
    arrow.detail = flight_detail(message, flight);
    arrow.last = flight.departed;
    arrow.stops = {{*from, flight.departed}};
    if (flight.arrived) {
      arrow.stops.push_back({*to, *flight.arrived});
    } else {
      const auto middle = (static_cast<double>(*from) + static_cast<double>(*to)) / 2;
      arrow.death =
          Death{middle, false, flight.lost ? "lost on the way" : "still on its way", flight.lost};
    }
    folder.add(std::move(arrow), Label{Lane::Signalling, {}, {}, {}, {}, 2});
  }
}

std::optional<Arrow> make_arrow(const SignallingMessage& message, const Lifelines& lifelines) {
  const auto from = lifelines.named(message.from);
  const auto to = lifelines.named(message.to);
  if (!from || !to || message.type == SignallingType::Note) return std::nullopt;
  Arrow arrow;
  arrow.lane = Lane::Signalling;
  arrow.label = message_label(message);
  arrow.last = message.sent;
  arrow.stops = {{*from, message.sent}};
  if (message.delivered) {
    arrow.stops.push_back({*to, *message.delivered});
  } else if (message.type == SignallingType::Rollback) {
    return std::nullopt;  // an act of one side, told by a badge
  } else {
    const auto middle = (static_cast<double>(*from) + static_cast<double>(*to)) / 2;
    arrow.death = Death{middle, false, "never delivered", std::nullopt};
  }
  arrow.detail = detail_of(message);
  return arrow;
}

Label signalling_topic(const SignallingMessage& message, const std::string& text) {
  // Firefox says it twice (empty candidate, then null); candidates come in bursts.
  const bool ends = message.type == SignallingType::EndOfCandidates;
  Label label{Lane::Signalling, text, {}, {}, {}, 2};
  if (ends) label.topic = label.folded_text = text;
  label.patience = std::chrono::milliseconds{5};
  return label;
}

}  // namespace

std::string message_label(const SignallingMessage& message) {
  switch (message.type) {
    case SignallingType::Candidate:
      return message.candidate.empty() ? "end of candidates"
                                       : "candidate " + candidate_text(message.candidate);
    case SignallingType::EndOfCandidates: return "end of candidates";
    default: return std::string{to_string(message.type)};
  }
}

std::string candidate_text(const std::string& text) {
  const auto candidate = sdp::Candidate::parse(text);
  if (!candidate) return text.substr(0, 60);
  std::string address = candidate->address;
  if (candidate->is_mdns_name()) address = address.substr(0, 8) + "….local";
  auto line = fmt::format("{} {}:{}", candidate->type, address, candidate->port.value());
  if (candidate->is_tcp()) line += "/tcp " + candidate->tcp_type.value_or("");
  return line;
}

std::vector<Arrow> draw_arrows(const Evidence& evidence, const Lifelines& lifelines) {
  Folder folder;
  for (const auto& message : evidence.signalling) {
    if (!message.flights.empty()) {
      add_flights(message, lifelines, folder);
      continue;
    }
    if (auto arrow = make_arrow(message, lifelines)) {
      const auto label = signalling_topic(message, arrow->label);
      folder.add(std::move(*arrow), label);
    }
  }
  Labeller labeller{evidence};
  const ArrowMaker maker{evidence, lifelines};
  for (const auto& datagram : evidence.datagrams) {
    const auto label = labeller.label(datagram);
    // Each fragment but the last: the datagram's arrow starts with the one that completes it.
    if (evidence.first_packet(datagram).dissection.kind == Kind::Fragment &&
        datagram.fate != Fate::Lost && datagram.fate != Fate::Filtered) {
      continue;
    }
    if (auto arrow = maker.make(datagram, label)) folder.add(std::move(*arrow), label);
  }
  return folder.finish();
}

}  // namespace rtclab::diagrams
