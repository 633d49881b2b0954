#include "agents/base/event_names.h"
#include "scenarios/reading.h"

#include <algorithm>
#include <array>

namespace rtclab::scenario::reading {
namespace {

using topology::Drop;
using xml::Choice;
using xml::Element;

constexpr std::uint64_t kMostOften = 1'000'000;

constexpr std::array kPackets{Choice<Drop::What>{"packet", Drop::What::Packet},
                              Choice<Drop::What>{"datagram", Drop::What::Datagram},
                              Choice<Drop::What>{"stun", Drop::What::Stun},
                              Choice<Drop::What>{"dtls", Drop::What::DtlsRecord},
                              Choice<Drop::What>{"dtls-flight", Drop::What::DtlsFlight},
                              Choice<Drop::What>{"rtp", Drop::What::Rtp},
                              Choice<Drop::What>{"tcp", Drop::What::TcpSegment}};
constexpr std::array kMoments{Choice<bool>{"begun", true}, Choice<bool>{"ended", false}};

// The attributes that name what to wait for; the first that is there decides.
constexpr std::array<std::string_view, 4> kTriggers{"event", "packet", "step", "peer"};

// Peers by their names, other machines by theirs.
std::vector<std::string> all_names(const Loaded& loaded) {
  auto known = names_of(loaded.scenario.peers);
  for (const auto& machine : loaded.topology.machine_names()) known.push_back(machine);
  return known;
}

unsigned read_number(const Element& element) {
  return static_cast<unsigned>(element.number("number", 1, kMostOften, 1));
}

Trigger read_record(const Element& element, const Loaded& loaded) {
  RecordTrigger trigger{element.text("by"), element.text("event"), read_number(element)};
  const auto known = all_names(loaded);
  if (!is_one_of(trigger.by, known)) element.complain_unknown("by", "peer or machine", known);
  if (!is_one_of(trigger.event, event_names()))
    element.complain_unknown("event", "event of the trace", event_names());
  return trigger;
}

Trigger read_packet(const Element& element, const Loaded& loaded) {
  const bool leaves = element.has("leaves");
  if (leaves == element.has("reaches")) {
    element.complain("expected leaves=\"…\" or reaches=\"…\": a peer or a machine");
    return PacketTrigger{};
  }
  const auto* const attribute = leaves ? "leaves" : "reaches";
  auto machine = element.text(attribute);
  const auto known = all_names(loaded);
  if (!is_one_of(machine, known)) element.complain_unknown(attribute, "peer or machine", known);
  if (const auto* const peer = loaded.scenario.find_peer(machine)) machine = peer->machine;
  return PacketTrigger{
      machine, leaves, {element.choice<Drop::What>("packet", kPackets), read_number(element)}};
}

void refuse_others(const Element& element, std::string_view chosen) {
  struct Belonging {
    std::string_view attribute;
    std::string_view to;
  };
  static constexpr std::array kBelongings{
      Belonging{"event", "event"}, Belonging{"by", "event"},      Belonging{"packet", "packet"},
      Belonging{"step", "step"},   Belonging{"leaves", "packet"}, Belonging{"reaches", "packet"},
      Belonging{"has", "step"},    Belonging{"peer", "peer"},     Belonging{"channel", "peer"}};
  for (const auto& [attribute, to] : kBelongings) {
    if (to == chosen || !element.has(attribute)) continue;
    element.complain(attribute, std::string{attribute} + " does not go together with " +
                                    std::string{chosen} + "=\"…\"");
  }
  if (element.has("number") && chosen != "event" && chosen != "packet")
    element.complain("number", "number counts events and packets");
}

}  // namespace

bool has_trigger(const Element& element) {
  return std::ranges::any_of(kTriggers, [&](auto attribute) { return element.has(attribute); });
}

Trigger read_trigger(const Element& element, const Names& names, const Loaded& loaded) {
  const auto found =
      std::ranges::find_if(kTriggers, [&](auto attribute) { return element.has(attribute); });
  if (found == kTriggers.end()) {
    element.complain(
        "expected what begins it: peer=\"…\" with a state, event=\"…\", "
        "packet=\"…\" or step=\"…\"");
    return StepTrigger{};
  }
  refuse_others(element, *found);
  if (*found == "event") return read_record(element, loaded);
  if (*found == "packet") return read_packet(element, loaded);
  if (*found == "peer") return read_condition(element, names, loaded);
  return StepTrigger{.id = element.text("step"),
                     .has_begun = element.choice<bool>("has", kMoments, false)};
}

}  // namespace rtclab::scenario::reading
