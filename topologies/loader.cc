#include "topologies/loader.h"

#include "agents/base/text.h"
#include "topologies/consistency.h"
#include "topologies/directory.h"
#include "topologies/link_presets.h"
#include "topologies/link_reader.h"
#include "topologies/nat_presets.h"
#include "topologies/nat_reader.h"
#include "topologies/units.h"
#include "topologies/vocabulary.h"
#include "topologies/xml_file.h"

#include <algorithm>
#include <set>
#include <utility>

namespace rtclab::topology {
namespace {

// Far above what a run can carry; it bounds the work that a hostile file can ask for.
constexpr std::size_t kMostMachines = 30000;
constexpr std::size_t kMostLinks = 60000;

constexpr std::uint64_t kMostMetric = 65535;

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
    directory_.emplace(topology_);
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
    if (kind == "nat64") topology_.nat64s.push_back(read_nat64(element));
    if (kind == "clat") topology_.clats.push_back(read_clat(element));
    if (kind == "npt") topology_.npts.push_back(read_npt(element));
    if (kind == "firewall") topology_.firewalls.push_back(read_firewall(element));
    if (kind == "lan") topology_.lans.push_back({machine_name(element), element.line()});
    if (kind == "wifi") topology_.lans.push_back(read_wifi(element));
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
      auto interface = read_interface(host.name, child, child.identifier("name", "eth0"));
      interface.metric = static_cast<unsigned>(child.number("metric", 0, kMostMetric, 0));
      interface.up = child.yes_no("up", true);
      host.interfaces.push_back(std::move(interface));
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

  // What a preset of that kind says, or nothing.
  template <class Preset>
  static const Preset* read_preset(const xml::Element& element, std::string_view what,
                                   std::span<const Preset> presets) {
    if (!element.has("preset")) return nullptr;
    const auto found = std::ranges::find(presets, element.text("preset"), &Preset::name);
    if (found != presets.end()) return &*found;
    std::vector<std::string> names;
    for (const auto& preset : presets) names.emplace_back(preset.name);
    element.complain_unknown("preset", what, names);
    return nullptr;
  }

  NatBehaviour read_behaviour(const xml::Element& element) {
    const auto* const preset = read_preset(element, "kind of NAT", nat_presets());
    return read_nat_behaviour(element, preset == nullptr ? NatBehaviour{} : preset->behaviour);
  }

  Nat read_nat(const xml::Element& element) {
    const auto name = machine_name(element);
    return {name, read_side(name, element, "inside"), read_side(name, element, "outside"),
            read_behaviour(element), element.line()};
  }

  Nat64 read_nat64(const xml::Element& element) {
    const auto name = machine_name(element);
    Nat64 nat{.name = name,
              .inside = read_side(name, element, "inside"),
              .outside = read_side(name, element, "outside"),
              .behaviour = read_behaviour(element),
              .line = element.line()};
    nat.prefix = read_nat64_prefix(element, nat.prefix);
    nat.dns64 = element.yes_no("dns64", nat.dns64);
    return nat;
  }

  Clat read_clat(const xml::Element& element) {
    const auto name = machine_name(element);
    Clat clat{.name = name,
              .inside = read_side(name, element, "inside"),
              .outside = read_side(name, element, "outside"),
              .line = element.line()};
    clat.prefix = read_nat64_prefix(element, clat.prefix);
    return clat;
  }

  Npt read_npt(const xml::Element& element) {
    const auto name = machine_name(element);
    return {name, read_side(name, element, "inside"), read_side(name, element, "outside"),
            element.line()};
  }

  // RFC 6052 §2.2; of its lengths the one that the well-known prefix has.
  static Prefix read_nat64_prefix(const xml::Element& element, const Prefix& usual) {
    if (!element.has("prefix")) return usual;
    const auto prefix = Prefix::parse(element.text("prefix"));
    if (prefix && !prefix->ip.is_v4() && prefix->bits == 96) return *prefix;
    element.complain_value("prefix", "an IPv6 prefix of 96 bits such as 64:ff9b::/96");
    return usual;
  }

