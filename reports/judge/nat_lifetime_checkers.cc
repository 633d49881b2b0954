// For how long a NAT remembers: RFC 4787 §4.3, RFC 5382 §5, RFC 5508 §3.2, RFC 7857 §2.2, §7, §8.
#include "reports/judge/nat_cases.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <array>
#include <map>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using Way = NatPassage::Way;

// A pause shorter than that says nothing.
constexpr Duration kPause = 5s;

// A packet after a pause, and the last of its flow's packets out before that.
struct Resumption {
  const NatTraffic& nat;
  const NatPassage& passage;
  const NatPassage& last_out;
  const NatPassage& begun;  // the first of the mapping's packets out
  Duration silence;         // since last_out

  [[nodiscard]] bool is_alive() const {
    if (passage.way == Way::In) return passage.passed();
    return passage.passed() && passage.outside == last_out.outside;
  }
  [[nodiscard]] Duration age() const { return last_out.at() - begun.at(); }
  [[nodiscard]] std::string text() const {
    return passage.way == Way::In
               ? fmt::format("{} after {:.0f} s of silence, from {}: {}",
                             passage.outside.to_string(), seconds(silence),
                             passage.remote.to_string(), is_alive() ? "comes in" : "is stopped")
               : fmt::format(
                     "{} after {:.0f} s of silence is {}", passage.inside.to_string(),
                     seconds(silence),
                     is_alive() ? "what it was" : "another than " + last_out.outside.to_string());
  }
};

// f(resumption): flows whose remote side, or inside, speaks again after a while. Who is stopped had
// been written to by the inside, so that no filter is the reason.
template <class F>
void for_each_resumption(const Docket& docket, NatProtocol protocol, F f) {
  for_each_passage(docket, protocol, [&](const NatTraffic& nat, const NatPassage& passage) {
    const auto last = passage.way == Way::In    ? passage.to_remote
                      : passage.way == Way::Out ? passage.before_here
                                                : std::nullopt;
    if (!last || !passage.mapping_begun) return;
    if (!passage.passed() && (passage.way == Way::Out || !is_refused(passage))) return;
    const auto& last_out = nat.passages[*last];
    const auto& begun = nat.passages[*passage.mapping_begun];
    const auto silence = passage.at() - last_out.at();
    if (silence < kPause || !is_steady(nat, begun, passage) || begun.at() > last_out.at()) return;
    f(Resumption{nat, passage, last_out, begun, silence});
  });
}

template <class Says>
void check_resumption(Findings& findings, const Resumption& seen, Says says) {
  findings.check_packet(
      seen.nat.name,
      kept_or_declared(seen.is_alive(), seen.nat.declared_at(seen.passage.at()), says),
      *seen.passage.arrived, seen.text());
}

// The silence of a mapping that has not been used before it but at once: else refreshing is what is
// looked at.
template <int Seconds>
void check_udp_lifetime(const Docket& docket, Findings& findings) {
  static constexpr Duration kLeast = std::chrono::seconds{Seconds};
  for_each_resumption(docket, NatProtocol::Udp, [&](const Resumption& seen) {
    if (seen.silence >= kLeast || seen.age() > kPause) return;
    check_resumption(findings, seen,
                     [](const auto& declared) { return declared_udp(declared) < kLeast; });
  });
}

// What the NAT keeps a flow for that has been answered, or not.
Duration declared_life(const NatTraffic& nat, const NatPassage& passage, bool answered) {
  const auto* const declared = nat.declared_at(passage.at());
  if (declared == nullptr) return {};
  const auto long_one = declared->lifetime("udp_answered");
  return answered && long_one > Duration{} ? long_one : declared->lifetime("udp");
}

void check_outbound_refresh(const Docket& docket, Findings& findings) {
  for_each_resumption(docket, NatProtocol::Udp, [&](const Resumption& seen) {
    const auto* const declared = seen.nat.declared_at(seen.passage.at());
    const auto life = declared != nullptr ? declared_udp(*declared) : Duration{2min};
    // Without refreshing it would have ended; with it, it is still there.
    const bool tells = seen.passage.at() - seen.begun.at() > life && seen.silence < life - kPause;
    if (!tells) return;
    // What came in may have refreshed it instead.
    if (seen.passage.last_in &&
        seen.passage.at() - seen.nat.passages[*seen.passage.last_in].at() < life && seen.is_alive())
      return;
    check_resumption(findings, seen,
                     [](const auto& nat) { return nat.term("refresh") == "inbound"; });
  });
}

// Near the end of a lifetime a packet on its way may count or not.
constexpr Duration kAmbiguous = 2s;

