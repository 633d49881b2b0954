#include "scenarios/loader.h"

#include "agents/base/text.h"
#include "agents/peer/states.h"
#include "scenarios/grammar.h"
#include "topologies/loader.h"
#include "topologies/xml_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace rtclab::scenario {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using xml::Choice;
using xml::Element;

// The values that each attribute of RTCPeerConnection can have.
struct Attribute {
  std::string_view name;
  std::vector<std::string> values;
};

template <class State>
std::vector<std::string> names(std::initializer_list<State> states) {
  std::vector<std::string> texts;
  for (const auto state : states) texts.emplace_back(peer::to_string(state));
  return texts;
}

const std::array<Attribute, 4>& state_attributes() {
  static const std::array<Attribute, 4> kAttributes = [] {
    using S = peer::SignalingState;
    using G = peer::IceGatheringState;
    using I = peer::IceConnectionState;
    using C = peer::ConnectionState;
    return std::array<Attribute, 4>{{
        {"signalingState", names({S::Stable, S::HaveLocalOffer, S::HaveRemoteOffer,
                                  S::HaveLocalPranswer, S::HaveRemotePranswer, S::Closed})},
        {"iceGatheringState", names({G::New, G::Gathering, G::Complete})},
        {"iceConnectionState", names({I::New, I::Checking, I::Connected, I::Completed,
                                      I::Disconnected, I::Failed, I::Closed})},
        {"connectionState",
         names({C::New, C::Connecting, C::Connected, C::Disconnected, C::Failed, C::Closed})},
    }};
  }();
  return kAttributes;
}

const std::vector<std::string> kReadyStates{"connecting", "open", "closing", "closed"};
const std::vector<std::string> kCandidateTypes{"host", "srflx", "prflx", "relay"};

bool is_one_of(const std::string& text, const std::vector<std::string>& known) {
  return std::ranges::find(known, text) != known.end();
}

// Reads one file against one topology.
class Reader {
 public:
  Reader(const Element& root, Loaded& loaded) : root_{root}, loaded_{loaded} {}

  void read() {
    read_signalling();
    for (const auto& element : root_.children("peer")) read_peer(element);
    if (loaded_.scenario.peers.empty()) root_.complain("a scenario needs at least one <peer>");
    for (const auto& element : root_.children("server")) read_server(element);
    if (const auto timeline = root_.child("timeline")) {
      for (const auto& element : timeline->children()) read_step(element);
    } else {
      root_.complain("expected a <timeline>: the steps of the scenario");
    }
    if (const auto expect = root_.child("expect")) {
      for (const auto& element : expect->children()) read_expectation(element);
    }
  }

 private:
  Scenario& scenario() { return loaded_.scenario; }
  const topology::Topology& topology() const { return loaded_.topology; }

  template <class Machines>
  static std::vector<std::string> names_of(const Machines& machines) {
    std::vector<std::string> known;
    for (const auto& machine : machines) known.push_back(machine.name);
    return known;
  }

  void read_signalling() {
    const auto known = names_of(topology().signalling_servers);
    if (known.empty()) {
      root_.complain("topology",
                     fmt::format("topology \"{}\" has no signalling server, and peers that cannot "
                                 "signal cannot call",
                                 topology().name));
      return;
    }
    if (!root_.has("signalling")) {
      if (known.size() > 1) {
        root_.complain(
            fmt::format("expected signalling=\"…\", one of: {}", fmt::join(known, ", ")));
      }
      return;
    }
    const auto name = root_.text("signalling");
    if (!is_one_of(name, known)) root_.complain_unknown("signalling", "signalling server", known);
    scenario().signalling = name;
  }

  void read_peer(const Element& element) {
    Peer peer{.name = element.identifier("name"),
              .machine = element.text("machine"),
              .relay_only = element.choice<bool>("iceTransportPolicy", kPolicies, false),
              .trickle = element.yes_no("trickle", true),
              .ice_servers = {},
              .deviations = read_deviations(element),
              .line = element.line()};
    const auto hosts = names_of(topology().hosts);
    if (!is_one_of(peer.machine, hosts)) element.complain_unknown("machine", "host", hosts);
    for (const auto& other : scenario().peers) {
      if (other.name == peer.name) {
        element.complain("name", fmt::format("there is a peer \"{}\" already, in line {}",
                                             peer.name, other.line));
      }
      if (other.machine == peer.machine) {
        element.complain(
            "machine",
            fmt::format("peer \"{}\" is on this machine already; each peer needs its own",
                        other.name));
      }
    }
    for (const auto& server : element.children("iceServer"))
      peer.ice_servers.push_back(read_ice_server(server));
    scenario().peers.push_back(std::move(peer));
  }

