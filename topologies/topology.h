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
//   address.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"

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
  friend bool operator==(const Interface&, const Interface&) = default;

  [[nodiscard]] const Prefix& address() const { return addresses.front(); }
  // The first of the family; nullopt when it has none.
  [[nodiscard]] std::optional<Prefix> address(Family family) const;
};

struct PortRange {
  Port first;
  Port last;  // inclusive
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// A machine that peers run on.
struct Host {
  std::string name;
  std::vector<Interface> interfaces{};  // at least one
  Line line = 0;
  friend bool operator==(const Host&, const Host&) = default;
};

// RFC 4787 §4.1: when two destinations see the same outside port. Printed EIM, ADM, APDM.
enum class Mapping { EndpointIndependent, AddressDependent, AddressAndPortDependent };
// RFC 4787 §5: who may send to a mapping. Printed EIF, ADF, APDF.
enum class Filtering { EndpointIndependent, AddressDependent, AddressAndPortDependent };
// RFC 4787 §4.2: the outside port of a new mapping. Preserving takes the inside port and, when that
// is taken, the next free one; Sequential counts up; Random draws.
enum class PortAllocation { Preserving, Sequential, Random };
// RFC 4787 §4.3, REQ-6: which packets start a mapping's lifetime anew.
enum class Refresh { Outbound, Inbound, Both };
// RFC 4787 §6: whether two inside hosts can talk over outside addresses, and what source the
// receiver sees: the sender's inside endpoint or, as REQ-9 asks, its mapping.
enum class Hairpinning { None, InternalSource, ExternalSource };

struct Nat {
  std::string name;
  Interface inside;
  Interface outside;
  Mapping mapping = Mapping::EndpointIndependent;
  Filtering filtering = Filtering::AddressAndPortDependent;
  PortAllocation port_allocation = PortAllocation::Preserving;
  PortRange ports{Port{1024}, Port{65535}};             // what allocation chooses from
  Duration mapping_lifetime = std::chrono::minutes{5};  // RFC 4787 REQ-5: 5 min or more recommended
  Refresh refresh = Refresh::Outbound;
  Hairpinning hairpinning = Hairpinning::None;
  std::vector<Transport> blocks{};  // passes in neither direction, in either family
  Line line = 0;
  friend bool operator==(const Nat&, const Nat&) = default;
};

// Lets out what it does not block, and in what belongs to what went out. Changes no address; a NAT
// is such a firewall to IPv6 (RFC 6092 §2.2).
struct Firewall {
  std::string name;
  Interface inside;
  Interface outside;
  Filtering filtering = Filtering::AddressAndPortDependent;
  Duration session_lifetime = std::chrono::minutes{5};  // of UDP that nothing refreshes
  std::vector<Transport> blocks{};
  Line line = 0;
  friend bool operator==(const Firewall&, const Firewall&) = default;
};

// A switch: joins its links into one net. Transparent, has no address.
struct Lan {
  std::string name;
  Line line = 0;
  friend bool operator==(const Lan&, const Lan&) = default;
};

// The core of the network: forwards between its links and lowers the hop limit.
struct Router {
  std::string name;
  Line line = 0;
  friend bool operator==(const Router&, const Router&) = default;
};

// One direction of a link.
struct LinkQuality {
  Duration delay{0};                    // propagation
  std::optional<std::uint64_t> rate{};  // bits per second; nullopt: sending takes no time
  double loss = 0;          // the probability that a packet is lost, 0 to 1, each on its own
  std::size_t queue = 100;  // packets that wait for a link with a rate; more are dropped
  friend bool operator==(const LinkQuality&, const LinkQuality&) = default;
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

// As files and reports write them: "EIM", "APDF", "preserving", "outbound", "none", "turn-server".
[[nodiscard]] std::string_view to_string(Mapping mapping);
[[nodiscard]] std::string_view to_string(Filtering filtering);
[[nodiscard]] std::string_view to_string(PortAllocation allocation);
[[nodiscard]] std::string_view to_string(Refresh refresh);
[[nodiscard]] std::string_view to_string(Hairpinning hairpinning);
[[nodiscard]] std::string_view to_string(ServerTransport transport);
[[nodiscard]] std::string_view to_string(MachineKind kind);

}  // namespace rtclab::topology