void check_inbound_refresh(const Docket& docket, Findings& findings) {
  for_each_resumption(docket, NatProtocol::Udp, [&](const Resumption& seen) {
    const auto* const declared = seen.nat.declared_at(seen.passage.at());
    if (declared == nullptr || !seen.passage.last_in) return;
    const auto& last_in = seen.nat.passages[*seen.passage.last_in];
    if (last_in.at() < seen.last_out.at()) return;
    const auto life = declared_life(seen.nat, seen.passage, true);
    if (life < declared->lifetime("udp")) return;
    const auto from_in = seen.passage.at() - last_in.at();
    // Had the inbound packet not counted, it would be gone; had it, it would be there.
    if (seen.silence < life + kAmbiguous || from_in > life - kAmbiguous) return;
    const bool should = declared->term("refresh") != "outbound";
    findings.check_packet(seen.nat.name,
                          seen.is_alive() == should ? Outcome::Kept : Outcome::Broken,
                          *seen.passage.arrived,
                          fmt::format("{}; {:.0f} s after a packet in, declared to refresh: {}",
                                      seen.text(), seconds(from_in), should ? "yes" : "no"));
  });
}

// --- TCP ---

// How far a connection had come before a passage.
struct Connection {
  bool syn_in = false, syn_out = false, data = false;
  bool fin_in = false, fin_out = false, rst = false;
  const NatPassage* reset_in = nullptr;  // a RST that came in
  const NatPassage* last = nullptr;      // whatever passed last

  [[nodiscard]] bool is_established() const {
    return syn_in && syn_out && data && !rst && !fin_in && !fin_out;
  }
  // RFC 7857 §2 keeps it like an established one, others do not; no clause is held against it.
  [[nodiscard]] bool is_half_closed() const { return fin_in != fin_out; }
  void note(const NatPassage& passage) {
    const auto& tcp = passage.arrived->dissection.tcp;
    if (!tcp || !passage.passed()) return;
    const bool out = passage.way == Way::Out;
    (out ? syn_out : syn_in) = (out ? syn_out : syn_in) || tcp->syn;
    (out ? fin_out : fin_in) = (out ? fin_out : fin_in) || tcp->fin;
    if (syn_in && syn_out && !tcp->syn && tcp->ack) data = true;
    rst = rst || tcp->rst;
    if (tcp->rst && !out) reset_in = &passage;
    last = &passage;
  }
};

// f(nat, passage, connection before it): of each TCP connection that passes a NAT.
template <class F>
void for_each_segment(const Docket& docket, F f) {
  for (const auto& nat : docket.nats()) {
    std::map<std::pair<Endpoint, Endpoint>, Connection> connections;  // outside, remote
    for (const auto& passage : nat.passages) {
      if (passage.protocol != NatProtocol::Tcp || passage.way == Way::Hairpin) continue;
      auto outside = passage.outside;
      if (passage.way == Way::Out && passage.before_here)
        outside = nat.passages[*passage.before_here].outside;
      auto& connection = connections[{outside, passage.remote}];
      const auto& tcp = passage.arrived->dissection.tcp;
      if (tcp && tcp->syn && connection.rst) connection = {};
      if (connection.last != nullptr && is_steady(nat, *connection.last, passage))
        f(nat, passage, connection);
      connection.note(passage);
    }
  }
}

// Whether the connection still had its mapping.
bool is_kept(const NatTraffic& nat, const NatPassage& passage) {
  if (passage.way == Way::In) return passage.passed();
  return passage.passed() && passage.before_here &&
         nat.passages[*passage.before_here].outside == passage.outside;
}

// Refused or renamed, not merely answered with a RST.
bool tells(const NatPassage& passage) {
  return passage.passed() || (passage.way == Way::In && is_refused(passage));
}

constexpr Duration kEstablished = 7440s;
constexpr Duration kTransitory = 240s;

void check_established(const Docket& docket, Findings& findings) {
  for_each_segment(
      docket, [&](const NatTraffic& nat, const NatPassage& passage, const Connection& before) {
        const auto silence = passage.at() - before.last->at();
        if (!before.is_established() || silence < kTransitory || silence >= kEstablished ||
            !tells(passage))
          return;
        findings.check_packet(nat.name,
                              kept_or_declared(is_kept(nat, passage), nat.declared_at(passage.at()),
                                               [](const auto& declared) {
                                                 return declared.lifetime("tcp_established") <
                                                        kEstablished;
                                               }),
                              *passage.arrived,
                              fmt::format("a connection from {} that was silent for {:.0f} s {}",
                                          passage.outside.to_string(), seconds(silence),
                                          is_kept(nat, passage) ? "goes on" : "is gone"));
      });
}

