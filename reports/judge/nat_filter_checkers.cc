// Whom a NAT lets in: RFC 4787 §5 and §6, RFC 5382 §4.2 and §4.3, RFC 5508 §7, RFC 7857 §5.
#include "reports/judge/nat_cases.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using Way = NatPassage::Way;

// How the sender of a packet stands to the mapping that it is sent to.
enum class Stranger : std::uint8_t {
  Known,      // was written to
  OtherPort,  // its address was written to
  Other,
};

// Whether what was sent then still counts for certain, or no longer does.
bool counts(const NatTraffic& nat, const NatPassage& passage, std::optional<std::size_t> sent) {
  if (!sent) return false;
  const auto& before = nat.passages[*sent];
  return passage.at() - before.at() < sure_life(nat, passage.at(), passage.protocol) &&
         is_steady(nat, before, passage);
}

// nullopt where the mapping, or what was sent through it, may have ended meanwhile.
std::optional<Stranger> stranger_of(const NatTraffic& nat, const NatPassage& passage) {
  if (!counts(nat, passage, passage.mapping)) return std::nullopt;
  if (passage.to_remote)
    return counts(nat, passage, passage.to_remote) ? std::optional{Stranger::Known} : std::nullopt;
  if (passage.to_address)
    return counts(nat, passage, passage.to_address) ? std::optional{Stranger::OtherPort}
                                                    : std::nullopt;
  return Stranger::Other;
}

// Whether a NAT that is declared so lets it in. RFC 7857 §3: where a port is shared, the remote
// endpoint tells its mappings apart, so that the filter is no wider than the mapping.
bool should_pass(const NatDeclaration& declared, NatProtocol protocol, Stranger stranger) {
  const auto filtering = declared.term("filtering", protocol);
  const auto mapping = declared.term("mapping", protocol);
  const bool shared = declared.term("port_allocation") == "overloading";
  const bool by_port = filtering == "APDF" || (shared && mapping == "APDM");
  const bool by_address = by_port || filtering == "ADF" || (shared && mapping == "ADM");
  switch (stranger) {
    case Stranger::Known: return true;
    case Stranger::OtherPort: return !by_port;
    case Stranger::Other: return !by_address;
  }
  __builtin_unreachable();
}

std::string_view text_of(Stranger stranger) {
  switch (stranger) {
    case Stranger::Known: return "which was written to";
    case Stranger::OtherPort: return "whose address was written to from there";
    case Stranger::Other: return "to whom nothing was written from there";
  }
  __builtin_unreachable();
}

// Of TCP only what opens a connection is filtered.
bool is_filtered(const NatPassage& passage) {
  return passage.protocol != NatProtocol::Tcp || passage.is_syn();
}

template <NatProtocol P>
void check_filtering(const Docket& docket, Findings& findings) {
  for_each_passage(docket, P, [&](const NatTraffic& nat, const NatPassage& passage) {
    if (passage.way != Way::In || !is_filtered(passage)) return;
    if (!passage.passed() && !is_refused(passage)) return;
    const auto* const declared = nat.declared_at(passage.at());
    const auto stranger = stranger_of(nat, passage);
    if (declared == nullptr || !stranger) return;
    const bool should = should_pass(*declared, P, *stranger);
    findings.check_packet(
        nat.name, passage.passed() == should ? Outcome::Kept : Outcome::Broken, *passage.arrived,
        fmt::format("declared {}: {} {} from {}, {}", declared->term("filtering", P),
                    passage.outside.to_string(), passage.passed() ? "is reached" : "is not reached",
                    passage.remote.to_string(), text_of(*stranger)));
  });
}

// --- hairpinning ---

// What the filter of the one who is sent to must let in: it lets everybody in, or he has sent to
// the other one's mapping himself.
class Introductions {
 public:
  explicit Introductions(const NatTraffic& nat) : nat_{nat} {}

  [[nodiscard]] bool is_open(const NatPassage& passage) const {
    const auto* const declared = nat_.declared_at(passage.at());
    if (declared != nullptr && declared->term("filtering", passage.protocol) == "EIF") return true;
    // What he sends to the NAT's own address has a mapping of its own then, and opens that.
    if (declared != nullptr && declared->term("mapping", passage.protocol) != "EIM") return false;
    return written_.contains({owner(passage), passage.inside});
  }
  void note(const NatPassage& passage) { written_.insert({passage.inside, owner(passage)}); }

 private:
  [[nodiscard]] Endpoint owner(const NatPassage& passage) const {
    return nat_.passages[*passage.mapping].inside;
  }
  const NatTraffic& nat_;
  std::set<std::pair<Endpoint, Endpoint>> written_;  // who to whose mapping
};

