#include "topologies/loader.h"

#include "agents/base/text.h"
#include "topologies/consistency.h"
#include "topologies/vocabulary.h"
#include "topologies/xml_file.h"

#include <algorithm>
#include <set>
#include <utility>

namespace rtclab::topology {
namespace {

// Far above what a run can carry; it bounds the work that a hostile file can ask for.
constexpr std::size_t kMostMachines = 2000;
constexpr std::size_t kMostLinks = 4000;

constexpr std::uint64_t kMostQueued = 1'000'000;

template <class E, std::size_t N>
E one_of(const xml::Element& element, std::string_view attribute,
         const std::array<xml::Choice<E>, N>& choices, E fallback) {
  return element.choice<E>(attribute, choices, fallback);
}

class Reader {
 public:
  explicit Reader(const xml::XmlFile& file) : file_{file}, root_{file.root()} {}

  FileResult<Topology> read() {
    topology_.file = file_.name();
    topology_.name = root_.identifier("name");
    topology_.title = root_.content_of("title");
    topology_.description = root_.content_of("description");
    if (topology_.title.empty()) topology_.title = topology_.name;

    const auto elements = root_.children();
    for (const auto& element : elements) read_machine(element);
    if (places_.machines.size() > kMostMachines) {
      root_.complain("this topology has " + std::to_string(places_.machines.size()) +
                     " machines, expected at most " + std::to_string(kMostMachines));
    }
    if (topology_.hosts.empty()) root_.complain("a topology needs a <host>");
    if (const auto error = file_.error()) return tl::make_unexpected(*error);

    names_ = topology_.machine_names();
    const auto links = root_.children("link");
    if (links.size() > kMostLinks) {
      root_.complain("this topology has " + std::to_string(links.size()) +
                     " links, expected at most " + std::to_string(kMostLinks));
      return tl::make_unexpected(*file_.error());
    }
    for (const auto& element : links) read_link(element);
    for (const auto& server : topology_.turn_servers) check_alternate(server);
    if (const auto error = file_.error()) return tl::make_unexpected(*error);

    check_consistency(topology_, places_);
    if (const auto error = file_.error()) return tl::make_unexpected(*error);
    return std::move(topology_);
  }

 private:
  void read_machine(const xml::Element& element) {
    const auto kind = element.name();
    if (kind == "host") topology_.hosts.push_back(read_host(element));
    if (kind == "nat") topology_.nats.push_back(read_nat(element));
    if (kind == "firewall") topology_.firewalls.push_back(read_firewall(element));
    if (kind == "lan") topology_.lans.push_back({machine_name(element), element.line()});
    if (kind == "router") topology_.routers.push_back({machine_name(element), element.line()});
    if (kind == "stunServer") topology_.stun_servers.push_back(read_stun_server(element));
    if (kind == "turnServer") topology_.turn_servers.push_back(read_turn_server(element));
    if (kind == "signallingServer") {
      topology_.signalling_servers.push_back(read_signalling_server(element));
    }
  }

  // Machines of all kinds share one space of names.
  std::string machine_name(const xml::Element& element) {
    auto name = element.identifier("name");
    const auto [holder, is_new] = places_.machines.emplace(name, element);
    if (!is_new) {
      element.complain("name", "the name " + name + " is taken by the <" +
                                   std::string{holder->second.name()} + "> in line " +
                                   std::to_string(holder->second.line()));
    }
    return name;
  }

  Interface read_interface(const std::string& machine, const xml::Element& element,
                           std::string name) {
    Interface interface { std::move(name), element.interface_addresses("address"), element.line() };
    const auto [holder, is_new] =
        places_.interfaces.emplace(LinkEnd{machine, interface.name}.to_string(), element);
    if (!is_new) {
      element.complain(machine + " has an interface " + interface.name + " already, in line " +
                       std::to_string(holder->second.line()));
    }
    return interface;
  }

