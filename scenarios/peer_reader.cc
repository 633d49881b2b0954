#include "scenarios/reading.h"
#include "topologies/units.h"

#include <fmt/format.h>

#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Choice;
using xml::Element;

constexpr std::array kPolicies{
    Choice<peer::IceTransportPolicy>{"all", peer::IceTransportPolicy::All},
    Choice<peer::IceTransportPolicy>{"relay", peer::IceTransportPolicy::Relay}};
constexpr std::array kBundlePolicies{
    Choice<peer::BundlePolicy>{"balanced", peer::BundlePolicy::Balanced},
    Choice<peer::BundlePolicy>{"max-compat", peer::BundlePolicy::MaxCompat},
    Choice<peer::BundlePolicy>{"max-bundle", peer::BundlePolicy::MaxBundle}};

constexpr std::array kSimulcast{
    Choice<peer::SimulcastReceipt>{"refuse", peer::SimulcastReceipt::Refuse},
    Choice<peer::SimulcastReceipt>{"accept", peer::SimulcastReceipt::Accept}};

using TcpKind = bool ice::TcpCandidates::*;
constexpr std::array kTcpKinds{Choice<TcpKind>{"active", &ice::TcpCandidates::active},
                               Choice<TcpKind>{"passive", &ice::TcpCandidates::passive},
                               Choice<TcpKind>{"so", &ice::TcpCandidates::so}};

std::optional<Port> port_of(const topology::TurnServer& server, turn::ServerTransport transport) {
  using topology::ServerTransport;
  const auto listens = [&](ServerTransport wanted) {
    return std::ranges::find(server.transports, wanted) != server.transports.end();
  };
  switch (transport) {
    case turn::ServerTransport::Udp:
      return listens(ServerTransport::Udp) ? std::optional{server.port} : std::nullopt;
    case turn::ServerTransport::Tcp:
      return listens(ServerTransport::Tcp) ? std::optional{server.port} : std::nullopt;
    case turn::ServerTransport::Tls:
      return listens(ServerTransport::Tls) ? std::optional{server.tls_port} : std::nullopt;
  }
  return std::nullopt;
}

void check_turn_server(const Element& element, IceServer& server,
                       const topology::Topology& topology) {
  const auto* const machine = topology.find_turn_server(server.machine());
  if (machine == nullptr) {
    return element.complain(
        "urls", unknown("TURN server", server.machine(), names_of(topology.turn_servers)));
  }
  // W3C webrtc-pc §4.4.1.1: a turn: URL without both is an InvalidAccessError.
  if (!element.has("username") || !element.has("credential")) {
    element.complain("a turn: server needs username and credential");
  }
  const auto port = port_of(*machine, server.url.transport);
  if (!port) {
    return element.complain("urls", fmt::format("{} does not listen on {}, see its transports",
                                                server.machine(), to_string(server.url.transport)));
  }
  server.url.port = *port;
}

void check_stun_server(const Element& element, IceServer& server,
                       const topology::Topology& topology) {
  // A TURN server answers Binding requests too.
  if (const auto* const stun = topology.find_stun_server(server.machine())) {
    server.url.port = stun->port;
  } else if (const auto* const turn = topology.find_turn_server(server.machine())) {
    server.url.port = turn->port;
  } else {
    auto known = names_of(topology.stun_servers);
    for (const auto& name : names_of(topology.turn_servers)) known.push_back(name);
    element.complain("urls", unknown("STUN server", server.machine(), known));
  }
}

IceServer read_ice_server(const Element& element, const topology::Topology& topology) {
  const auto urls = element.text("urls");
  IceServer server{.username = element.text("username", ""),
                   .credential = element.text("credential", "")};
  const auto url = peer::parse_ice_server_url(urls);
  if (!url) {
    element.complain("urls", fmt::format("\"{}\": expected stun:MACHINE, turn:MACHINE, "
                                         "turn:MACHINE?transport=tcp or turns:MACHINE",
                                         urls));
    return server;
  }
  server.url = *url;
  if (url->kind == peer::IceServerKind::Turn) {
    check_turn_server(element, server, topology);
  } else {
    check_stun_server(element, server, topology);
  }
  return server;
}