  IceServer read_ice_server(const Element& element) {
    const auto urls = element.text("urls");
    const auto colon = urls.find(':');
    const auto scheme = urls.substr(0, colon);
    IceServer server{.machine = colon == std::string::npos ? std::string{} : urls.substr(colon + 1),
                     .username = element.text("username", ""),
                     .credential = element.text("credential", "")};
    const auto turn_servers = names_of(topology().turn_servers);
    if (colon == std::string::npos || (scheme != "turn" && scheme != "stun")) {
      element.complain("urls", fmt::format("\"{}\": expected stun:MACHINE or turn:MACHINE", urls));
    } else if (scheme == "turn") {
      server.scheme = IceServer::Scheme::Turn;
      if (!is_one_of(server.machine, turn_servers)) {
        element.complain("urls", unknown("TURN server", server.machine, turn_servers));
      }
      // W3C webrtc-pc §4.4.1.1: a turn: URL without both is an InvalidAccessError.
      if (!element.has("username") || !element.has("credential")) {
        element.complain("a turn: server needs username and credential");
      }
    } else {
      // A TURN server answers Binding requests too.
      auto known = names_of(topology().stun_servers);
      known.insert(known.end(), turn_servers.begin(), turn_servers.end());
      if (!is_one_of(server.machine, known))
        element.complain("urls", unknown("STUN server", server.machine, known));
    }
    return server;
  }

  void read_server(const Element& element) {
    auto known = names_of(topology().stun_servers);
    const auto turn_servers = names_of(topology().turn_servers);
    known.insert(known.end(), turn_servers.begin(), turn_servers.end());
    const auto machine = element.text("machine");
    if (!is_one_of(machine, known))
      element.complain_unknown("machine", "STUN or TURN server", known);
    scenario().faulty_servers.push_back({machine, read_deviations(element)});
  }

  static Deviations read_deviations(const Element& parent) {
    Deviations deviations;
    for (const auto& element : parent.children("deviation")) {
      const auto deviation = parse_deviation(element.text("name"));
      if (deviation) {
        deviations.add(*deviation);
      } else {
        element.complain_unknown("name", "deviation", deviation_names());
      }
    }
    return deviations;
  }

  void read_step(const Element& element) {
    const auto action = read_action(element);
    if (!action) return;
    Step step{.action = *action,
              .at = std::nullopt,
              .comment = element.text("note", ""),
              .line = element.line()};
    if (element.has("at")) step.at = element.duration("at");
    scenario().steps.push_back(std::move(step));
  }

  std::optional<Action> read_action(const Element& element) {
    const auto name = element.name();
    if (name == "wait") return read_wait(element);
    const auto peer = peer_name(element, "peer");
    if (name == "createDataChannel") {
      return CreateDataChannel{peer, element.text("label"), element.yes_no("ordered", true)};
    }
    if (name == "createOffer") return CreateOffer{peer};
    if (name == "createAnswer") return CreateAnswer{peer};
    if (name == "setLocalDescription") {
      using What = SetLocalDescription::What;
      static constexpr std::array kWhat{Choice<What>{"created", What::Created},
                                        Choice<What>{"implicit", What::Implicit},
                                        Choice<What>{"rollback", What::Rollback}};
      return SetLocalDescription{peer, element.choice<What>("description", kWhat, What::Created)};
    }
    if (name == "sendDescription") return SendDescription{peer, peer_name(element, "to")};
    if (name == "setRemoteDescription") {
      static constexpr std::array kWhat{Choice<bool>{"received", false},
                                        Choice<bool>{"rollback", true}};
      return SetRemoteDescription{peer, element.choice<bool>("description", kWhat, false)};
    }
    if (name == "send") {
      return SendMessage{peer, element.text("channel"), element.text("text"),
                         static_cast<unsigned>(element.number("count", 1, 1'000'000, 1)),
                         element.duration("interval", Duration{0})};
    }
    if (name == "closeChannel") return CloseChannel{peer, element.text("channel")};
    if (name == "close") return ClosePeer{peer};
    return std::nullopt;  // the grammar has refused it
  }

  Action read_wait(const Element& element) {
    if (element.has("for")) {
      if (element.has("peer"))
        element.complain("a <wait> has either for=\"…\" or a condition, not both");
      return Wait{std::nullopt, element.duration("for")};
    }
    if (!element.has("peer"))
      element.complain("expected for=\"2s\", or peer=\"…\" with a condition");
    return Wait{read_condition(element), element.duration("atMost", 60s)};
  }

