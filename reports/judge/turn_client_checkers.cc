// RFC 8656: what a TURN client asks for, and what it keeps alive.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/turn_sessions.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using evidence::Kind;
using stun::AttributeType;
using stun::Class;
using stun::Method;

// Calls f(t, message) for each message of that kind that an agent sent.
template <class F>
void for_each_message(const Docket& docket, Class cls, Method method, F f) {
  for (const auto* t : docket.stun()) {
    if (t->is(cls, method)) f(*t, *t->stun());
  }
}

std::size_t count_of(const stun::Message& message, AttributeType type) {
  return static_cast<std::size_t>(
      std::ranges::count(message.attributes, type, &stun::Attribute::type));
}

void check_requested_transport(const Docket& docket, Findings& findings) {
  for_each_message(
      docket, Class::Request, Method::Allocate,
      [&](const Transmission& t, const stun::Message& message) {
        const auto count = count_of(message, AttributeType::RequestedTransport);
        const auto asked = message.find<stun::RequestedTransport>();
        const bool known = asked && (asked->protocol == stun::RequestedTransport::kUdp ||
                                     asked->protocol == stun::RequestedTransport::kTcp);
        findings.check(count == 1 && known, t,
                       count != 1 ? fmt::format("Allocate with {} REQUESTED-TRANSPORT", count)
                       : known    ? fmt::format("Allocate for protocol {}", asked->protocol)
                                  : "Allocate for a protocol that is neither UDP nor TCP");
      });
}

void check_families(const Docket& docket, Findings& findings) {
  for_each_message(
      docket, Class::Request, Method::Allocate,
      [&](const Transmission& t, const stun::Message& message) {
        const bool one = message.has(AttributeType::RequestedAddressFamily);
        const bool two = message.has(AttributeType::AdditionalAddressFamily);
        const bool token = message.has(AttributeType::ReservationToken);
        const bool even = message.has(AttributeType::EvenPort);
        if (!one && !two && !token) return;
        const auto additional = message.find<stun::AdditionalAddressFamily>();
        const bool v6 = !two || (additional && additional->family == stun::FamilyCode::V6);
        const bool good = !(one && two) && !(token && (one || two || even)) && v6;
        findings.check(good, t,
                       !v6     ? "ADDITIONAL-ADDRESS-FAMILY for another family than IPv6"
                       : good  ? "Allocate whose attributes go together"
                       : token ? "RESERVATION-TOKEN beside what it excludes"
                               : "REQUESTED-ADDRESS-FAMILY beside ADDITIONAL-ADDRESS-FAMILY");
      });
}

void check_permission_has_peer(const Docket& docket, Findings& findings) {
  for_each_message(docket, Class::Request, Method::CreatePermission,
                   [&](const Transmission& t, const stun::Message& message) {
                     const auto count = count_of(message, AttributeType::XorPeerAddress);
                     findings.check(count > 0, t,
                                    fmt::format("CreatePermission for {} peers", count));
                   });
}

void check_send_attributes(const Docket& docket, Findings& findings) {
  for_each_message(docket, Class::Indication, Method::Send,
                   [&](const Transmission& t, const stun::Message& message) {
                     const bool peer = message.has<stun::XorPeerAddress>();
                     const bool data = message.has<stun::Data>();
                     findings.check(peer && data, t,
                                    peer && data ? "Send with peer and data"
                                    : peer       ? "Send without DATA"
                                                 : "Send without XOR-PEER-ADDRESS");
                   });
}

void check_channel_range(const Docket& docket, Findings& findings) {
  for_each_message(docket, Class::Request, Method::ChannelBind,
                   [&](const Transmission& t, const stun::Message& message) {
                     const auto number = message.find<stun::ChannelNumber>();
                     if (!number) return;
                     findings.check(number->value >= 0x4000 && number->value <= 0x4fff, t,
                                    fmt::format("ChannelBind of 0x{:04x}", number->value));
                   });
}