  // The one child of that name.
  std::optional<xml::Element> only_child(const xml::Element& element, std::string_view name) {
    const auto found = element.children(name);
    if (found.size() == 1) return found.front();
    const auto wanted =
        "<" + std::string{element.name()} + "> needs one <" + std::string{name} + ">, found ";
    (found.empty() ? element : found[1]).complain(wanted + std::to_string(found.size()));
    return std::nullopt;
  }

  Interface read_server_interface(const std::string& machine, const xml::Element& element) {
    const auto child = only_child(element, "interface");
    if (!child) return {"eth0", {{Ip::v4(0), 0}}, element.line()};
    return read_interface(machine, *child, child->identifier("name", "eth0"));
  }

  Host read_host(const xml::Element& element) {
    Host host{machine_name(element), {}, element.line()};
    for (const auto& child : element.children("interface")) {
      host.interfaces.push_back(read_interface(host.name, child, child.identifier("name", "eth0")));
    }
    if (host.interfaces.empty()) element.complain("<host> needs an <interface>");
    return host;
  }

  Interface read_side(const std::string& nat, const xml::Element& element,
                      const std::string& side) {
    const auto child = only_child(element, side);
    if (!child) return {side, {{Ip::v4(0), 0}}, element.line()};
    return read_interface(nat, *child, side);
  }

  PortRange read_ports(const xml::Element& element, std::string_view first, std::string_view last,
                       PortRange fallback) {
    const PortRange ports{element.port(first, fallback.first), element.port(last, fallback.last)};
    if (ports.first > ports.last) {
      element.complain(
          element.has(last) ? last : first,
          "the range of ports ends before it begins: " + std::to_string(ports.first.value()) +
              " to " + std::to_string(ports.last.value()));
    }
    return ports;
  }

  Nat read_nat(const xml::Element& element) {
    const auto name = machine_name(element);
    const Nat usual{.name = name,
                    .inside = read_side(name, element, "inside"),
                    .outside = read_side(name, element, "outside")};
    auto nat = usual;
    nat.behaviour.mapping = one_of(element, "mapping", kMappings, usual.behaviour.mapping);
    nat.behaviour.filtering = one_of(element, "filtering", kFilterings, usual.behaviour.filtering);
    nat.behaviour.port_allocation =
        one_of(element, "portAllocation", kPortAllocations, usual.behaviour.port_allocation);
    nat.behaviour.ports = read_ports(element, "firstPort", "lastPort", usual.behaviour.ports);
    nat.behaviour.lifetimes.udp = read_lifetime(element, "lifetime", usual.behaviour.lifetimes.udp);
    nat.behaviour.refresh = one_of(element, "refresh", kRefreshes, usual.behaviour.refresh);
    nat.behaviour.hairpinning =
        one_of(element, "hairpinning", kHairpinnings, usual.behaviour.hairpinning);
    nat.behaviour.policy.blocks = element.choices<Transport>("blocks", kTransports);
    nat.line = element.line();
    return nat;
  }

  Firewall read_firewall(const xml::Element& element) {
    const auto name = machine_name(element);
    const Firewall usual{.name = name,
                         .inside = read_side(name, element, "inside"),
                         .outside = read_side(name, element, "outside")};
    auto firewall = usual;
    firewall.rules.filtering = one_of(element, "filtering", kFilterings, usual.rules.filtering);
    firewall.rules.lifetimes.udp = read_lifetime(element, "lifetime", usual.rules.lifetimes.udp);
    firewall.rules.policy.blocks = element.choices<Transport>("blocks", kTransports);
    firewall.line = element.line();
    return firewall;
  }

  static Duration read_lifetime(const xml::Element& element, std::string_view attribute,
                                Duration usual) {
    const auto lifetime = element.duration(attribute, usual);
    if (lifetime <= Duration{0}) element.complain(attribute, "expected a lifetime above 0");
    return lifetime;
  }

  StunServer read_stun_server(const xml::Element& element) {
    const auto name = machine_name(element);
    const StunServer server{name, read_server_interface(name, element),
                            element.port("port", Port{3478}),
                            element.port("alternatePort", Port{3479}), element.line()};
    if (server.port == server.alternate_port) {
      element.complain(element.has("alternatePort") ? "alternatePort" : "port",
                       "expected two different ports, port and alternatePort");
    }
    return server;
  }

