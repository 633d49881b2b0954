// Readers of <selectedPair>, <selectedPairs> and <candidates>.
#include "agents/base/text.h"
#include "scenarios/expectation_reading.h"

#include <fmt/format.h>

#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

const std::vector<std::string> kProtocolNames{"udp", "tcp"};
const std::vector<std::string> kFamilyNames{"IPv4", "IPv6"};

std::optional<Ip> read_ip(const Element& element, std::string_view attribute) {
  if (!element.has(attribute)) return std::nullopt;
  const auto ip = Ip::parse(element.text(attribute));
  if (!ip) element.complain_value(attribute, "an IP address such as 203.0.113.1");
  return ip;
}

std::string read_machine(const Element& element, std::string_view attribute, const Loaded& loaded) {
  if (!element.has(attribute)) return {};
  auto machine = element.text(attribute);
  const auto known = loaded.topology.machine_names();
  if (!is_one_of(machine, known)) element.complain_unknown(attribute, "machine", known);
  return machine;
}

// "srflx|prflx", "any".
std::vector<std::string> read_alternatives(const Element& element, std::string_view text) {
  if (text == "any") return {};
  std::vector<std::string> types;
  for (const auto part : split(text, '|')) {
    types.emplace_back(part);
    if (!is_one_of(types.back(), candidate_types()))
      element.complain("order", unknown("candidate type", types.back(), candidate_types()));
  }
  return types;
}

ExpectSelectedPairs::Types read_types(const Element& element, std::string_view word) {
  if (word == kOthers || word == "...") return {.others = true};
  const auto sides = split(word, '/');
  if (sides.size() != 2) {
    element.complain_value("order", "pairs LOCAL/REMOTE, such as host/srflx|prflx, any/relay or …");
    return {};
  }
  return {read_alternatives(element, sides[0]), read_alternatives(element, sides[1])};
}

}  // namespace

Expectation read_selected_pair(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectSelectedPair pair{
      .peer = read_peer_name(element, "peer", loaded),
      .pair = {.local = read_candidate_types(element, "local"),
               .remote = read_candidate_types(element, "remote"),
               .protocol = read_word(element, "protocol", kProtocolNames),
               .family = read_word(element, "family", kFamilyNames),
               .local_address = read_ip(element, "localAddress"),
               .remote_address = read_ip(element, "remoteAddress"),
               .local_machine = read_machine(element, "localMachine", loaded),
               .remote_machine = read_machine(element, "remoteMachine", loaded)},
      .window = read_window(element, names, loaded)};
  pair.when = read_when(element, pair.window);
  if (element.has("relay")) {
    pair.pair.relay = element.text("relay");
    const auto known = names_of(loaded.topology.turn_servers);
    if (!is_one_of(pair.pair.relay, known)) element.complain_unknown("relay", "TURN server", known);
  }
  return pair;
}

Expectation read_selected_pairs(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectSelectedPairs pairs{.peer = read_peer_name(element, "peer", loaded),
                            .window = read_window(element, names, loaded)};
  if (has_times(element)) pairs.times = read_times(element);
  if (element.has("order")) {
    for (const auto& word : words(element.text("order")))
      pairs.order.push_back(read_types(element, word));
  }
  if (pairs.order.empty() && pairs.times.is_any())
    element.complain("expected how many (count, atLeast, atMost, never) or their order");
  return pairs;
}

Expectation read_candidates(const Element& element, const Names& names, const Loaded& loaded) {
  using Which = ExpectCandidates::Which;
  static constexpr std::array kWhich{xml::Choice<Which>{"gathered", Which::Gathered},
                                     xml::Choice<Which>{"trickled", Which::Trickled},
                                     xml::Choice<Which>{"received", Which::Received}};
  ExpectCandidates candidates{
      .peer = read_peer_name(element, "peer", loaded),
      .which = element.choice<Which>("which", kWhich, Which::Gathered),
      .types = read_candidate_types(element, "type"),
      .protocol = read_word(element, "protocol", kProtocolNames),
      .tcp_type = read_word(element, "tcpType", {"active", "passive", "so"}),
      .family = read_word(element, "family", kFamilyNames),
      .times = read_times(element),
      .window = read_window(element, names, loaded)};
  if (!candidates.tcp_type.empty() && candidates.protocol == "udp")
    element.complain("tcpType", "a candidate over udp has none");
  return candidates;
}

}  // namespace rtclab::scenario::reading