// RFC 8656 §18.1 and §18.8: reserved octets are zero.
void check_reserved(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request) continue;
    for (const auto& attribute : t->stun()->attributes) {
      if (attribute.value.size() != 4) continue;
      std::size_t first = 0;
      if (attribute.type == AttributeType::ChannelNumber)
        first = 2;
      else if (attribute.type == AttributeType::RequestedTransport)
        first = 1;
      else
        continue;
      const bool zero = std::ranges::all_of(ByteView{attribute.value}.subspan(first),
                                            [](std::byte octet) { return octet == std::byte{0}; });
      findings.check(zero, *t,
                     fmt::format("{} with reserved octets {}", stun::attribute_name(attribute.type),
                                 zero ? "of zero" : "that are not zero"));
    }
  }
}

// A binding lasts ten minutes from its last request on, and holds its number and its peer for five
// more (RFC 8656 §12).
void check_channel_unique(const Docket& docket, Findings& findings) {
  constexpr Duration kHeld = kChannelLifetime + 5min;
  struct Bound {
    Endpoint peer;
    std::uint16_t channel;
    Duration asked;
  };
  std::map<TurnLeg, std::vector<Bound>> bindings;
  for (const auto* t : docket.stun()) {
    if (t->is(Class::Request, Method::Allocate)) bindings.erase(TurnSessions::from_client(*t));
    if (!t->is(Class::Request, Method::ChannelBind) || !docket.is_first_send(*t)) continue;
    const auto number = t->stun()->find<stun::ChannelNumber>();
    const auto peer = t->stun()->find<stun::XorPeerAddress>();
    if (!number || !peer) continue;
    auto& known = bindings[TurnSessions::from_client(*t)];
    std::erase_if(known, [&](const Bound& bound) { return t->sent >= bound.asked + kHeld; });
    std::string flaw;
    for (const auto& bound : known) {
      if ((bound.channel == number->value) == (bound.peer == peer->endpoint)) continue;
      const bool is_over = t->sent >= bound.asked + kChannelLifetime;
      flaw = fmt::format(
          ", {} 0x{:04x} {} {}", is_over ? "less than five minutes after the end of" : "while",
          bound.channel, is_over ? "bound to" : "is bound to", bound.peer.to_string());
    }
    const auto again = std::ranges::find_if(known, [&](const Bound& bound) {
      return bound.channel == number->value && bound.peer == peer->endpoint;
    });
    if (again != known.end())
      again->asked = t->sent;
    else if (flaw.empty())
      known.push_back({peer->endpoint, number->value, t->sent});
    findings.check(
        flaw.empty(), *t,
        fmt::format("binds 0x{:04x} to {}{}", number->value, peer->endpoint.to_string(), flaw));
  }
}

// What a client sends through its relay: to whom, on which channel.
struct Use {
  const Transmission* by;
  TurnLeg leg;
  std::optional<std::uint16_t> channel;
  std::optional<Endpoint> peer;
};

std::optional<Use> use_of(const Docket& docket, const TurnSessions& sessions,
                          const Transmission& t) {
  if (!docket.is_peer(t.from) || t.carried) return std::nullopt;
  const auto leg = TurnSessions::from_client(t);
  if (!sessions.has_allocated(leg)) return std::nullopt;
  if (t.dissection->kind == Kind::ChannelData && t.dissection->channel)
    return Use{&t, leg, t.dissection->channel, sessions.peer_of(leg, *t.dissection->channel)};
  if (!t.is(Class::Indication, Method::Send)) return std::nullopt;
  const auto peer = t.stun()->find<stun::XorPeerAddress>();
  return Use{&t, leg, std::nullopt, peer ? std::optional{peer->endpoint} : std::nullopt};
}