void check_transitory(const Docket& docket, Findings& findings) {
  for_each_segment(
      docket, [&](const NatTraffic& nat, const NatPassage& passage, const Connection& before) {
        const auto silence = passage.at() - before.last->at();
        if (before.is_established() || before.is_half_closed() || before.rst || silence < kPause ||
            silence >= kTransitory || !tells(passage))
          return;
        const bool closing = before.fin_in && before.fin_out;
        findings.check_packet(
            nat.name,
            kept_or_declared(is_kept(nat, passage), nat.declared_at(passage.at()),
                             [&](const auto& declared) {
                               return declared.lifetime(closing ? "tcp_closing" : "tcp_opening") <
                                      kTransitory;
                             }),
            *passage.arrived,
            fmt::format("a connection from {} that was {} and silent for {:.0f} s {}",
                        passage.outside.to_string(), closing ? "closing" : "half open",
                        seconds(silence), is_kept(nat, passage) ? "goes on" : "is gone"));
      });
}

// RFC 7857 §2.2: the RST may be forged.
void check_reset_keeps(const Docket& docket, Findings& findings) {
  for_each_segment(docket, [&](const NatTraffic& nat, const NatPassage& passage,
                               const Connection& before) {
    if (before.reset_in == nullptr || before.last != before.reset_in || passage.is_rst() ||
        passage.is_syn() || !tells(passage))
      return;
    const auto silence = passage.at() - before.reset_in->at();
    if (silence < kPause || silence >= kTransitory) return;
    findings.check_packet(nat.name,
                          kept_or_declared(is_kept(nat, passage), nat.declared_at(passage.at()),
                                           [](const auto& declared) {
                                             return declared.lifetime("tcp_reset") < kTransitory;
                                           }),
                          *passage.arrived,
                          fmt::format("{:.0f} s after a RST from {} its connection {}",
                                      seconds(silence), before.reset_in->remote.to_string(),
                                      is_kept(nat, passage) ? "goes on" : "is gone"));
  });
}

void check_reset_passes(const Docket& docket, Findings& findings) {
  for_each_segment(
      docket, [&](const NatTraffic& nat, const NatPassage& passage, const Connection& before) {
        if (passage.way != Way::In || !passage.is_rst() || !before.syn_out || before.rst) return;
        if (passage.at() - before.last->at() >= sure_life(nat, passage.at(), NatProtocol::Tcp))
          return;
        if (!tells(passage)) return;
        findings.check_packet(nat.name, passage.passed() ? Outcome::Kept : Outcome::Broken,
                              *passage.arrived,
                              fmt::format("a RST from {} {}", passage.remote.to_string(),
                                          passage.passed() ? "comes in" : "is stopped"));
      });
}

// --- ICMP ---

constexpr Duration kQuery = 60s;

void check_query_lifetime(const Docket& docket, Findings& findings) {
  for_each_resumption(docket, NatProtocol::IcmpQuery, [&](const Resumption& seen) {
    if (seen.silence >= kQuery || seen.passage.way != Way::In) return;
    check_resumption(findings, seen,
                     [](const auto& declared) { return declared.lifetime("icmp") < kQuery; });
  });
}

// --- what must not refresh ---

// What happened to a mapping of UDP since it was last refreshed for certain.
struct Since {
  Duration refreshed{};
  const evidence::Packet* refused = nullptr;    // a packet in that was stopped
  const evidence::Packet* error_in = nullptr;   // an ICMP error about it
  const evidence::Packet* error_out = nullptr;  // one that the inside sent
};

// f(nat, passage, since): a packet in from somebody who was written to, after the mapping's
// declared life is over.
template <class F>
void for_each_late_packet(const NatTraffic& nat, F f) {
  std::map<Endpoint, Since> mappings;  // by outside
  auto error = nat.errors.begin();
  const auto take_errors = [&](Duration until) {
    for (; error != nat.errors.end() && error->arrived->at <= until; ++error) {
      if (error->before.protocol != NatProtocol::Udp || error->left == nullptr) continue;
      const bool out = error->way == Way::Out;
      const auto outside = !out           ? error->before.source
                           : error->after ? error->after->destination
                                          : Endpoint{};
      const auto found = mappings.find(outside);
      if (found != mappings.end())
        (out ? found->second.error_out : found->second.error_in) = error->arrived;
    }
  };
  for (const auto& passage : nat.passages) {
    take_errors(passage.at());
    if (passage.protocol != NatProtocol::Udp) continue;
    const auto* const declared = nat.declared_at(passage.at());
    if (declared == nullptr) return;
    const auto refresh = declared->term("refresh");
    auto& since = mappings[passage.outside];
    if (passage.way == Way::Out) {
      const bool begins = !passage.before_here;
      if (passage.passed() && (refresh != "inbound" || begins)) since = {.refreshed = passage.at()};
      continue;
    }
    const auto life = declared_life(nat, passage, passage.last_in.has_value());
    const bool late = passage.to_remote && passage.at() - since.refreshed > life + kAmbiguous &&
                      nat.is_steady(since.refreshed, passage.at());
    if (late && passage.way == Way::In && (passage.passed() || is_refused(passage)))
      f(passage, since);
    if (passage.passed() && refresh != "outbound") since = {.refreshed = passage.at()};
    if (!passage.passed()) since.refused = passage.arrived;
  }
}