Deviations read_deviations(const Element& parent) {
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

void check_identity(const Element& element, const Peer& peer, const Loaded& loaded) {
  const auto hosts = names_of(loaded.topology.hosts);
  if (!is_one_of(peer.machine, hosts)) element.complain_unknown("machine", "host", hosts);
  for (const auto& other : loaded.scenario.peers) {
    if (other.name == peer.name) {
      element.complain(
          "name", fmt::format("there is a peer \"{}\" already, in line {}", peer.name, other.line));
    }
  }
}

// A time that a standard lets nobody make shorter, nor leave out.
Duration read_no_less(const Element& element, std::string_view attribute, Duration least,
                      std::string_view rule) {
  const auto value = element.duration(attribute, least);
  if (value < least) {
    element.complain_value(
        attribute, fmt::format("no less than {} ({})", units::format_duration(least), rule));
  }
  return value;
}

Peer read_peer(const Element& element, const Loaded& loaded) {
  Peer peer{.name = element.identifier("name"),
            .machine = element.text("machine"),
            .configuration = read_configuration(element, loaded.topology),
            .trickle = element.yes_no("trickle", true),
            .ice_lite = element.yes_no("iceLite", false),
            .keepalive = read_no_less(element, "keepalive", ice::kLeastKeepalive, "RFC 8445 §11"),
            .patience = read_no_less(element, "patience", ice::kLeastPatience, "RFC 8863 §4"),
            .mdns = element.yes_no("mdns", false),
            .continual_gathering = element.yes_no("continualGathering", false),
            .renomination = element.yes_no("renomination", false),
            .simulcast = element.choice<peer::SimulcastReceipt>("simulcast", kSimulcast,
                                                                peer::SimulcastReceipt::Refuse),
            .deviations = read_deviations(element),
            .line = element.line()};
  for (const auto kind : element.choices<TcpKind>("tcpCandidates", kTcpKinds)) {
    peer.tcp_candidates.*kind = true;
  }
  if (element.has("receiveBandwidth")) peer.receive_bandwidth = element.rate("receiveBandwidth", 0);
  if (element.has("polite")) peer.polite = element.yes_no("polite", false);
  check_identity(element, peer, loaded);
  return peer;
}

// W3C webrtc-pc §10.7 is a pattern for two.
void check_politeness(const std::vector<Element>& elements, const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.peers.size(); ++i) {
    const auto& peer = scenario.peers[i];
    if (!peer.polite) continue;
    const bool fits = scenario.peers.size() == 2 && scenario.peers[1 - i].polite == !*peer.polite;
    if (fits) continue;
    elements[i].complain("polite",
                         "peers that negotiate by themselves are two, one polite=\"yes\" "
                         "and one polite=\"no\"");
  }
}

void read_server(const Element& element, Loaded& loaded) {
  auto known = names_of(loaded.topology.stun_servers);
  for (const auto& name : names_of(loaded.topology.turn_servers)) known.push_back(name);
  const auto machine = element.text("machine");
  if (!is_one_of(machine, known)) element.complain_unknown("machine", "STUN or TURN server", known);
  loaded.scenario.faulty_servers.push_back({machine, read_deviations(element)});
}

}  // namespace

PeerConfiguration read_configuration(const Element& element, const topology::Topology& topology) {
  PeerConfiguration configuration{
      .ice_transport_policy = element.choice<peer::IceTransportPolicy>(
          "iceTransportPolicy", kPolicies, peer::IceTransportPolicy::All),
      .bundle_policy = element.choice<peer::BundlePolicy>("bundlePolicy", kBundlePolicies,
                                                          peer::BundlePolicy::Balanced)};
  for (const auto& server : element.children("iceServer")) {
    configuration.ice_servers.push_back(read_ice_server(server, topology));
  }
  return configuration;
}

void read_peers(const Element& root, Loaded& loaded) {
  const auto elements = root.children("peer");
  for (const auto& element : elements) loaded.scenario.peers.push_back(read_peer(element, loaded));
  if (elements.empty()) root.complain("a scenario needs at least one <peer>");
  check_politeness(elements, loaded.scenario);
  for (const auto& element : root.children("server")) read_server(element, loaded);
}

}  // namespace rtclab::scenario::reading
