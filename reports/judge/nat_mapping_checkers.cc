// Which outside endpoint a NAT gives: RFC 4787 §4.1, §4.2, §7 and §8, RFC 5382 §4.1, §5 and §6,
// RFC 5508 §3.2, RFC 7857 §9.
#include "reports/judge/nat_cases.h"
#include "reports/judge/tally.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

using Way = NatPassage::Way;

bool is_new_mapping(const NatTraffic& nat, const NatPassage& passage) {
  if (!passage.passed() || passage.way != Way::Out) return false;
  return !passage.before_here || nat.passages[*passage.before_here].outside != passage.outside;
}

bool keeps_ports(const NatDeclaration& declared) {
  const auto allocation = declared.term("port_allocation");
  return allocation == "preserving" || allocation == "overloading";
}

// Whom an inside endpoint showed itself to at about the same time, and as what.
struct Sighting {
  const NatPassage* passage;
  const NatPassage* before;  // to another destination
};

// f(nat, passage, before): a packet out, and the one before it from the same inside endpoint to
// another destination, whose mapping is still there.
template <class F>
void for_each_second_destination(const Docket& docket, NatProtocol protocol, F f) {
  for_each_passage(docket, protocol, [&](const NatTraffic& nat, const NatPassage& passage) {
    if (passage.way != Way::Out || !passage.passed() || !passage.before_elsewhere) return;
    const auto& before = nat.passages[*passage.before_elsewhere];
    const bool lives = passage.at() - before.at() < sure_life(nat, passage.at(), protocol);
    if (lives && is_steady(nat, before, passage)) f(nat, passage, before);
  });
}

template <NatProtocol P>
void check_endpoint_independent(const Docket& docket, Findings& findings) {
  struct Host {
    const NatTraffic* nat;
    Tally<Sighting> tally;
  };
  std::map<std::pair<std::string, Endpoint>, Host> hosts;
  for_each_second_destination(
      docket, P, [&](const NatTraffic& nat, const NatPassage& passage, const NatPassage& before) {
        auto& host = hosts[{nat.name, passage.inside}];
        host.nat = &nat;
        host.tally.count(passage.outside != before.outside, {&passage, &before});
      });
  for (const auto& [key, host] : hosts) {
    const auto& [passage, before] = *host.tally.shown;
    const auto* const declared = host.nat->declared_at(passage->at());
    findings.check_packet(
        host.nat->name,
        kept_or_declared(host.tally.wrong == 0, declared,
                         [](const auto& nat) { return nat.term("mapping", P) != "EIM"; }),
        *passage->left,
        fmt::format("{} is {} to {} and {} to {}", key.second.to_string(),
                    before->outside.to_string(), before->remote.to_string(),
                    passage->outside.to_string(), passage->remote.to_string()));
  }
}

void check_pooling(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    if (nat.outside_addresses.size() < 2) continue;
    std::map<Ip, const NatPassage*> last;
    std::map<Ip, Tally<const NatPassage*>> hosts;
    for (const auto& passage : nat.passages) {
      if (passage.way != Way::Out || !passage.passed()) continue;
      auto& before = last[passage.inside.ip];
      const bool counts =
          before != nullptr && is_new_mapping(nat, passage) && is_steady(nat, *before, passage) &&
          passage.at() - before->at() < sure_life(nat, passage.at(), before->protocol);
      if (counts)
        hosts[passage.inside.ip].count(before->outside.ip != passage.outside.ip, &passage);
      before = &passage;
    }
    for (const auto& [host, tally] : hosts) {
      const auto& shown = **tally.shown;
      findings.check_packet(
          nat.name,
          kept_or_declared(
              tally.wrong == 0, nat.declared_at(shown.at()),
              [](const auto& declared) { return declared.term("pooling") == "arbitrary"; }),
          *shown.left,
          fmt::format("{} of {} further mappings of {} have another outside address than the one "
                      "before",
                      tally.wrong, tally.cases, host.to_string()));
    }
  }
}

// Whether two inside endpoints had one outside endpoint at once.
template <NatProtocol P>
void check_no_overload(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    std::map<Endpoint, const NatPassage*> last;
    Tally<Sighting> tally;
    for (const auto& passage : nat.passages) {
      if (passage.protocol != P || passage.way != Way::Out || !passage.passed()) continue;
      auto& before = last[passage.outside];
      const bool shared = before != nullptr && before->inside != passage.inside &&
                          is_steady(nat, *before, passage) &&
                          passage.at() - before->at() < sure_life(nat, passage.at(), P);
      if (shared || is_new_mapping(nat, passage)) tally.count(shared, {&passage, before});
      before = &passage;
    }
    if (!tally.shown) continue;
    const auto& [passage, before] = *tally.shown;
    findings.check_packet(
        nat.name,
        kept_or_declared(
            tally.wrong == 0, nat.declared_at(passage->at()),
            [](const auto& declared) { return declared.term("port_allocation") == "overloading"; }),
        *passage->left,
        tally.wrong == 0
            ? fmt::format("{} mappings, each with an outside endpoint of its own", tally.cases)
            : fmt::format("{} is {} and {} at once", passage->outside.to_string(),
                          before->inside.to_string(), passage->inside.to_string()));
  }
}