template <auto Member>
void check_no_refresh(const Docket& docket, Findings& findings, std::string_view what) {
  for (const auto& nat : docket.nats()) {
    for_each_late_packet(nat, [&](const NatPassage& passage, const Since& since) {
      if (since.*Member == nullptr || (since.*Member)->at <= since.refreshed) return;
      findings.check_packet(
          nat.name, passage.passed() ? Outcome::Broken : Outcome::Kept, *passage.arrived,
          fmt::format("{:.0f} s after {} was refreshed, and {:.0f} s after {}: a packet {}",
                      seconds(passage.at() - since.refreshed), passage.outside.to_string(),
                      seconds(passage.at() - (since.*Member)->at), what,
                      passage.passed() ? "comes in" : "is stopped"));
    });
  }
}

void check_refused_no_refresh(const Docket& docket, Findings& findings) {
  check_no_refresh<&Since::refused>(docket, findings, "a packet was refused");
}
void check_error_no_refresh(const Docket& docket, Findings& findings) {
  check_no_refresh<&Since::error_in>(docket, findings, "an ICMP error came in");
}
void check_own_error_no_refresh(const Docket& docket, Findings& findings) {
  check_no_refresh<&Since::error_out>(docket, findings, "the inside answered with an ICMP error");
}

// clang-format off
constexpr std::array kNatLifetimeCheckers{
    Checker{{"nat-4787-REQ-5-udp-120s", "RFC 4787", "4.3", Level::Must,
             "A mapping of UDP outlives two minutes of silence."},
            "flows of UDP that go on after less than two minutes", check_udp_lifetime<120>},
    Checker{{"nat-4787-REQ-5c-udp-300s", "RFC 4787", "4.3", Level::Should,
             "A mapping of UDP outlives five minutes of silence."},
            "flows of UDP that go on after less than five minutes", check_udp_lifetime<300>},
    Checker{{"nat-4787-REQ-6-outbound-refresh", "RFC 4787", "4.3", Level::Must,
             "What leaves through a mapping refreshes it."},
            "flows of UDP that outlive a mapping's first lifetime", check_outbound_refresh},
    Checker{{"nat-4787-REQ-6a-inbound-refresh", "RFC 4787", "4.3", Level::Should,
             "Whether what comes in through a mapping refreshes it is as the NAT declares."},
            "flows of UDP that live by what comes in, or do not", check_inbound_refresh},
    Checker{{"nat-5382-REQ-5-tcp-idle-124min", "RFC 5382", "5", Level::Must,
             "An established connection outlives silence of two hours and four minutes."},
            "established connections that go on after four minutes", check_established},
    Checker{{"nat-5382-REQ-5-tcp-transitory-4min", "RFC 5382", "5", Level::Must,
             "A connection that is opening or closing outlives silence of four minutes."},
            "connections that go on while they open or close", check_transitory},
    Checker{{"nat-5508-REQ-2-icmp-60s", "RFC 5508", "3.2", Level::Must,
             "A reply to an ICMP query comes in within a minute."},
            "late replies to ICMP queries", check_query_lifetime},
    Checker{{"nat-5508-REQ-6-error-no-refresh", "RFC 5508", "4.2", Level::Must,
             "ICMP errors do not refresh the mapping that they are about."},
            "packets after the end of a mapping that had an ICMP error", check_error_no_refresh},
    Checker{{"nat-7857-2.2-rst-keep", "RFC 7857", "2.2", Level::Should,
             "A connection is remembered for four minutes after a RST came in."},
            "connections that go on after a RST", check_reset_keeps},
    Checker{{"nat-7857-2.2-rst-translate", "RFC 7857", "2.2", Level::Must,
             "A RST for a connection comes in."},
            "RSTs from outside", check_reset_passes},
    Checker{{"nat-7857-7-eif-refresh-drop", "RFC 7857", "6", Level::Should,
             "Packets that are refused do not refresh a mapping."},
            "packets after the end of a mapping that refused some", check_refused_no_refresh},
    Checker{{"nat-7857-8-no-refresh-on-error", "RFC 7857", "6", Level::Should,
             "ICMP errors with which the inside answers do not refresh a mapping."},
            "packets after the end of a mapping whose inside answered so", check_own_error_no_refresh},
};
// clang-format on

}  // namespace

std::span<const Checker> nat_lifetime_checkers() {
  return kNatLifetimeCheckers;
}

}  // namespace rtclab::judge
