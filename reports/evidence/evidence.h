// Evidence: everything a report may know about a call, whether rtclab ran it or somebody recorded
// it.
//
// Two sources, one value: a folder that `rtclab run` left (capture.pcapng, trace.jsonl, run.json),
// or a recording of others (capture.pcap or .pcapng, more captures of other places,
// signalling.json). Values only; nothing here knows a live object. Indices instead of pointers, so
// that evidence can be copied and built by hand in a test. All orders are total: time first, then
// place in the file.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/base/time.h"
#include "reports/evidence/dissection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::evidence {

// Somebody who takes part: a lifeline of the sequence diagram.
enum class PartyKind : std::uint8_t {
  Peer,
  Nat,
  StunServer,
  TurnServer,
  Signalling,
  Router,  // also a switch: forwards, and nobody speaks to it
  Unknown,
};
[[nodiscard]] std::string_view to_string(PartyKind kind);  // "peer", "NAT", …

struct PartyAddress {
  std::string interface;  // "eth0"; empty in a recording
  Ip ip;
};

struct Party {
  std::string name;  // the vantage of the trace: "alice"; in a recording "a", "b", "nat a", "turn"
  PartyKind kind = PartyKind::Unknown;
  std::string
      machine;  // "alice-laptop": the prefix of its interfaces' names; in a recording = name
  std::vector<PartyAddress> addresses;
  // A NAT's: the one peer behind it; nullopt when there are several, or none is known.
  std::optional<std::size_t> inside;
  // Where it sends and receives at those of its addresses that others have, too: two peers, or a
  // peer and a server, on one machine differ in their ports only.
  std::vector<Endpoint> endpoints{};
  [[nodiscard]] bool has(const Ip& ip) const;
};

using PartyIndex = std::size_t;

// A place where packets were seen.
struct Interface {
  std::string name;     // "alice-laptop.eth0"; the file's name for a capture without names
  std::string capture;  // the file: "capture.pcapng"
  std::optional<PartyIndex> party;
};

enum class Direction : std::uint8_t { Unknown, Inbound, Outbound };  // seen from the interface

// One frame of one capture file.
struct Packet {
  std::size_t frame = 0;      // the number that Wireshark shows, within its capture file
  std::size_t interface = 0;  // index into Evidence::interfaces
  Duration at{};
  Direction direction = Direction::Unknown;
  // Why it was dropped here, or what a link did to it ("link a-b: …"); else empty.
  std::string comment;
  std::optional<std::uint64_t> id;  // epb_packetid: the same at all places it passed
  Transport transport = Transport::Udp;
  Endpoint source;
  Endpoint destination;
  std::uint16_t identification = 0;  // of the IPv4 header
  bool cut = false;                  // the capture does not hold all of its octets
  Bytes payload;  // UDP: the datagram's; TCP: the segment's; ICMP: from its header on
  Dissection dissection;
  std::size_t datagram = 0;  // index into Evidence::datagrams
};

enum class Fate : std::uint8_t {
  Delivered,
  Lost,      // by a link: chance, a full queue
  Filtered,  // by a NAT, a firewall or a machine, following a rule
  Unseen,    // captured on its way, and no capture stands where it would have arrived
};
[[nodiscard]] std::string_view to_string(Fate fate);

// One packet from its sender to where it ended, united over all places where it was seen.
struct Datagram {
  std::vector<std::size_t> packets;  // indices into Evidence::packets, in time order, at least one
  std::optional<PartyIndex> from;    // who sent it, not a NAT on the way
  std::optional<PartyIndex> to;      // for whom it was: where it arrived, or would have
  Fate fate = Fate::Unseen;
  std::string reason;                    // "filtering (APDF): no mapping admits 203.0.113.9:4000"
  std::optional<PartyIndex> dropped_by;  // when a party did it
  std::string dropped_at;                // its name, or the link's: "home-a-nat", "link a-b"
};