template <NatProtocol P>
void check_hairpinning(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    Introductions introductions{nat};
    for (const auto& passage : nat.passages) {
      if (passage.protocol != P || passage.way != Way::Hairpin || !is_filtered(passage)) continue;
      if (!counts(nat, passage, passage.mapping)) continue;
      const bool open = introductions.is_open(passage);
      introductions.note(passage);
      if (!passage.passed() && (!open || !is_refused(passage))) continue;
      findings.check_packet(
          nat.name,
          kept_or_declared(passage.passed(), nat.declared_at(passage.at()),
                           [](const auto& declared) {
                             // A bare source is one that nobody behind a filter has written to.
                             return declared.term("hairpinning") == "none" ||
                                    (declared.term("hairpinning") == "internal-source" &&
                                     declared.term("filtering", P) != "EIF");
                           }),
          *passage.arrived,
          fmt::format("{} to {}: {}", passage.inside.to_string(), passage.outside.to_string(),
                      passage.passed() ? "comes back in" : "is stopped"));
    }
  }
}

void check_hairpin_source(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    for (const auto& passage : nat.passages) {
      if (passage.way != Way::Hairpin || !passage.passed()) continue;
      const auto& known = nat.outside_addresses;
      const bool external = std::ranges::find(known, passage.left->source.ip) != known.end();
      findings.check_packet(nat.name,
                            kept_or_declared(external, nat.declared_at(passage.at()),
                                             [](const auto& declared) {
                                               return declared.term("hairpinning") ==
                                                      "internal-source";
                                             }),
                            *passage.left,
                            fmt::format("{} arrives as {}", passage.inside.to_string(),
                                        passage.left->source.to_string()));
    }
  }
}

// --- connections from outside ---

// RFC 5382 REQ-2: both sides may send a SYN at once.
void check_simultaneous_open(const Docket& docket, Findings& findings) {
  for_each_passage(docket, NatProtocol::Tcp, [&](const NatTraffic& nat, const NatPassage& passage) {
    if (passage.way != Way::In || !passage.is_syn() || !counts(nat, passage, passage.to_remote))
      return;
    if (!nat.passages[*passage.to_remote].is_syn() || (!passage.passed() && !is_refused(passage)))
      return;
    findings.check_packet(
        nat.name, passage.passed() ? Outcome::Kept : Outcome::Broken, *passage.arrived,
        fmt::format("a SYN from {}, to whom one was sent, {}", passage.remote.to_string(),
                    passage.passed() ? "comes in" : "is stopped"));
  });
}

constexpr Duration kSynWait = 6s;

// The first SYN of each that knocks and is not let in, and what it was answered.
struct Knock {
  const NatPassage* syn;
  const evidence::Packet* answer = nullptr;  // the first the NAT gave
  bool opened = false;                       // the inside sent a SYN there within six seconds
};

// Whether the NAT's own packet answers a SYN: a RST from where it was sent, or ICMP that quotes it.
bool answers(const evidence::Packet& own, const NatPassage& syn) {
  if (const auto quoted = quoted_in(own))
    return quoted->source == syn.remote && quoted->destination == syn.outside;
  const auto& tcp = own.dissection.tcp;
  return tcp && tcp->rst && own.source == syn.outside && own.destination == syn.remote;
}

std::vector<Knock> knocks_of(const NatTraffic& nat) {
  std::map<std::pair<Endpoint, Endpoint>, Knock> knocks;
  for (const auto& passage : nat.passages) {
    if (passage.protocol != NatProtocol::Tcp || passage.way == Way::Hairpin) continue;
    if (passage.way == Way::In && passage.is_syn() && is_refused(passage)) {
      knocks.try_emplace({passage.outside, passage.remote}, Knock{&passage});
    } else if (passage.way == Way::Out && passage.passed() && passage.is_syn()) {
      const auto knock = knocks.find({passage.outside, passage.remote});
      if (knock != knocks.end() && passage.at() - knock->second.syn->at() < kSynWait)
        knock->second.opened = true;
    }
  }
  std::vector<Knock> list;
  for (auto& [key, knock] : knocks) {
    for (const auto* const own : nat.own) {
      if (own->at < knock.syn->at() || !answers(*own, *knock.syn)) continue;
      if (knock.answer == nullptr || own->at < knock.answer->at) knock.answer = own;
    }
    list.push_back(knock);
  }
  return list;
}

void check_syn_not_answered(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    for (const auto& knock : knocks_of(nat)) {
      const auto after = knock.answer != nullptr ? std::optional{knock.answer->at - knock.syn->at()}
                                                 : std::nullopt;
      const bool early = after && *after < kSynWait;
      findings.check_packet(
          nat.name,
          kept_or_declared(
              !early && !(knock.opened && after), nat.declared_at(knock.syn->at()),
              [](const auto& declared) { return declared.term("unsolicited_syn") == "reset"; }),
          after ? *knock.answer : *knock.syn->arrived,
          after ? fmt::format("a SYN from {} is answered after {:.1f} s",
                              knock.syn->remote.to_string(), seconds(*after))
                : fmt::format("a SYN from {} is not answered", knock.syn->remote.to_string()));
    }
  }
}