constexpr std::uint16_t kFirstUnprivileged = 1024;

void check_port_range(const Docket& docket, Findings& findings) {
  for_each_passage(docket, NatProtocol::Udp, [&](const NatTraffic& nat, const NatPassage& passage) {
    if (!is_new_mapping(nat, passage)) return;
    const auto inside = passage.inside.port.value(), outside = passage.outside.port.value();
    const bool same = (inside < kFirstUnprivileged) == (outside < kFirstUnprivileged);
    findings.check_packet(
        nat.name,
        kept_or_declared(same, nat.declared_at(passage.at()),
                         [&](const auto& declared) {
                           const auto first = declared.event->number("first_port").value_or(0);
                           const auto last = declared.event->number("last_port").value_or(0);
                           return outside >= first && outside <= last;
                         }),
        *passage.left, fmt::format("port {} is {} outside", inside, outside));
  });
}

void check_parity(const Docket& docket, Findings& findings) {
  for_each_passage(docket, NatProtocol::Udp, [&](const NatTraffic& nat, const NatPassage& passage) {
    if (!is_new_mapping(nat, passage)) return;
    const auto inside = passage.inside.port.value(), outside = passage.outside.port.value();
    findings.check_packet(
        nat.name,
        kept_or_declared(inside % 2 == outside % 2, nat.declared_at(passage.at()),
                         [](const auto& declared) { return !declared.is("port_parity"); }),
        *passage.left, fmt::format("port {} is {} outside", inside, outside));
  });
}

// RFC 4787 §4.2.1: whoever had a port first keeps it when another wants it.
void check_collision(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    std::map<Endpoint, const NatPassage*> holders;  // of a port that is their own, by outside
    for (const auto& passage : nat.passages) {
      if (passage.protocol != NatProtocol::Udp || passage.way != Way::Out || !passage.passed())
        continue;
      if (passage.before_here) {
        const auto& before = nat.passages[*passage.before_here];
        const auto holder = holders.find(before.outside);
        const bool contested = holder != holders.end() && holder->second->inside != passage.inside;
        const bool lives =
            passage.at() - before.at() < sure_life(nat, passage.at(), NatProtocol::Udp) &&
            is_steady(nat, before, passage);
        if (contested && lives) {
          findings.check_packet(
              nat.name, before.outside == passage.outside ? Outcome::Kept : Outcome::Broken,
              *passage.left,
              fmt::format("{} had {} before {} wanted that port, and then has {}",
                          passage.inside.to_string(), before.outside.to_string(),
                          holder->second->inside.to_string(), passage.outside.to_string()));
          holders.erase(holder);
        }
      }
      // Somebody whose own port another has got.
      const Endpoint wanted{passage.outside.ip, passage.inside.port};
      if (is_new_mapping(nat, passage)) holders[wanted] = &passage;
    }
  }
}

// A class is what an inside endpoint shows to a second destination: the same, or another endpoint.
void check_deterministic(const Docket& docket, Findings& findings) {
  struct Seen {
    const NatPassage* same = nullptr;
    const NatPassage* other = nullptr;
  };
  std::map<const NatTraffic*, std::map<Endpoint, Seen>> by_nat;
  const auto note = [&](const NatTraffic& nat, const NatPassage& passage,
                        const NatPassage& before) {
    if (passage.remote.ip == before.remote.ip) return;  // enough for some NATs to show one endpoint
    auto& seen = by_nat[&nat][passage.inside];
    (passage.outside == before.outside ? seen.same : seen.other) = &passage;
  };
  for_each_second_destination(docket, NatProtocol::Udp, note);
  for (const auto& nat : docket.nats()) {
    const auto found = by_nat.find(&nat);
    if (found == by_nat.end() || found->second.size() < 2) continue;
    const NatPassage* constant = nullptr;
    const NatPassage* varying = nullptr;
    for (const auto& [inside, seen] : found->second) {
      if (seen.other != nullptr)
        varying = seen.other;
      else
        constant = seen.same;
    }
    const bool mixed = constant != nullptr && varying != nullptr;
    const auto& shown = varying != nullptr ? *varying : *constant;
    findings.check_packet(
        nat.name,
        kept_or_declared(!mixed, nat.declared_at(shown.at()),
                         [&](const auto& declared) {
                           return nat.declarations.size() > 1 || declared.term("mapping") != "EIM";
                         }),
        *shown.left,
        mixed ? fmt::format("{} is one endpoint to all, {} is not", constant->inside.to_string(),
                            varying->inside.to_string())
              : fmt::format("{} inside endpoints are mapped in one way", found->second.size()));
  }
}

