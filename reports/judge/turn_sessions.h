// TURN's sessions as the evidence shows them: allocations, permissions and channels of each client,
// and until when each of them lasts.
//
// Spec: RFC 8656 §7 and §8 (allocations), §9 (permissions: 300 s), §12 (channels: 600 s).
#pragma once

#include "reports/judge/docket.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::judge {

inline constexpr std::chrono::seconds kPermissionLifetime{300};
inline constexpr std::chrono::seconds kChannelLifetime{600};

// A client's address and its server's, as the client sees them.
using TurnLeg = std::pair<Endpoint, Endpoint>;

// Goes with the transmissions in their order. Two views: what the client knows has arrived at it,
// what the server knows has left it.
class TurnSessions {
 public:
  enum class View : std::uint8_t { Client, Server };
  TurnSessions(const Docket& docket, View view) : docket_{docket}, view_{view} {}

  // Takes note of a transmission; call it after having asked about it.
  void take(const Transmission& t);

  [[nodiscard]] bool has_allocated(const TurnLeg& leg) const { return allocations_.contains(leg); }
  // When the allocation runs out, as far as answers said; nullopt: there is none.
  [[nodiscard]] std::optional<Duration> allocated_until(const TurnLeg& leg, Duration at) const;
  // When the permission for the address ran or runs out; nullopt: there never was one.
  [[nodiscard]] std::optional<Duration> permitted_until(const TurnLeg& leg, const Ip& peer,
                                                        Duration at) const;
  [[nodiscard]] std::optional<Duration> bound_until(const TurnLeg& leg, std::uint16_t channel,
                                                    Duration at) const;
  [[nodiscard]] std::optional<Endpoint> peer_of(const TurnLeg& leg, std::uint16_t channel) const;
  // The channel that is bound to the peer at that time.
  [[nodiscard]] std::optional<std::uint16_t> channel_to(const TurnLeg& leg, const Endpoint& peer,
                                                        Duration at) const;
  // Whose relayed address this is.
  [[nodiscard]] std::optional<TurnLeg> owner_of(const Endpoint& relayed) const;

  // The leg of a message from the client, or to it.
  [[nodiscard]] static TurnLeg from_client(const Transmission& t) {
    return {t.source, t.destination};
  }
  [[nodiscard]] static TurnLeg to_client(const Transmission& t) {
    return {t.destination_as_received, t.source_as_received};
  }

 private:
  struct Granted {
    Duration from;  // when the answer came, or left
    Duration until;
  };
  using Grants = std::vector<Granted>;
  [[nodiscard]] static std::optional<Duration> last(const Grants& grants, Duration at);
  void take_success(const Transmission& success);

  const Docket& docket_;
  View view_;
  std::map<stun::TransactionId, const Transmission*> requests_;
  std::map<TurnLeg, Grants> allocations_;
  std::map<std::pair<TurnLeg, Ip>, Grants> permissions_;
  std::map<std::pair<TurnLeg, std::uint16_t>, Grants> channels_;
  std::map<std::pair<TurnLeg, std::uint16_t>, Endpoint> peers_;
  std::map<Endpoint, TurnLeg> relayed_;
};

}  // namespace rtclab::judge