void check_syn_answered_late(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    const auto end =
        docket.evidence().packets.empty() ? Duration{} : docket.evidence().packets.back().at;
    for (const auto& knock : knocks_of(nat)) {
      if (knock.opened || end < knock.syn->at() + kSynWait + 2s) continue;
      const auto quoted = knock.answer != nullptr ? quoted_in(*knock.answer) : std::nullopt;
      const bool good = quoted && quoted->type == 3 && quoted->code == 3 &&
                        knock.answer->at - knock.syn->at() >= kSynWait;
      findings.check_packet(nat.name,
                            kept_or_declared(good, nat.declared_at(knock.syn->at()),
                                             [](const auto& declared) {
                                               return declared.term("unsolicited_syn") != "icmp";
                                             }),
                            *knock.syn->arrived,
                            fmt::format("a SYN from {} is {}", knock.syn->remote.to_string(),
                                        good ? "answered with port unreachable after six seconds"
                                        : knock.answer != nullptr ? "answered otherwise"
                                                                  : "never answered"));
    }
  }
}

// RFC 7857 §5: a mapping of UDP opens nothing for TCP.
void check_protocols_apart(const Docket& docket, Findings& findings) {
  for (const auto& nat : docket.nats()) {
    std::map<Endpoint, const NatPassage*> udp;  // by outside
    for (const auto& passage : nat.passages) {
      if (passage.protocol == NatProtocol::Udp && passage.way == Way::Out && passage.passed())
        udp[passage.outside] = &passage;
      if (passage.protocol != NatProtocol::Tcp || passage.way != Way::In || !passage.is_syn() ||
          passage.mapping)
        continue;
      const auto mapping = udp.find(passage.outside);
      if (mapping == udp.end() || (!passage.passed() && !is_refused(passage))) continue;
      findings.check_packet(
          nat.name, passage.passed() ? Outcome::Broken : Outcome::Kept, *passage.arrived,
          fmt::format("a SYN to {}, which is a mapping of UDP, {}", passage.outside.to_string(),
                      passage.passed() ? "comes in" : "is stopped"));
    }
  }
}

constexpr auto Udp = NatProtocol::Udp;
constexpr auto Tcp = NatProtocol::Tcp;

// clang-format off
constexpr std::array kNatFilterCheckers{
    Checker{{"nat-4787-REQ-8-filtering", "RFC 4787", "5", Level::Should,
             "Who gets in to a mapping of UDP is as the NAT declares."},
            "packets of UDP to a mapping", check_filtering<Udp>},
    Checker{{"nat-4787-REQ-9-hairpin", "RFC 4787", "6", Level::Must,
             "Inside hosts reach each other by their outside endpoints of UDP."},
            "packets of UDP from inside to a mapping", check_hairpinning<Udp>},
    Checker{{"nat-4787-REQ-9a-hairpin-source", "RFC 4787", "6", Level::Must,
             "What comes back in has its sender's outside endpoint as its source."},
            "packets that came back in", check_hairpin_source},
    Checker{{"nat-5382-REQ-2-tcp-sequences", "RFC 5382", "4.2", Level::Must,
             "A SYN comes in from whom the inside has sent one to: simultaneous open."},
            "SYNs from where a SYN was sent to", check_simultaneous_open},
    Checker{{"nat-5382-REQ-3-tcp-filter", "RFC 5382", "4.3", Level::Should,
             "Who gets in to a mapping of TCP is as the NAT declares."},
            "SYNs to a mapping", check_filtering<Tcp>},
    Checker{{"nat-5382-REQ-4-syn-6s", "RFC 5382", "4.3", Level::Must,
             "A SYN that nobody asked for is not answered for six seconds, nor later if the inside has opened meanwhile."},
            "SYNs that were stopped", check_syn_not_answered},
    Checker{{"nat-5382-REQ-4-syn-icmp-after", "RFC 5382", "4.3", Level::Should,
             "A SYN that nobody asked for is answered with port unreachable after six seconds."},
            "SYNs that were stopped, six seconds before the end or more", check_syn_answered_late},
    Checker{{"nat-5382-REQ-8-tcp-hairpin", "RFC 5382", "7.2", Level::Must,
             "Inside hosts reach each other by their outside endpoints of TCP."},
            "SYNs from inside to a mapping", check_hairpinning<Tcp>},
    Checker{{"nat-7857-6-eif-proto", "RFC 7857", "5", Level::Should,
             "A mapping of UDP lets no TCP in."},
            "SYNs to a mapping of UDP alone", check_protocols_apart},
    Checker{{"nat-7857-13-hairpin-icmp", "RFC 7857", "12", Level::Must,
             "ICMP queries come back in, too."},
            "ICMP queries from inside to a mapping", check_hairpinning<NatProtocol::IcmpQuery>},
};
// clang-format on

}  // namespace

std::span<const Checker> nat_filter_checkers() {
  return kNatFilterCheckers;
}

}  // namespace rtclab::judge