enum class SignallingType : std::uint8_t {
  Offer,
  Answer,
  Pranswer,
  Rollback,
  Candidate,
  EndOfCandidates,
  Note,
};
[[nodiscard]] std::string_view to_string(SignallingType type);  // "offer", "end-of-candidates", …

// A piece of a message on its way by courier: a card, a bird; also the receiver's acknowledgement,
// which goes the other way.
struct Flight {
  std::string item;  // its own name: "alice-3.2#1"
  std::size_t part = 1;
  std::size_t parts = 1;
  unsigned attempt = 1;  // how often the application has sent the message by then
  bool is_copy = false;  // the courier brought it twice, and this is the second
  bool acknowledges = false;
  Duration departed{};
  std::optional<Duration> arrived;  // in the mailbox
  std::optional<Duration> lost;
};

// A message between the peers. Rollback and Note are not messages (never delivered) but stand in a
// recording's signalling file in their place in time.
struct SignallingMessage {
  SignallingType type = SignallingType::Note;
  Duration sent{};
  std::optional<Duration> delivered;
  std::string from;  // the name of a Party
  std::string to;
  std::string sdp;
  std::string candidate;
  std::optional<std::string> sdp_mid;
  std::optional<std::uint64_t> sdp_mline_index;
  std::optional<std::string> username_fragment;
  std::string note;
  std::string id{};               // in a run of ours: "alice-3"
  std::vector<Flight> flights{};  // by courier, in the order of departure; empty: by wire
};

// A line of the trace. Values that are objects or arrays are kept as their JSON text.
struct TraceEvent {
  Duration at{};
  std::string vantage;  // the name of a Party
  std::string name;     // "ice:pair_state_changed"
  std::vector<std::pair<std::string, Value>> data;
  std::string rule;      // "RFC 8445 §7.2.5"
  std::size_t line = 0;  // of trace.jsonl

  [[nodiscard]] const Value* find(std::string_view key) const;
  // The value as text: "12", "true", "alice"; empty when there is none.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
};

// Where the two sides of a NAT were captured: indices into Evidence::interfaces.
struct NatSides {
  std::string name;  // of a Party, or what somebody called it
  std::size_t inside = 0;
  std::size_t outside = 0;
};

struct Evidence {
  std::string title;
  std::string description;
  std::string source;       // the folder or file it was read from
  bool has_trace = false;   // of a run of ours; a recording has none
  std::int64_t origin = 0;  // nanoseconds since the Unix epoch; every Duration counts from here
  std::string run_json;     // the text of run.json, or empty
  std::vector<Party> parties;
  std::vector<Interface> interfaces;
  // Of a run: those that the trace declares. Of a recording: those that name_nat() was told of.
  std::vector<NatSides> nats;
  std::vector<Packet> packets;                // in time order; within a capture file in its order
  std::vector<Datagram> datagrams;            // by the time of their first packet
  std::vector<SignallingMessage> signalling;  // by the time they were sent
  std::vector<TraceEvent> trace;              // in the order of the file
  std::vector<std::string> secrets;           // NSS key log lines found in the captures
  // What is missing of the files, a sentence each: "capture.pcap ends inside frame 12; …".
  std::vector<std::string> warnings;

  [[nodiscard]] std::vector<PartyIndex> peers() const;
  [[nodiscard]] std::optional<PartyIndex> party_named(std::string_view name) const;
  // The first that has this address.
  [[nodiscard]] std::optional<PartyIndex> party_at(const Ip& ip) const;
  // Whoever is there. At an address that several have, only Party::endpoints tell; nullopt where
  // they do not.
  [[nodiscard]] std::optional<PartyIndex> party_at(const Endpoint& endpoint) const;
  // Where the packet was seen.
  [[nodiscard]] std::optional<PartyIndex> party_of(const Packet& packet) const;
  [[nodiscard]] const Packet& first_packet(const Datagram& datagram) const;
  [[nodiscard]] const Packet& last_packet(const Datagram& datagram) const;
};

}  // namespace rtclab::evidence