// Calls f(use, sessions) for each use of a relay, and g(t) for what else goes by.
template <class F>
void for_each_use(const Docket& docket, F f) {
  TurnSessions sessions{docket, TurnSessions::View::Client};
  for (const auto& t : docket.transmissions()) {
    if (const auto use = use_of(docket, sessions, t)) f(*use, sessions);
    sessions.take(t);
  }
}

// The last use at each grant is the telling one; so only the first use in each minute is kept.
class Sparse {
 public:
  bool admits(const std::string& key, Duration at) {
    const auto [entry, is_new] = last_.try_emplace(key, at);
    if (is_new) return true;
    if (at - entry->second < std::chrono::minutes{1}) return false;
    entry->second = at;
    return true;
  }

 private:
  std::map<std::string, Duration> last_;
};

void check_until(const Docket& docket, Findings& findings, std::string_view noun,
                 std::optional<Duration> (*until)(const Use&, const TurnSessions&)) {
  Sparse sparse;
  for_each_use(docket, [&](const Use& use, const TurnSessions& sessions) {
    const auto end = until(use, sessions);
    if (!end) return;
    const auto over = use.by->sent - *end;
    const bool good = over <= docket.tolerance();
    const auto key = fmt::format("{}{}{}{}", docket.name(use.by->from), use.leg.first.to_string(),
                                 use.channel.value_or(0), good);
    if (!sparse.admits(key, use.by->sent)) return;
    findings.check(good, *use.by,
                   good ? fmt::format("sends {:.1f} s before its {} ends", -seconds(over), noun)
                        : fmt::format("sends {:.1f} s after its {} ended", seconds(over), noun));
  });
}

void check_allocation_refreshed(const Docket& docket, Findings& findings) {
  check_until(docket, findings, "allocation", [](const Use& use, const TurnSessions& sessions) {
    return sessions.allocated_until(use.leg, use.by->sent);
  });
}

void check_permission_renewed(const Docket& docket, Findings& findings) {
  check_until(docket, findings, "permission", [](const Use& use, const TurnSessions& sessions) {
    return use.peer ? sessions.permitted_until(use.leg, use.peer->ip, use.by->sent) : std::nullopt;
  });
}

void check_channel_renewed(const Docket& docket, Findings& findings) {
  check_until(docket, findings, "binding", [](const Use& use, const TurnSessions& sessions) {
    return use.channel ? sessions.bound_until(use.leg, *use.channel, use.by->sent) : std::nullopt;
  });
}

void check_channel_is_bound(const Docket& docket, Findings& findings) {
  std::set<std::pair<TurnLeg, std::uint16_t>> begun;
  for_each_use(docket, [&](const Use& use, const TurnSessions& sessions) {
    if (!use.channel || !begun.emplace(use.leg, *use.channel).second) return;
    const bool bound = sessions.bound_until(use.leg, *use.channel, use.by->sent).has_value();
    findings.check(bound, *use.by,
                   fmt::format("first ChannelData on 0x{:04x}, {}", *use.channel,
                               bound ? "which is bound" : "which nobody has bound yet"));
  });
}

// Only a trace tells when a client is done: close() of its connection.
void check_deleted_when_done(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  for (const auto& event : docket.evidence().trace) {
    if (event.name != "api:call" || event.text("method") != "close") continue;
    TurnSessions sessions{docket, TurnSessions::View::Client};
    std::set<TurnLeg> deleted;
    std::map<TurnLeg, const Transmission*> allocated;
    for (const auto* t : docket.stun()) {
      if (docket.name(t->from) == event.vantage && t->is(Class::Request, Method::Refresh)) {
        const auto lifetime = t->stun()->find<stun::Lifetime>();
        if (lifetime && lifetime->value == 0 && t->sent <= event.at + 5s)
          deleted.insert(TurnSessions::from_client(*t));
      }
      if (docket.name(t->to) == event.vantage && t->is(Class::Success, Method::Allocate) &&
          t->sent < event.at && t->received) {
        allocated[TurnSessions::to_client(*t)] = t;
      }
      sessions.take(*t);
    }
    for (const auto& [leg, success] : allocated) {
      const auto until = sessions.allocated_until(leg, event.at);
      if (!until || *until < event.at) {
        if (!deleted.contains(leg)) continue;  // it ran out by itself
      }
      const bool good = deleted.contains(leg);
      findings.check_of(event.vantage, good, *success,
                        good ? "allocation that was deleted when the connection closed"
                             : "allocation that was left behind when the connection closed");
    }
  }
}

