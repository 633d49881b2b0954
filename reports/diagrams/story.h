// What a sequence diagram tells, before anybody decides how to draw it: lifelines, arrows and
// badges.
//
// The SVG diagram and the ladder of the terminal are two renderings of one Story.
#pragma once

#include "agents/base/time.h"
#include "reports/evidence/evidence.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::diagrams {

// One colour each.
enum class Lane : std::uint8_t { Signalling, Stun, Turn, Dtls, Data, Media, Tcp, Other };
[[nodiscard]] std::string_view to_string(Lane lane);  // for readers: "STUN", "SCTP and data"

// In network order, left to right: peer, its NAT, servers, the other NAT, the other peer.
struct Lifeline {
  evidence::PartyIndex party;
  std::string name;
  std::string kind;
  std::vector<std::string> addresses;
  bool is_peer = false;
};

struct Stop {
  std::size_t lifeline;
  Duration at;
};

// Where a packet died: at a lifeline (2.0) or between two (1.5), and why.
struct Death {
  double place;
  bool filtered;  // by a rule, not by chance
  std::string reason;
  std::optional<Duration> at;  // nullopt: nobody saw when, a little after it was last seen
};

struct Arrow {
  Lane lane = Lane::Other;
  std::string label;
  std::string detail;       // lines for a tooltip
  std::vector<Stop> stops;  // the first is the sender; at least two unless it died on the way
  std::optional<Death> death;
  bool arrival_seen = true;         // false: the capture does not show when, or whether, it arrived
  std::size_t count = 1;            // how many this arrow stands for
  Duration last{};                  // when the last of them was sent
  std::vector<std::size_t> frames;  // of all of them, as Wireshark numbers them
};

enum class BadgeKind : std::uint8_t {
  Call,         // of the API: "createOffer()"
  Signaling,    // a signaling state
  Description,  // pending and current descriptions
  Ice,          // gathering and connection states, roles, the selected pair
  Connection,   // the whole connection's state, DTLS
  Data,         // channels and their messages
  Network,      // what happened to a machine or a link: "home-a restarts"
  Failure,      // any state that means trouble
};

struct Badge {
  std::size_t lifeline;
  Duration at;
  BadgeKind kind;
  std::string text;
  std::string detail;
};

struct Story {
  std::string title;
  std::string description;
  std::vector<Lifeline> lifelines;
  std::vector<Arrow> arrows;       // by the time they start
  std::vector<Badge> badges;       // by time
  std::vector<std::string> notes;  // what the reader should know about the evidence
  [[nodiscard]] Duration end() const;
};

// " × 12, over 55.0 s": what a folded arrow says behind its label; empty for a single one.
[[nodiscard]] std::string count_text(const Arrow& arrow);

[[nodiscard]] Story tell(const evidence::Evidence& evidence);

// "0.0 ms", "312.4 ms", "4.210 s"; from an hour on "1:02:03.004", from a day on "2d 1:02:03.004".
[[nodiscard]] std::string moment_text(Duration at);
// Moments one after the other in a narrow column. From an hour on they are told to the second, from
// a day on to the minute, and what follows within a minute as the time since then: "+37.0 ms".
class MomentColumn {
 public:
  [[nodiscard]] std::string text(Duration at);

 private:
  std::optional<Duration> told_;
};
// Lengths of time, shorter: "40 ms", "4.2 s", "25 min", "6.0 h", "2.5 d".
[[nodiscard]] std::string length_text(Duration length);

}  // namespace rtclab::diagrams