  TurnServer read_turn_server(const xml::Element& element) {
    const auto name = machine_name(element);
    TurnServer server{.name = name,
                      .interface = read_server_interface(name, element),
                      .port = element.port("port", Port{3478}),
                      .tls_port = element.port("tlsPort", Port{5349}),
                      .realm = element.text("realm"),
                      .alternate = element.text("alternateServer", ""),
                      .line = element.line()};
    if (element.has("transports")) {
      server.transports = element.choices<ServerTransport>("transports", kServerTransports);
    }
    if (server.port == server.tls_port) {
      element.complain(element.has("tlsPort") ? "tlsPort" : "port",
                       "expected two different ports, port and tlsPort");
    }
    server.nonce_lifetime = read_lifetime(element, "nonceLifetime", server.nonce_lifetime);
    if (element.has("allocationsPerUser")) {
      server.allocations_per_user = element.number("allocationsPerUser", 1, 1'000'000);
    }
    server.relay_ports = read_ports(element, "firstRelayPort", "lastRelayPort", server.relay_ports);
    if (server.realm.empty())
      element.complain("realm", "expected a realm such as \"rtclab.example\"");
    std::set<std::string> seen;
    for (const auto& user : element.children("user")) {
      server.users.push_back({user.text("name"), user.text("password")});
      if (server.users.back().name.empty()) user.complain("name", "expected the name of a user");
      if (!seen.insert(server.users.back().name).second) {
        user.complain("name", "the user " + server.users.back().name + " stands here twice");
      }
    }
    if (server.users.empty()) element.complain("<turnServer> needs a <user>, nobody could use it");
    return server;
  }

  void check_alternate(const TurnServer& server) {
    if (server.alternate.empty() && !places_.machines.at(server.name).has("alternateServer"))
      return;
    std::vector<std::string> others;
    for (const auto& other : topology_.turn_servers) {
      if (other.name != server.name) others.push_back(other.name);
    }
    if (std::ranges::find(others, server.alternate) != others.end()) return;
    places_.machines.at(server.name)
        .complain_unknown("alternateServer", "other TURN server", others);
  }

  SignallingServer read_signalling_server(const xml::Element& element) {
    const auto name = machine_name(element);
    return {name, read_server_interface(name, element), element.port("port", Port{8080}),
            element.line()};
  }

  LinkQuality read_quality(const xml::Element& element, const LinkQuality& usual) {
    LinkQuality quality = usual;
    quality.delay = element.duration("delay", usual.delay);
    if (element.has("rate")) quality.rate = element.rate("rate");
    quality.loss = element.probability("loss", usual.loss);
    quality.queue = element.number("queue", 1, kMostQueued, usual.queue);
    return quality;
  }

  // "home-a.outside", or the machine alone where that says it all.
  LinkEnd read_end(const xml::Element& element, std::string_view attribute) {
    const auto text = element.text(attribute);
    const auto dot = text.find('.');
    LinkEnd end{text.substr(0, dot), dot == std::string::npos ? "" : text.substr(dot + 1)};
    if (!topology_.kind_of(end.machine)) {
      element.complain_unknown(attribute, "machine", names_);
      return end;
    }
    const auto interfaces = topology_.interfaces_of(end.machine);
    std::vector<std::string> choices;
    for (const auto& interface : interfaces)
      choices.push_back(LinkEnd{end.machine, interface.name}.to_string());
    if (dot == std::string::npos && interfaces.size() == 1) end.interface = interfaces.front().name;
    if (dot == std::string::npos && interfaces.size() > 1) {
      element.complain(attribute, end.machine + " has several interfaces, expected " +
                                      choices.front() + " or " + choices.back());
    } else if (dot != std::string::npos && interfaces.empty()) {
      element.complain(attribute, end.machine + " has no interfaces, expected its name alone");
    } else if (dot != std::string::npos && std::ranges::find(choices, text) == choices.end()) {
      element.complain_unknown(attribute, "interface", choices);
    }
    return end;
  }