  Firewall read_firewall(const xml::Element& element) {
    const auto name = machine_name(element);
    return {name, read_side(name, element, "inside"), read_side(name, element, "outside"),
            read_firewall_rules(element, {}), element.line()};
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

  Lan read_wifi(const xml::Element& element) {
    Wifi wifi;
    wifi.standard = element.choice<WifiStandard>("standard", kWifiStandards, wifi.standard);
    if (element.has("pathLossExponent")) {
      const auto exponent = units::parse_decimal(element.text("pathLossExponent"));
      if (!exponent || *exponent < 1.5 || *exponent > 6) {
        element.complain("pathLossExponent", "expected a number from 1.5 to 6, such as 3");
      }
      wifi.path_loss_exponent = exponent.value_or(wifi.path_loss_exponent);
    }
    return {machine_name(element), element.line(), wifi};
  }

  // Of a link over the air, which is nothing else: "12.5m".
  void read_distance(const xml::Element& element, Link& link) {
    if (!element.has("distance")) return;
    constexpr double kMostMetres = 1000;
    auto text = element.text("distance");
    const bool has_unit = text.ends_with('m');
    if (has_unit) text.pop_back();
    const auto metres = units::parse_decimal(text);
    if (!has_unit || !metres || *metres < 0.1 || *metres > kMostMetres) {
      element.complain("distance", "expected metres from 0.1m to 1000m, such as 12m");
    }
    link.distance = metres.value_or(1);
    const auto is_wifi = [&](const LinkEnd& end) {
      const auto found = std::ranges::find(topology_.lans, end.machine, &Lan::name);
      return found != topology_.lans.end() && found->wifi.has_value();
    };
    const auto is_machine = [](const LinkEnd& end) { return !end.interface.empty(); };
    if (!(is_wifi(link.a) && is_machine(link.b)) && !(is_wifi(link.b) && is_machine(link.a))) {
      element.complain(
          "distance",
          "a distance is one from a <wifi>: expected a machine with an interface at the "
          "one end and a <wifi> at the other");
    }
    for (const auto attribute : link_attributes()) {
      if (attribute == "mtu" || !element.has(attribute)) continue;
      element.complain(attribute,
                       "what a link over the air does follows from its distance, "
                       "expected no " +
                           std::string{attribute});
    }
    if (!element.children().empty() || element.has("preset")) {
      element.complain("distance",
                       "what a link over the air does follows from its distance, "
                       "expected neither a preset nor elements inside");
    }
  }

  // "home-a.outside", or the machine alone where that says it all.
  LinkEnd read_end(const xml::Element& element, std::string_view attribute) {
    const auto text = element.text(attribute);
    const auto dot = text.find('.');
    LinkEnd end{text.substr(0, dot), dot == std::string::npos ? "" : text.substr(dot + 1)};
    if (!directory_->kind_of(end.machine)) {
      element.complain_unknown(attribute, "machine", names_);
      return end;
    }
    const auto& interfaces = directory_->interfaces_of(end.machine);
    std::vector<std::string> choices;
    for (const auto* const interface : interfaces)
      choices.push_back(LinkEnd{end.machine, interface->name}.to_string());
    if (dot == std::string::npos && interfaces.size() == 1) {
      end.interface = interfaces.front()->name;
    }
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
    const auto* const preset = read_preset(element, "kind of link", link_presets());
    const auto read = [&](const xml::Element& from, const LinkQuality& usual) {
      return read_link_quality(from, usual, topology_.file);
    };
    link.a_to_b = read(element, preset == nullptr ? LinkQuality{} : preset->up);
    link.b_to_a = read(element, preset == nullptr ? LinkQuality{} : preset->down);
    const auto forth = element.children("aToB");
    const auto back = element.children("bToA");
    if (forth.size() > 1) forth[1].complain("<aToB> stands here twice");
    if (back.size() > 1) back[1].complain("<bToA> stands here twice");
    if (!forth.empty()) link.a_to_b = read(forth.front(), link.a_to_b);
    if (!back.empty()) link.b_to_a = read(back.front(), link.b_to_a);
    read_distance(element, link);
    topology_.links.push_back(std::move(link));
    places_.links.push_back(element);
  }

  const xml::XmlFile& file_;
  xml::Element root_;
  Topology topology_;
  Places places_;
  std::vector<std::string> names_;
  std::optional<Directory> directory_;         // once all machines are read
  std::map<std::string, std::size_t> linked_;  // interfaces that have a link, and its line
};

FileResult<Topology> read(const FileResult<xml::XmlFile>& file) {
  if (!file) return tl::make_unexpected(file.error());
  return Reader{*file}.read();
}

}  // namespace

FileResult<Topology> load(const std::filesystem::path& path, const xml::Variation& variation) {
  return read(xml::XmlFile::load(path, grammar(), variation));
}

FileResult<std::string> written_out(const std::filesystem::path& path,
                                    const xml::Variation& variation) {
  return xml::XmlFile::load(path, grammar(), variation).map([](const xml::XmlFile& file) {
    return file.to_text();
  });
}

FileResult<Topology> parse(std::string name, std::string text) {
  return read(xml::XmlFile::parse(std::move(name), std::move(text), grammar()));
}

}  // namespace rtclab::topology
