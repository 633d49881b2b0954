// Evidence put together by hand, a packet at a time: two peers who see each other directly, and a
// server; beside them, where a case needs it, two others who call each other.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/rtp/rtcp.h"
#include "agents/sctp/packet.h"
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "reports/evidence/evidence.h"
#include "reports/judge/judge.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::test {

using namespace std::chrono_literals;

enum class Who : std::uint8_t { Alice, Bob, Turn, Carol, Dave };

inline const Endpoint kAlice = *Endpoint::parse("10.0.0.1:5000");
inline const Endpoint kBob = *Endpoint::parse("10.0.0.2:6000");
inline const Endpoint kTurn = *Endpoint::parse("192.0.2.1:3478");
inline const Endpoint kCarol = *Endpoint::parse("10.0.0.3:7000");
inline const Endpoint kDave = *Endpoint::parse("10.0.0.4:8000");

inline constexpr Duration kWay = 10ms;  // how long every packet takes

// ufrag and password of each peer, as offer() and answer() tell them.
inline constexpr std::string_view kAlicePwd = "alice+password+of+22+chars";
inline constexpr std::string_view kBobPwd = "bob+password+of+at+least+22";

// Ids that differ in every octet.
[[nodiscard]] stun::TransactionId id(unsigned number);

[[nodiscard]] stun::Message message(stun::Class cls, stun::Method method, unsigned number);

// What a check of a sound agent holds. Alice offered, as Carol did, so she controls.
struct CheckOf {
  Who who = Who::Alice;
  unsigned number = 1;
  bool nominates = false;
  std::optional<bool> controlling = std::nullopt;  // else by who it is
  std::uint64_t tie_breaker = 7;
  std::uint32_t priority = 110u << 24u;
};
[[nodiscard]] stun::Message check(const CheckOf& content);
[[nodiscard]] Bytes sealed_check(const CheckOf& content);
[[nodiscard]] Bytes sealed(const stun::Message& message, std::string_view pwd);
// The success response of `who` to the check with this number.
[[nodiscard]] Bytes success(Who who, unsigned number);
[[nodiscard]] Bytes error(Who who, unsigned number, int code);

// A description of one data section with everything that a sound one has; `changed` replaces one
// line's text by another.
[[nodiscard]] std::string description(Who who, evidence::SignallingType type,
                                      std::pair<std::string_view, std::string_view> changed = {});

// The two ends of a datagram, as its headers name them at one place.
struct Ends {
  Endpoint source, destination;
};

class Case {
 public:
  Case();

  // Carol and Dave are there, too.
  Case& with_another_call();
  // A datagram, seen where it left and, when it was delivered, where it arrived kWay later.
  Case& packet(Duration at, Who from, Who to, Bytes payload,
               evidence::Fate fate = evidence::Fate::Delivered);
  // The same through a NAT: its headers as it left and as it arrived.
  Case& translated(Duration at, Who from, Who to, Ends left, Ends arrived, Bytes payload);
  // An SCTP packet of Alice's or Bob's to the other, in DTLS that keys of the capture have opened.
  Case& sctp(Duration at, Who from, std::vector<sctp::Chunk> chunks,
             evidence::Fate fate = evidence::Fate::Delivered);
  Case& sctp(Duration at, Who from, std::vector<sctp::Chunk> chunks, Ends left, Ends arrived);
  // RTCP of Alice's or Bob's to the other, in SRTP that keys of the capture have opened.
  Case& rtcp(Duration at, Who from, rtp::CompoundPacket compound);
  // The last message of Alice's or Bob's handshake of DTLS 1.2.
  Case& finished(Duration at, Who from);
  // The last packet came then, not kWay after it left.
  Case& came(Duration at);
  // A check and its answer, which arrives 2 * kWay after it.
  Case& answered(Duration at, const CheckOf& content);
  // Both descriptions, at 0 s and 1 ms.
  Case& negotiated();
  Case& offer(Duration at, Who from, std::string sdp);
  Case& answer(Duration at, Who from, std::string sdp);
  // When the last message arrived; nullopt: it never did.
  Case& delivered(std::optional<Duration> at);
  Case& candidate(Duration at, Who from, std::string text, std::string mid = "0");
  Case& end_of_candidates(Duration at, Who from, std::optional<std::string> ufrag,
                          std::optional<std::string> mid = "0");
  Case& event(Duration at, Who vantage, std::string name,
              std::vector<std::pair<std::string, Value>> data);
  // As if somebody else had recorded it: nobody's clock is exact, and there is no trace.
  Case& recorded();

  [[nodiscard]] const evidence::Evidence& evidence() const { return evidence_; }
  [[nodiscard]] judge::Judgement judged(std::string_view requirement) const;
  // "pass", "fail", …
  [[nodiscard]] std::string verdict(std::string_view requirement) const;

 private:
  struct Passage {
    Duration at;
    Who from, to;
    Ends left, arrived;
    evidence::Fate fate;
  };
  void add_party(Who who);
  Case& add(const Passage& passage, evidence::Packet seen);
  Case& signal(Duration at, Who from, evidence::SignallingMessage message);

  evidence::Evidence evidence_;
};

}  // namespace rtclab::test