void check_stream_framing(const Docket& docket, Findings& findings) {
  for (const auto& t : docket.transmissions()) {
    if (!t.framing || !docket.is_peer(t.from) || t.carried) continue;
    if (*t.framing == evidence::Framing::Turn && t.dissection->kind == Kind::ChannelData)
      findings.kept(t, "ChannelData with its padding");
    else if (*t.framing == evidence::Framing::Broken && docket.is_server(t.to))
      findings.broken(t, "octets after ChannelData that begin no message");
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"turn-8656-7.1-requested-transport", "RFC 8656", "7.1", Level::Must,
             "An Allocate request says once which transport it wants."},
            "Allocate requests", check_requested_transport},
    Checker{{"turn-8656-7.1-attributes-exclude", "RFC 8656", "7.1", Level::Must,
             "RESERVATION-TOKEN, EVEN-PORT and the two address families stand together only where they may."},
            "Allocate requests with a family or a token", check_families},
    Checker{{"turn-8656-8-refresh-before-expiry", "RFC 8656", "8", Level::Must,
             "An allocation in use is refreshed before its lifetime is over."},
            "uses of an allocation", check_allocation_refreshed},
    Checker{{"turn-8656-8-delete-when-done", "RFC 8656", "8", Level::Should,
             "An allocation that is no longer needed is deleted by a Refresh with lifetime zero."},
            "allocations of a connection that closed", check_deleted_when_done},
    Checker{{"turn-8656-9-permission-refresh", "RFC 8656", "9", Level::Must,
             "A permission in use is renewed within 300 seconds."},
            "uses of a permission", check_permission_renewed},
    Checker{{"turn-8656-10.1-cp-peer-attr", "RFC 8656", "10.1", Level::Must,
             "A CreatePermission request names a peer."},
            "CreatePermission requests", check_permission_has_peer},
    Checker{{"turn-8656-11.1-send-attrs", "RFC 8656", "11.1", Level::Must,
             "A Send indication names the peer and carries data."},
            "Send indications", check_send_attributes},
    Checker{{"turn-8656-12-channel-range", "RFC 8656", "12", Level::Must,
             "A channel's number lies between 0x4000 and 0x4FFF."},
            "ChannelBind requests", check_channel_range},
    Checker{{"turn-8656-12-channel-unique", "RFC 8656", "12", Level::Must,
             "A channel has one peer and a peer one channel, and for five minutes after."},
            "ChannelBind requests", check_channel_unique},
    Checker{{"turn-8656-12.1-channel-refresh", "RFC 8656", "12.1", Level::Must,
             "A channel in use is bound again within ten minutes."},
            "uses of a channel", check_channel_renewed},
    Checker{{"turn-8656-12.5-bound-first", "RFC 8656", "12.5", Level::Must,
             "ChannelData goes only on channels that are bound."},
            "channels in use", check_channel_is_bound},
    Checker{{"turn-8656-12.5-pad-tcp", "RFC 8656", "12.5", Level::Must,
             "Over a stream ChannelData is padded to four octets."},
            "ChannelData over TCP", check_stream_framing},
    Checker{{"turn-8656-18.1-reserved-zero", "RFC 8656", "18.1", Level::Must,
             "The reserved octets of CHANNEL-NUMBER and REQUESTED-TRANSPORT are zero."},
            "attributes with reserved octets", check_reserved},
};
// clang-format on

}  // namespace

std::span<const Checker> turn_client_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
