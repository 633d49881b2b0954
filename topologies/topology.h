// A network as plain values: machines, the links between them, and how good each link is.
//
// Spec: RFC 4787 (the words for what a NAT does), RFC 8489 and RFC 8656 (the servers' ports).
// The loader (topologies/loader.h) makes these values from a file and answers for what a type
// cannot say: names are unique over all kinds of machines, every link end names an interface that
// exists and has one link only, every address fits the net it stands in, and every machine reaches
// what it needs. Code that gets a loaded Topology may rely on that; sim/world.h builds it as it
// stands.
//
// How packets find their way, so that no file has to write routes:
//   - Interfaces that links and LANs join, without a router, a NAT or a firewall between, form one
//   net and share its prefix, one for each family.
//   - A NAT or firewall whose inside is in a net is the gateway of that net; so is a router.
//   - A router (the core) has no address of its own. It knows every address on each of its links.
//   - NATs translate IPv4. To IPv6 a NAT is a firewall: what is inside is reached by its own
//   address. So is a NAT64 to all but its prefix.
//   - A CLAT is the gateway of its inside for IPv4, an NPT for IPv6; neither passes the other.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"
#include "topologies/link_quality.h"
#include "topologies/nat.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::topology {

// The line of the element in its file, counted from 1; 0 when a program built the value.
using Line = std::size_t;

struct Interface {
  // "eth0"; a NAT's are "inside" and "outside". Captures call it "alice-laptop.eth0".
  std::string name;
  // The interface's own addresses and the lengths of their nets: 192.168.1.10/24. At least one.
  std::vector<Prefix> addresses;
  Line line = 0;
  // Of a host: the lowest number is what programs use that do not choose (metric of ip-route(8)).
  unsigned metric = 0;
  bool up = true;  // at the run's begin
  friend bool operator==(const Interface&, const Interface&) = default;

  [[nodiscard]] const Prefix& address() const { return addresses.front(); }
  // The first of the family; nullopt when it has none.
  [[nodiscard]] std::optional<Prefix> address(Family family) const;
};

// A machine that peers run on.
struct Host {
  std::string name;
  std::vector<Interface> interfaces{};  // at least one
  Line line = 0;
  friend bool operator==(const Host&, const Host&) = default;
};

struct Nat {
  std::string name;
  Interface inside;
  // Its IPv4 addresses are the pool that mappings show (RFC 4787 §4.1).
  Interface outside;
  NatBehaviour behaviour{};
  Line line = 0;
  friend bool operator==(const Nat&, const Nat&) = default;
};

// Stateful translation between an IPv6 net inside and IPv4 outside (RFC 6146). It routes other IPv6
// where its outside has an IPv6 address too, as a firewall.
struct Nat64 {
  std::string name;
  Interface inside;   // IPv6
  Interface outside;  // IPv4
  NatBehaviour behaviour{};
  Prefix prefix{*Ip::parse("64:ff9b::"), 96};  // RFC 6052: how IPv4 destinations look inside
  // Names that have IPv4 addresses only are given ones behind the prefix to whom asks from the
  // inside (RFC 6147).
  bool dns64 = true;
  Line line = 0;
  friend bool operator==(const Nat64&, const Nat64&) = default;
};

// The customer's side of 464XLAT (RFC 6877): gives IPv4 to one host in a net that has only IPv6.
struct Clat {
  std::string name;
  Interface inside;                            // IPv4: the host's gateway
  Interface outside;                           // IPv6: one address stands for the host
  Prefix prefix{*Ip::parse("64:ff9b::"), 96};  // of the NAT64 that it goes through
  Line line = 0;
  friend bool operator==(const Clat&, const Clat&) = default;
};

// Stateless translation of IPv6 prefixes (RFC 6296): the nets of its two sides, host by host.
struct Npt {
  std::string name;
  Interface inside;
  Interface outside;
  Line line = 0;
  friend bool operator==(const Npt&, const Npt&) = default;
};

// Lets out what its policy allows, and in what belongs to what went out. Changes no address; a NAT
// is such a firewall to IPv6 (RFC 6092 §2.2).
struct Firewall {
  std::string name;
  Interface inside;
  Interface outside;
  FirewallRules rules{};
  Line line = 0;
  friend bool operator==(const Firewall&, const Firewall&) = default;
};

// Printed 802.11n, 802.11a, 802.11g.
enum class WifiStandard { N, A, G };

// The radio of an access point, and how its surroundings weaken it.
struct Wifi {
  WifiStandard standard = WifiStandard::N;
  // Of the log-distance model: 2 in free space, 3 in a room with people, 4 through walls.
  double path_loss_exponent = 3;
  friend bool operator==(const Wifi&, const Wifi&) = default;
};

// A switch: joins its links into one net. Transparent, has no address. With Wi-Fi it is an access
// point: links that have a distance go over the air, the others are its cables.
struct Lan {
  std::string name;
  Line line = 0;
  std::optional<Wifi> wifi{};
  friend bool operator==(const Lan&, const Lan&) = default;
};

// The core of the network: forwards between its links and lowers the hop limit.
struct Router {
  std::string name;
  Line line = 0;
  friend bool operator==(const Router&, const Router&) = default;
};

