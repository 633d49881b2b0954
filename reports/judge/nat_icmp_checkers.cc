// ICMP through a NAT: RFC 5508, RFC 4787 §9, RFC 5382 §7.3.
#include "reports/judge/nat_cases.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using Way = NatPassage::Way;

constexpr std::uint8_t kUnreachable = 3;

std::string name_of(const Quoted& error) {
  return fmt::format("ICMP {}/{} about {} to {}", error.type, error.code, error.source.to_string(),
                     error.destination.to_string());
}

bool does_not_translate(const NatDeclaration& declared) {
  return !declared.is("translates_icmp_errors");
}

// Whether the error is about a mapping that is surely there.
bool is_about_living(const NatTraffic& nat, const NatError& error) {
  if (!error.about || !error.before.sound) return false;
  const auto& mapping = nat.passages[*error.about];
  return error.arrived->at - mapping.at() <
             sure_life(nat, error.arrived->at, error.before.protocol) &&
         nat.is_steady(mapping.at(), error.arrived->at);
}

template <class F>
void for_each_error(const Docket& docket, Way way, F f) {
  for (const auto& nat : docket.nats()) {
    for (const auto& error : nat.errors) {
      if (error.way == way) f(nat, error);
    }
  }
}

void check_forwarded(Findings& findings, const NatTraffic& nat, const NatError& error) {
  findings.check_packet(
      nat.name,
      kept_or_declared(error.left != nullptr, nat.declared_at(error.arrived->at),
                       does_not_translate),
      *error.arrived,
      fmt::format("{} from {} {}", name_of(error.before), error.arrived->source.ip.to_string(),
                  error.left != nullptr ? "comes in" : "is stopped"));
}

void check_any_source(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::In, [&](const NatTraffic& nat, const NatError& error) {
    const bool from_router = error.arrived->source.ip != error.before.destination.ip;
    if (from_router && is_about_living(nat, error)) check_forwarded(findings, nat, error);
  });
}

template <NatProtocol P>
void check_unreachable(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::In, [&](const NatTraffic& nat, const NatError& error) {
    if (error.before.type != kUnreachable || error.before.protocol != P) return;
    if (is_about_living(nat, error)) check_forwarded(findings, nat, error);
  });
}

// What is wrong with an error as it left, towards whoever sent `quoted` from there; empty: nothing.
std::string wrong_with(const NatError& error, const Endpoint& sender, const Endpoint& receiver) {
  const auto& after = error.after;
  if (!after) return "quotes nothing any more";
  if (after->type != error.before.type || after->code != error.before.code)
    return fmt::format("became ICMP {}/{}", after->type, after->code);
  if (!after->sound) return "has a wrong checksum";
  if (error.before.header_sound && !after->header_sound)
    return "quotes a header with a wrong checksum";
  if (after->source != sender) return "quotes " + after->source.to_string() + " as its sender";
  if (after->destination != receiver)
    return "quotes " + after->destination.to_string() + " as its receiver";
  return {};
}

void check_error_inbound(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::In, [&](const NatTraffic& nat, const NatError& error) {
    if (!error.about) {
      findings.check_packet(nat.name, error.left == nullptr ? Outcome::Kept : Outcome::Broken,
                            *error.arrived,
                            fmt::format("{}, which is no mapping, {}", name_of(error.before),
                                        error.left == nullptr ? "is stopped" : "comes in"));
      return;
    }
    if (!is_about_living(nat, error) || error.left == nullptr) return;
    const auto inside = nat.passages[*error.about].inside;
    auto wrong = wrong_with(error, inside, error.before.destination);
    if (wrong.empty() && error.left->destination.ip != inside.ip)
      wrong = "goes to " + error.left->destination.ip.to_string();
    findings.check_packet(
        nat.name, wrong.empty() ? Outcome::Kept : Outcome::Broken, *error.left,
        name_of(error.before) + " " + (wrong.empty() ? "quotes what the inside sent" : wrong));
  });
}

// The packet in that an error of the inside is about.
const NatPassage* refused_inside(const NatTraffic& nat, const NatError& error) {
  const NatPassage* found = nullptr;
  for (const auto& passage : nat.passages) {
    if (passage.at() > error.arrived->at) break;
    const bool is_it =
        passage.way == Way::In && passage.passed() && passage.protocol == error.before.protocol &&
        passage.inside == error.before.destination && passage.remote == error.before.source;
    if (is_it) found = &passage;
  }
  return found;
}