  void read_link(const xml::Element& element) {
    Link link{.a = read_end(element, "a"), .b = read_end(element, "b"), .line = element.line()};
    if (link.a.machine == link.b.machine) {
      element.complain("b", "both ends are at " + link.a.machine + ", expected two machines");
    }
    for (const auto* end : {&link.a, &link.b}) {
      if (end->interface.empty()) continue;
      const auto [holder, is_new] = linked_.emplace(end->to_string(), element.line());
      if (is_new) continue;
      element.complain(
          end == &link.a ? "a" : "b",
          end->to_string() + " has a link already, in line " + std::to_string(holder->second));
    }
    const auto both = read_quality(element, {});
    const auto forth = element.children("aToB");
    const auto back = element.children("bToA");
    if (forth.size() > 1) forth[1].complain("<aToB> stands here twice");
    if (back.size() > 1) back[1].complain("<bToA> stands here twice");
    link.a_to_b = forth.empty() ? both : read_quality(forth.front(), both);
    link.b_to_a = back.empty() ? both : read_quality(back.front(), both);
    topology_.links.push_back(std::move(link));
    places_.links.push_back(element);
  }

  const xml::XmlFile& file_;
  xml::Element root_;
  Topology topology_;
  Places places_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> linked_;  // interfaces that have a link, and its line
};

FileResult<Topology> read(const FileResult<xml::XmlFile>& file) {
  if (!file) return tl::make_unexpected(file.error());
  return Reader{*file}.read();
}

}  // namespace

const xml::Grammar& grammar() {
  static const xml::Grammar kGrammar{
      "topology",
      {
          {.name = "topology",
           .required = {"name"},
           .children = {"title", "description", "host", "nat", "lan", "router", "stunServer",
                        "turnServer", "signallingServer", "link", "firewall"}},
          {.name = "title", .has_text = true},
          {.name = "description", .has_text = true},
          {.name = "host", .required = {"name"}, .children = {"interface"}},
          {.name = "interface", .required = {"address"}, .optional = {"name"}},
          {.name = "nat",
           .required = {"name"},
           .optional = {"mapping", "filtering", "portAllocation", "firstPort", "lastPort",
                        "lifetime", "refresh", "hairpinning", "blocks"},
           .children = {"inside", "outside"}},
          {.name = "firewall",
           .required = {"name"},
           .optional = {"filtering", "lifetime", "blocks"},
           .children = {"inside", "outside"}},
          {.name = "inside", .required = {"address"}},
          {.name = "outside", .required = {"address"}},
          {.name = "lan", .required = {"name"}},
          {.name = "router", .required = {"name"}},
          {.name = "stunServer",
           .required = {"name"},
           .optional = {"port", "alternatePort"},
           .children = {"interface"}},
          {.name = "turnServer",
           .required = {"name", "realm"},
           .optional = {"transports", "port", "tlsPort", "firstRelayPort", "lastRelayPort",
                        "nonceLifetime", "allocationsPerUser", "alternateServer"},
           .children = {"interface", "user"}},
          {.name = "user", .required = {"name", "password"}},
          {.name = "signallingServer",
           .required = {"name"},
           .optional = {"port"},
           .children = {"interface"}},
          {.name = "link",
           .required = {"a", "b"},
           .optional = {"delay", "rate", "loss", "queue"},
           .children = {"aToB", "bToA"}},
          {.name = "aToB", .optional = {"delay", "rate", "loss", "queue"}},
          {.name = "bToA", .optional = {"delay", "rate", "loss", "queue"}},
      }};
  return kGrammar;
}

FileResult<Topology> load(const std::filesystem::path& path) {
  return read(xml::XmlFile::load(path, grammar()));
}

FileResult<Topology> parse(std::string name, std::string text) {
  return read(xml::XmlFile::parse(std::move(name), std::move(text), grammar()));
}

}  // namespace rtclab::topology