  Condition read_condition(const Element& element) {
    const auto peer = peer_name(element, "peer");
    std::vector<Condition> conditions;
    for (const auto& attribute : state_attributes()) {
      if (!element.has(attribute.name)) continue;
      const auto value = element.text(attribute.name);
      if (!is_one_of(value, attribute.values))
        element.complain_unknown(attribute.name, attribute.name, attribute.values);
      conditions.emplace_back(StateCondition{peer, std::string{attribute.name}, value});
    }
    if (element.has("readyState")) {
      const auto value = element.text("readyState");
      if (!is_one_of(value, kReadyStates))
        element.complain_unknown("readyState", "readyState", kReadyStates);
      conditions.emplace_back(ChannelCondition{peer, element.text("channel", ""), value});
    }
    if (element.has("messages")) {
      const auto count = static_cast<unsigned>(element.number("messages", 1, 1'000'000));
      conditions.emplace_back(MessagesCondition{peer, element.text("channel", ""), count});
    }
    const bool about_channel = element.has("readyState") || element.has("messages");
    if (about_channel != element.has("channel")) {
      element.complain("channel=\"…\" and one of readyState and messages belong together");
    }
    if (conditions.size() != 1) {
      element.complain(
          "expected one condition: signalingState, iceGatheringState, iceConnectionState, "
          "connectionState, or channel "
          "with readyState or messages");
      return StateCondition{peer, "connectionState", "connected"};  // harmless: the file is refused
    }
    return conditions.front();
  }

  void read_expectation(const Element& element) {
    Expected expected{.expectation = ExpectMessage{}, .line = element.line()};
    if (element.name() == "state") {
      ExpectState state{read_condition(element), std::nullopt};
      if (element.has("by")) state.by = element.duration("by");
      expected.expectation = state;
    } else if (element.name() == "selectedPair") {
      expected.expectation =
          ExpectSelectedPair{peer_name(element, "peer"), candidate_types(element, "local"),
                             candidate_types(element, "remote")};
    } else {
      expected.expectation =
          ExpectMessage{peer_name(element, "peer"), element.text("channel"), element.text("text")};
    }
    scenario().expectations.push_back(std::move(expected));
  }

  static std::vector<std::string> candidate_types(const Element& element,
                                                  std::string_view attribute) {
    std::vector<std::string> types;
    if (!element.has(attribute)) return types;
    const auto text = element.text(attribute);
    for (const auto word : split(text, ' ')) {
      if (word.empty()) continue;
      types.emplace_back(word);
      if (!is_one_of(types.back(), kCandidateTypes)) {
        element.complain(attribute, unknown("candidate type", types.back(), kCandidateTypes));
      }
    }
    if (types.empty()) {
      element.complain(
          attribute, fmt::format("expected one or more of: {}", fmt::join(kCandidateTypes, ", ")));
    }
    return types;
  }

  std::string peer_name(const Element& element, std::string_view attribute) {
    auto name = element.text(attribute, "");
    const auto known = names_of(scenario().peers);
    if (!is_one_of(name, known)) element.complain_unknown(attribute, "peer", known);
    return name;
  }

  static std::string unknown(std::string_view what, const std::string& name,
                             const std::vector<std::string>& known) {
    auto message = fmt::format("unknown {} \"{}\"{}", what, name, did_you_mean(name, known));
    if (!known.empty()) message += fmt::format(" (there is: {})", fmt::join(known, ", "));
    return message;
  }

  static constexpr std::array kPolicies{Choice<bool>{"all", false}, Choice<bool>{"relay", true}};

  const Element& root_;
  Loaded& loaded_;
};

fs::path topology_path(const Element& root, const fs::path& file, const fs::path& library) {
  const auto name = root.text("topology");
  if (name.ends_with(".xml")) return file.parent_path() / name;
  return library / (name + ".xml");
}

// Names of the library, for "did you mean".
std::vector<std::string> stems(const fs::path& library) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{library, error})
    found.push_back(entry.path().stem());
  std::ranges::sort(found);
  return found;
}

}  // namespace

FileResult<Loaded> load(const fs::path& path, const fs::path& topology_library) {
  const auto file = xml::XmlFile::load(path, grammar());
  if (!file) return tl::make_unexpected(file.error());
  const auto root = file->root();

  const auto topology_file = topology_path(root, path, topology_library);
  std::error_code error;
  if (!fs::exists(topology_file, error)) {
    if (topology_file.parent_path() == topology_library) {
      root.complain_unknown("topology", "topology", stems(topology_library));
    } else {
      root.complain("topology", fmt::format("there is no file {}", topology_file.string()));
    }
    return tl::make_unexpected(*file->error());
  }
  auto topology = topology::load(topology_file);
  if (!topology) return tl::make_unexpected(topology.error());

  Loaded loaded{.scenario = {.file = path.string(),
                             .name = root.identifier("name"),
                             .title = root.content_of("title"),
                             .description = root.content_of("description"),
                             .topology = root.text("topology"),
                             .duration = root.duration("duration", 60s)},
                .topology = *std::move(topology)};
  Reader{root, loaded}.read();
  if (const auto complaint = file->error()) return tl::make_unexpected(*complaint);
  return loaded;
}

}  // namespace rtclab::scenario