void check_error_outbound(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::Out, [&](const NatTraffic& nat, const NatError& error) {
    const auto* const about = refused_inside(nat, error);
    if (about == nullptr || !error.before.sound) return;
    std::string wrong;
    if (error.left == nullptr) {
      wrong = "is stopped";
    } else {
      wrong = wrong_with(error, about->remote, about->outside);
      const auto& own = nat.outside_addresses;
      if (wrong.empty() && std::ranges::find(own, error.left->source.ip) == own.end())
        wrong = "comes from " + error.left->source.ip.to_string();
    }
    findings.check_packet(
        nat.name,
        kept_or_declared(wrong.empty(), nat.declared_at(error.arrived->at),
                         [&](const auto& declared) {
                           return error.left == nullptr && does_not_translate(declared);
                         }),
        error.left != nullptr ? *error.left : *error.arrived,
        name_of(error.before) + " " + (wrong.empty() ? "quotes what the outside sent" : wrong));
  });
}

void check_bad_checksum(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    for (const auto& error : nat.errors) {
      if (error.before.sound) continue;
      findings.check_packet(nat.name, error.left == nullptr ? Outcome::Kept : Outcome::Broken,
                            *error.arrived,
                            fmt::format("{} with a wrong checksum {}", name_of(error.before),
                                        error.left == nullptr ? "is stopped" : "passes"));
    }
  }
}

void check_hairpinned_error(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::Hairpin, [&](const NatTraffic& nat, const NatError& error) {
    if (!error.before.sound) return;
    findings.check_packet(
        nat.name,
        kept_or_declared(error.left != nullptr, nat.declared_at(error.arrived->at),
                         [](const auto& declared) {
                           return does_not_translate(declared) ||
                                  declared.term("hairpinning") == "none";
                         }),
        *error.arrived,
        fmt::format("{} {}", name_of(error.before),
                    error.left != nullptr ? "comes back in" : "is stopped"));
  });
}

// The next packet through the mapping that an error was about, or of a flow that had it, while it
// must be there.
const NatPassage* next_of(const NatTraffic& nat, const NatError& error) {
  const auto& about = nat.passages[*error.about];
  for (auto i = *error.about + 1; i < nat.passages.size(); ++i) {
    const auto& passage = nat.passages[i];
    if (passage.at() - about.at() >= sure_life(nat, passage.at(), passage.protocol) ||
        !nat.is_steady(about.at(), passage.at()))
      return nullptr;
    if (passage.at() <= error.arrived->at || passage.protocol != about.protocol) continue;
    // A flow may have had the mapping before the NAT became another one.
    const auto had_it = [&](std::optional<std::size_t> earlier) {
      return earlier && nat.passages[*earlier].outside == about.outside &&
             is_steady(nat, nat.passages[*earlier], passage);
    };
    const bool goes_on = passage.way == Way::Out && passage.passed() &&
                         passage.inside == about.inside && had_it(passage.before_here);
    const bool comes_in = passage.way == Way::In && passage.outside == about.outside &&
                          had_it(passage.to_remote) && (passage.passed() || is_refused(passage)) &&
                          passage.at() - nat.passages[*passage.to_remote].at() <
                              sure_life(nat, passage.at(), passage.protocol);
    if (goes_on || comes_in) return &passage;
  }
  return nullptr;
}

template <NatProtocol P>
void check_survives_error(const Docket& docket, Findings& findings) {
  for_each_error(docket, Way::In, [&](const NatTraffic& nat, const NatError& error) {
    if (error.before.protocol != P || !is_about_living(nat, error)) return;
    const auto* const next = next_of(nat, error);
    if (next == nullptr) return;
    const auto& about = nat.passages[*error.about];
    const bool alive = next->passed() && next->outside == about.outside;
    findings.check_packet(
        nat.name, alive ? Outcome::Kept : Outcome::Broken, *next->arrived,
        fmt::format("{:.1f} s after {} its mapping is {}", seconds(next->at() - error.arrived->at),
                    name_of(error.before), alive ? "there" : "gone"));
  });
}

void check_queries(const Docket& docket, Findings& findings) {
  for_each_passage(
      docket, NatProtocol::IcmpQuery, [&](const NatTraffic& nat, const NatPassage& passage) {
        const bool asks = passage.way == Way::Out && !passage.arrived->payload.empty() &&
                          passage.arrived->payload.front() == std::byte{8};
        const bool replies = passage.way == Way::In && passage.to_remote &&
                             passage.at() - nat.passages[*passage.to_remote].at() <
                                 sure_life(nat, passage.at(), NatProtocol::IcmpQuery);
        if ((!asks && !replies) || (!passage.passed() && !is_refused(passage))) return;
        findings.check_packet(
            nat.name,
            kept_or_declared(passage.passed(), nat.declared_at(passage.at()),
                             [](const auto& declared) {
                               return declared.event->find("allows") != nullptr ||
                                      declared.event->find("mappings_per_host") != nullptr ||
                                      declared.event->find("most_mappings") != nullptr;
                             }),
            *passage.arrived,
            fmt::format("an ICMP {} {} {} {}", asks ? "query" : "reply", asks ? "to" : "from",
                        passage.remote.ip.to_string(), passage.passed() ? "passes" : "is stopped"));
      });
}