struct LinkEnd {
  std::string machine;
  std::string interface {};  // empty for a LAN and a router, which have no interfaces of their own
  friend bool operator==(const LinkEnd&, const LinkEnd&) = default;

  [[nodiscard]] std::string to_string() const;  // "home-a.outside", "internet"
};

struct Link {
  LinkEnd a;
  LinkEnd b;
  LinkQuality a_to_b{};
  LinkQuality b_to_a{};
  Line line = 0;
  // Metres from the access point, above 0: the link is one of Wi-Fi, whose qualities follow from
  // this; of the values above only the MTUs count. One end is a LAN with Wi-Fi.
  std::optional<double> distance{};
  friend bool operator==(const Link&, const Link&) = default;
};

// Answers Binding requests (RFC 8489). With two addresses of one family it also lets clients find
// out how their NAT behaves (RFC 5780), by its alternate address and port.
struct StunServer {
  std::string name;
  Interface interface;
  Port port{3478};
  Port alternate_port{3479};
  Line line = 0;
  friend bool operator==(const StunServer&, const StunServer&) = default;

  [[nodiscard]] Endpoint endpoint() const { return {interface.address().ip, port}; }
};

struct TurnUser {
  std::string name;
  std::string password;
  friend bool operator==(const TurnUser&, const TurnUser&) = default;
};

// RFC 8656 §3.1: how clients may reach a TURN server. Printed udp, tcp, tls.
enum class ServerTransport { Udp, Tcp, Tls };

// Relays (RFC 8656), and answers Binding requests on the same port as TURN servers do.
struct TurnServer {
  std::string name;
  Interface interface;
  std::vector<ServerTransport> transports{ServerTransport::Udp};  // at least one
  Port port{3478};                                                // UDP and TCP
  Port tls_port{5349};
  std::string realm{};
  std::vector<TurnUser> users{};                      // at least one
  PortRange relay_ports{Port{49152}, Port{65535}};    // RFC 8656 §7.2: SHOULD be the dynamic ports
  Duration nonce_lifetime = std::chrono::hours{1};    // RFC 8489 §9.2: SHOULD be an hour at most
  std::optional<std::size_t> allocations_per_user{};  // 486 beyond
  std::string alternate{};  // the TURN server that everybody is sent to (300); empty: none
  Line line = 0;
  friend bool operator==(const TurnServer&, const TurnServer&) = default;

  [[nodiscard]] Endpoint endpoint() const { return {interface.address().ip, port}; }
};

// Forwards text messages between the peers that registered with it.
struct SignallingServer {
  std::string name;
  Interface interface;
  Port port{8080};
  Line line = 0;
  friend bool operator==(const SignallingServer&, const SignallingServer&) = default;

  [[nodiscard]] Endpoint endpoint() const { return {interface.address().ip, port}; }
};

enum class MachineKind {
  Host,
  Nat,
  Nat64,
  Clat,
  Npt,
  Firewall,
  Lan,
  Router,
  StunServer,
  TurnServer,
  SignallingServer
};

struct Topology {
  std::string file{};  // where it was loaded from; empty when a program built it
  std::string name{};  // "two-homes"
  std::string title{};
  std::string description{};

  // Each in the order of the file.
  std::vector<Host> hosts{};
  std::vector<Nat> nats{};
  std::vector<Nat64> nat64s{};
  std::vector<Clat> clats{};
  std::vector<Npt> npts{};
  std::vector<Firewall> firewalls{};
  std::vector<Lan> lans{};
  std::vector<Router> routers{};
  std::vector<StunServer> stun_servers{};
  std::vector<TurnServer> turn_servers{};
  std::vector<SignallingServer> signalling_servers{};
  std::vector<Link> links{};

  friend bool operator==(const Topology&, const Topology&) = default;

  // nullptr when there is none of that kind and name.
  [[nodiscard]] const Host* find_host(std::string_view machine) const;
  [[nodiscard]] const Nat* find_nat(std::string_view machine) const;
  [[nodiscard]] const Nat64* find_nat64(std::string_view machine) const;
  [[nodiscard]] const Firewall* find_firewall(std::string_view machine) const;
  [[nodiscard]] const StunServer* find_stun_server(std::string_view machine) const;
  [[nodiscard]] const TurnServer* find_turn_server(std::string_view machine) const;
  [[nodiscard]] const SignallingServer* find_signalling_server(std::string_view machine) const;

  // Over all kinds of machines, which share one space of names.
  [[nodiscard]] std::optional<MachineKind> kind_of(std::string_view machine) const;
  [[nodiscard]] std::vector<std::string> machine_names() const;
  // The inside of a NAT or firewall comes before its outside; a LAN and a router have none.
  [[nodiscard]] std::vector<Interface> interfaces_of(std::string_view machine) const;
};

// As files and reports write them: "tls", "turn-server".
[[nodiscard]] std::string_view to_string(ServerTransport transport);
[[nodiscard]] std::string_view to_string(WifiStandard standard);
[[nodiscard]] std::string_view to_string(MachineKind kind);

}  // namespace rtclab::topology