// RFC 7857 §9: ports that are not kept are hard to guess. A step of 1 to 4 from one to the next is
// easy.
void check_port_randomness(const Docket& docket, Findings& findings) {
  constexpr std::size_t kEnough = 8;
  constexpr int kEasy = 4;
  for (const auto& nat : docket.nats()) {
    const NatPassage* before = nullptr;
    Tally<const NatPassage*> tally;  // wrong: easy to guess
    for (const auto& passage : nat.passages) {
      if (passage.protocol != NatProtocol::Udp || !is_new_mapping(nat, passage) ||
          passage.outside.port == passage.inside.port)
        continue;
      if (before != nullptr && before->outside.ip == passage.outside.ip) {
        const int step = passage.outside.port.value() - before->outside.port.value();
        tally.count(step >= 1 && step <= kEasy, &passage);
      }
      before = &passage;
    }
    if (tally.cases < kEnough) continue;
    const auto& shown = **tally.shown;
    findings.check_packet(
        nat.name,
        kept_or_declared(tally.wrong * 2 < tally.cases, nat.declared_at(shown.at()),
                         [](const auto& declared) {
                           return declared.term("port_allocation") == "sequential" ||
                                  keeps_ports(declared);
                         }),
        *shown.left,
        fmt::format("{} of {} ports are little more than the one before", tally.wrong,
                    tally.cases));
  }
}

// RFC 4787 §7, RFC 5382 §6: what is above the ports is none of the NAT's business.
template <NatProtocol P>
void check_payload(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    Tally<const NatPassage*> tally;
    for (const auto& passage : nat.passages) {
      if (passage.protocol != P || !passage.passed() || passage.arrived->payload.empty() ||
          passage.arrived->cut || passage.left->cut)
        continue;
      tally.count(passage.arrived->payload != passage.left->payload, &passage);
    }
    if (!tally.shown) continue;
    findings.check_packet(
        nat.name, tally.wrong == 0 ? Outcome::Kept : Outcome::Broken, *(*tally.shown)->left,
        fmt::format("{} of {} payloads left other than they came", tally.wrong, tally.cases));
  }
}

constexpr auto Udp = NatProtocol::Udp;
constexpr auto Tcp = NatProtocol::Tcp;

// clang-format off
constexpr std::array kNatMappingCheckers{
    Checker{{"nat-4787-REQ-1-eim", "RFC 4787", "4.1", Level::Must,
             "An inside endpoint of UDP has one outside endpoint for all destinations."},
            "inside endpoints with two destinations", check_endpoint_independent<Udp>},
    Checker{{"nat-4787-REQ-2-paired-pooling", "RFC 4787", "4.1", Level::Should,
             "An inside host has one outside address for all its mappings."},
            "hosts with two mappings behind a NAT with several addresses", check_pooling},
    Checker{{"nat-4787-REQ-3-no-overload", "RFC 4787", "4.2.1", Level::Must,
             "No two inside endpoints of UDP have one outside endpoint at once."},
            "NATs that mapped UDP", check_no_overload<Udp>},
    Checker{{"nat-4787-REQ-3a-port-range", "RFC 4787", "4.2.1", Level::Should,
             "Ports below 1024 are mapped to ports below 1024, others to others."},
            "mappings of UDP", check_port_range},
    Checker{{"nat-4787-4.2.1-port-preserve-collide", "RFC 4787", "4.2.1", Level::Must,
             "Whoever has a port keeps it when another host wants the same."},
            "hosts whose port another one wanted", check_collision},
    Checker{{"nat-4787-REQ-4-parity", "RFC 4787", "4.2.2", Level::Should,
             "Even ports of UDP are mapped to even ports, odd ones to odd ones."},
            "mappings of UDP", check_parity},
    Checker{{"nat-4787-REQ-10-alg-off", "RFC 4787", "7", Level::Should,
             "The payload of UDP passes as it is."},
            "NATs that passed UDP", check_payload<Udp>},
    Checker{{"nat-4787-REQ-11-deterministic", "RFC 4787", "8", Level::Must,
             "All inside endpoints are mapped in one way, at all times."},
            "NATs with two inside endpoints of two destinations each", check_deterministic},
    Checker{{"nat-5382-REQ-1-tcp-eim", "RFC 5382", "4.1", Level::Must,
             "An inside endpoint of TCP has one outside endpoint for all destinations."},
            "inside endpoints with two destinations", check_endpoint_independent<Tcp>},
    Checker{{"nat-5382-REQ-6-tcp-alg-off", "RFC 5382", "6", Level::Should,
             "The payload of TCP passes as it is."},
            "NATs that passed TCP", check_payload<Tcp>},
    Checker{{"nat-5382-REQ-7-tcp-no-overload", "RFC 5382", "7.1", Level::Must,
             "No two inside endpoints of TCP have one outside endpoint at once."},
            "NATs that mapped TCP", check_no_overload<Tcp>},
    Checker{{"nat-5508-REQ-1a-icmp-eim", "RFC 5508", "3.1", Level::Should,
             "An ICMP query has one outside identifier for all destinations."},
            "inside identifiers with two destinations", check_endpoint_independent<NatProtocol::IcmpQuery>},
    Checker{{"nat-7857-10-port-random", "RFC 7857", "9", Level::Should,
             "Ports that are not kept cannot be guessed from the one before."},
            "NATs with nine mappings to other ports", check_port_randomness},
};
// clang-format on

}  // namespace

std::span<const Checker> nat_mapping_checkers() {
  return kNatMappingCheckers;
}

}  // namespace rtclab::judge