// What the trace says of mappings that could not be made, and the packets that wanted them.
void check_exhausted(const Docket& docket, Findings& findings) {
  constexpr std::uint8_t kProhibited = 13;
  for (const auto& nat : docket.nats()) {
    std::set<std::pair<Duration, std::string>> refused;  // when, and whose
    for (const auto& event : docket.evidence().trace) {
      if (event.vantage == nat.name && event.name == "nat:mapping_refused")
        refused.insert({event.at, event.text("inside")});
    }
    for (const auto& passage : nat.passages) {
      if (passage.passed() || passage.way == Way::In ||
          !refused.contains({passage.at(), passage.inside.to_string()}))
        continue;
      const auto told = std::ranges::any_of(nat.own, [&](const evidence::Packet* own) {
        const auto quoted = quoted_in(*own);
        return quoted && quoted->type == kUnreachable && quoted->code == kProhibited &&
               quoted->source == passage.inside && own->at >= passage.at() &&
               own->at - passage.at() < 1s;
      });
      findings.check_packet(
          nat.name,
          kept_or_declared(
              told, nat.declared_at(passage.at()),
              [](const auto& declared) { return declared.term("exhaustion") != "icmp"; }),
          *passage.arrived,
          fmt::format("{}, for whom there is no mapping, is {}", passage.inside.to_string(),
                      told ? "told with ICMP 3/13" : "told nothing of that kind"));
    }
  }
}

constexpr auto Udp = NatProtocol::Udp;
constexpr auto Tcp = NatProtocol::Tcp;

// clang-format off
constexpr std::array kNatIcmpCheckers{
    Checker{{"nat-4787-REQ-12-icmp-no-kill", "RFC 4787", "9", Level::Must,
             "An ICMP error does not end a mapping of UDP."},
            "flows of UDP that go on after an ICMP error", check_survives_error<Udp>},
    Checker{{"nat-4787-REQ-12a-icmp-source", "RFC 4787", "9", Level::Should,
             "ICMP errors come in whoever sends them: also from a router."},
            "ICMP errors of others than the one written to", check_any_source},
    Checker{{"nat-4787-REQ-12b-icmp-unreach", "RFC 4787", "9", Level::Should,
             "Destination unreachable about UDP comes in."},
            "destination unreachable about mappings of UDP", check_unreachable<Udp>},
    Checker{{"nat-5382-REQ-9-icmp-tcp", "RFC 5382", "7.3", Level::Should,
             "Destination unreachable about TCP comes in."},
            "destination unreachable about mappings of TCP", check_unreachable<Tcp>},
    Checker{{"nat-5382-REQ-10-icmp-no-kill-tcp", "RFC 5382", "7.3", Level::Must,
             "An ICMP error does not end a mapping of TCP."},
            "flows of TCP that go on after an ICMP error", check_survives_error<Tcp>},
    Checker{{"nat-5508-REQ-1-icmp-query", "RFC 5508", "3.1", Level::Must,
             "ICMP queries of the inside pass, and their replies come back in."},
            "ICMP queries and their replies", check_queries},
    Checker{{"nat-5508-REQ-3-bad-checksum", "RFC 5508", "4.1", Level::Should,
             "ICMP errors with a wrong checksum do not pass."},
            "ICMP errors with a wrong checksum", check_bad_checksum},
    Checker{{"nat-5508-REQ-4-error-inbound", "RFC 5508", "4.2", Level::Must,
             "An ICMP error that comes in quotes the packet as the inside sent it, soundly; one about no mapping does not."},
            "ICMP errors from outside", check_error_inbound},
    Checker{{"nat-5508-REQ-5-error-outbound", "RFC 5508", "4.2", Level::Must,
             "An ICMP error of the inside quotes the packet as the outside sent it, and comes from the NAT's address."},
            "ICMP errors of the inside", check_error_outbound},
    Checker{{"nat-5508-REQ-7-hairpin-errors", "RFC 5508", "4.3", Level::Must,
             "ICMP errors about what came back in come back in."},
            "ICMP errors from inside to a mapping", check_hairpinned_error},
    Checker{{"nat-5508-REQ-8-exhaust-13", "RFC 5508", "6", Level::Should,
             "Who can have no mapping is told so with ICMP 3/13."},
            "packets for which there was no mapping", check_exhausted},
};
// clang-format on

}  // namespace

std::span<const Checker> nat_icmp_checkers() {
  return kNatIcmpCheckers;
}

}  // namespace rtclab::judge
