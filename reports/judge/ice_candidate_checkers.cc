// RFC 8445 §5.1, RFC 8839 §5.1 and RFC 6544 §4: what candidates say of themselves.
#include "agents/sdp/candidate.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace rtclab::judge {
namespace {

void check_candidate_grammar(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    const bool good = record.candidate && record.candidate->foundation.size() <= 32 &&
                      record.candidate->component >= 1 && record.candidate->component <= 256;
    findings.check_signal(
        good, record.signalling,
        good ? "candidate by the grammar" : fmt::format("\"{}\" is no candidate", record.text));
  }
}

void check_related_address(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto& candidate = *record.candidate;
    const bool related = candidate.related_address && candidate.related_port;
    const bool good = candidate.type == "host" ? !candidate.related_address : related;
    findings.check_signal(good, record.signalling,
                          fmt::format("{} candidate {} a related address", candidate.type,
                                      related ? "with" : "without"));
  }
}

// The candidates of one agent, data stream and generation that differ in what makes them
// candidates.
using Generation = std::tuple<std::string, std::string, std::string>;  // sender, stream, fragment
std::map<Generation, std::vector<const CandidateRecord*>> generations(const Docket& docket) {
  std::map<Generation, std::vector<const CandidateRecord*>> by_generation;
  std::set<std::pair<Generation, std::string>> seen;
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto key = fmt::format("{} {} {} {} {}", record.candidate->component,
                                 record.candidate->address, record.candidate->port.value(),
                                 record.candidate->type, record.candidate->tcp_type.value_or(""));
    // A description repeats what was trickled before.
    const Generation generation{record.from, record.stream, record.ufrag};
    if (seen.emplace(generation, key).second) by_generation[generation].push_back(&record);
  }
  return by_generation;
}

void check_priorities(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    std::map<std::uint32_t, const CandidateRecord*> by_priority;
    for (const auto* record : records) {
      const auto priority = record->candidate->priority;
      const bool in_range = priority >= 1 && priority <= 0x7FFFFFFFu;
      const bool unique = by_priority.try_emplace(priority, record).second;
      findings.check_signal(in_range && unique, record->signalling,
                            fmt::format("priority {}{}", priority,
                                        !in_range ? " out of range"
                                        : unique  ? ""
                                                  : " of another candidate too"));
    }
  }
}

// Candidates of different types never share a foundation; the other three properties are not all in
// the evidence.
void check_foundations(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    std::map<std::string, std::string> type_of_foundation;
    for (const auto* record : records) {
      const auto& candidate = *record->candidate;
      const auto [entry, is_first] =
          type_of_foundation.try_emplace(candidate.foundation, candidate.type);
      const bool good = entry->second == candidate.type;
      findings.check_signal(
          good, record->signalling,
          fmt::format("foundation {} of a {} candidate{}", candidate.foundation, candidate.type,
                      good ? "" : fmt::format(", and of a {} candidate", entry->second)));
    }
  }
}

void check_no_loopback(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    const auto ip = record.candidate ? record.candidate->ip() : std::nullopt;
    if (!ip) continue;
    findings.check_signal(
        !ip->is_loopback(), record.signalling,
        fmt::format("{} candidate at {}", record.candidate->type, ip->to_string()));
  }
}

// §5.1.2.1: the low octet says the component; the rest is the agent's choice.
void check_priority_formula(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || record.candidate->component > 256) continue;
    const auto low = record.candidate->priority & 0xffu;
    const auto expected = 256u - record.candidate->component;
    findings.check_signal(
        low == (expected & 0xffu), record.signalling,
        fmt::format("priority {} of component {} ends in {}", record.candidate->priority,
                    record.candidate->component, low));
  }
}

// §5.1.2.1: all candidates of one type share a preference that no other type has. RFC 6544 §4.2
// lets those over TCP have their own. Of relayed ones the transport to the server may make a
// difference that does not show, so they are not compared with each other.
void check_type_preferences(const Docket& docket, Findings& findings) {
  using Kind = std::pair<std::string, bool>;  // type, over TCP
  std::map<std::string, std::map<Kind, std::uint32_t>> by_agent;
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto& candidate = *record.candidate;
    const auto preference = candidate.priority >> 24u;
    auto& known = by_agent[record.from];
    std::string flaw;
    if (preference > 126) flaw = ", above 126";
    for (const auto& [kind, other] : known) {
      if (kind.second != candidate.is_tcp()) continue;
      if (kind.first != candidate.type && other == preference)
        flaw = fmt::format(", that of its {} candidates", kind.first);
    }
    const auto [entry, is_new] =
        known.try_emplace({candidate.type, candidate.is_tcp()}, preference);
    if (!is_new && entry->second != preference && candidate.type != "relay")
      flaw = fmt::format(", another has {}", entry->second);
    findings.check_signal(
        flaw.empty(), record.signalling,
        fmt::format("{} candidate with type preference {}{}", candidate.type, preference, flaw));
  }
}

// §5.1.2.2.
void check_recommended_preferences(const Docket& docket, Findings& findings) {
  static const std::map<std::string, std::uint32_t, std::less<>> kRecommended{
      {"host", 126}, {"prflx", 110}, {"srflx", 100}, {"relay", 0}};
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || !record.candidate->is_udp()) continue;
    const auto wanted = kRecommended.find(record.candidate->type);
    if (wanted == kRecommended.end()) continue;
    const auto preference = record.candidate->priority >> 24u;
    findings.check_signal(preference == wanted->second, record.signalling,
                          fmt::format("{} candidate with type preference {}, recommended is {}",
                                      record.candidate->type, preference, wanted->second));
  }
}

// §5.1.3: a reflexive candidate at the address of a host candidate says nothing new.
void check_redundant(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    for (const auto* record : records) {
      const auto& candidate = *record->candidate;
      if (candidate.type != "srflx") continue;
      const auto twin = std::ranges::find_if(records, [&](const CandidateRecord* other) {
        return other->candidate->type == "host" && other->candidate->address == candidate.address &&
               other->candidate->port == candidate.port &&
               other->candidate->is_tcp() == candidate.is_tcp();
      });
      findings.check_signal(
          twin == records.end(), record->signalling,
          fmt::format("srflx candidate at {}:{}{}", candidate.address, candidate.port.value(),
                      twin == records.end() ? "" : ", which is a host candidate"));
    }
  }
}

void check_component(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto component = record.candidate->component;
    findings.check_signal(component == 1 || component == 2, record.signalling,
                          fmt::format("candidate of component {}", component));
  }
}

// RFC 8839 §5.1: who hides the related address writes 0.0.0.0 or ::, and port 9.
void check_hidden_address(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || !record.candidate->related_address) continue;
    const auto ip = Ip::parse(*record.candidate->related_address);
    if (!ip || !ip->is_unspecified()) continue;
    const auto port = record.candidate->related_port.value_or(Port{0});
    const auto own = record.candidate->ip();
    const bool family = !own || own->family() == ip->family();
    findings.check_signal(
        port == Port{9} && family, record.signalling,
        fmt::format("raddr {} rport {} of a {} candidate", *record.candidate->related_address,
                    port.value(), record.candidate->type));
  }
}

// --- RFC 6544: TCP ---

bool is_known_tcp_type(const std::optional<std::string>& type) {
  return type == "active" || type == "passive" || type == "so";
}

void check_tcp_type(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || !record.candidate->is_tcp()) continue;
    const auto& type = record.candidate->tcp_type;
    findings.check_signal(
        is_known_tcp_type(type), record.signalling,
        type ? fmt::format("TCP candidate, tcptype {}", *type) : "TCP candidate without tcptype");
  }
}

void check_active_port(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || record.candidate->tcp_type != "active") continue;
    findings.check_signal(
        record.candidate->port == Port{9}, record.signalling,
        fmt::format("active TCP candidate with port {}", record.candidate->port.value()));
  }
}

// RFC 6544 §4.2: the top three of the sixteen bits of local preference.
void check_direction_preference(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate || !record.candidate->is_tcp()) continue;
    const auto& candidate = *record.candidate;
    if (!is_known_tcp_type(candidate.tcp_type)) continue;
    const bool reflexive = candidate.type == "srflx" || candidate.type == "prflx";
    const std::uint32_t wanted = candidate.tcp_type == "active"    ? (reflexive ? 4 : 6)
                                 : candidate.tcp_type == "passive" ? (reflexive ? 2 : 4)
                                                                   : (reflexive ? 6 : 2);
    const auto shown = candidate.priority >> 21u & 7u;
    findings.check_signal(shown == wanted, record.signalling,
                          fmt::format("{} {} candidate with direction preference {}, {} is meant",
                                      candidate.type, *candidate.tcp_type, shown, wanted));
  }
}

// RFC 6544 §4.2: UDP first, where a candidate of the same type has both.
void check_udp_first(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    for (const auto* record : records) {
      const auto& candidate = *record->candidate;
      if (!candidate.is_tcp()) continue;
      const auto same_type = [&](const CandidateRecord* other) {
        return other->candidate->is_udp() && other->candidate->type == candidate.type;
      };
      if (std::ranges::none_of(records, same_type)) continue;
      const bool above = std::ranges::any_of(records, [&](const CandidateRecord* other) {
        return same_type(other) && other->candidate->priority < candidate.priority;
      });
      findings.check_signal(!above, record->signalling,
                            fmt::format("TCP {} candidate {} those over UDP", candidate.type,
                                        above ? "preferred to" : "below"));
    }
  }
}

// RFC 8421 §4: the families take turns, so that neither waits for all of the other.
void check_families_interleaved(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    std::vector<const CandidateRecord*> hosts;
    for (const auto* record : records) {
      if (record->candidate->type == "host" && record->candidate->is_udp() &&
          record->candidate->component == 1 && record->candidate->ip()) {
        hosts.push_back(record);
      }
    }
    std::ranges::stable_sort(hosts, std::greater{}, [](const CandidateRecord* record) {
      return record->candidate->priority;
    });
    const auto family = [](const auto* record) { return record->candidate->ip()->family(); };
    std::map<Family, std::size_t> counts;
    for (const auto* record : hosts) ++counts[family(record)];
    if (counts.size() < 2 || hosts.size() < 3) continue;

    // The head start is (N4 + N6) / N4, and likewise where IPv4 stands in front. What is left when
    // the other family is used up lets nobody wait.
    bool fair = true;
    std::size_t run = 0, longest = 0;
    for (std::size_t i = 1; i < hosts.size(); ++i) {
      ++run;
      if (family(hosts[i]) == family(hosts[i - 1])) continue;
      fair = fair && run <= hosts.size() / counts[family(hosts[i])];
      longest = std::max(longest, run);
      run = 0;
    }
    findings.check_signal(
        fair, hosts.front()->signalling,
        fmt::format("{} of one family before one of the other, of {} IPv6 and {} IPv4 addresses",
                    longest, counts[Family::V6], counts[Family::V4]));
  }
}

// draft-ietf-mmusic-mdns-ice-candidates §3.1.2.2.
void check_hidden_stays_hidden(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    const bool hides = std::ranges::any_of(
        records, [](const CandidateRecord* record) { return record->candidate->is_mdns_name(); });
    if (!hides) continue;
    for (const auto* record : records) {
      const auto& candidate = *record->candidate;
      if (candidate.type != "srflx" || !candidate.related_address) continue;
      const auto ip = Ip::parse(*candidate.related_address);
      const bool hidden = ip && ip->is_unspecified();
      findings.check_signal(hidden, record->signalling,
                            fmt::format("srflx candidate with raddr {}, hosts hidden behind names",
                                        *candidate.related_address));
    }
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-5.1.1.1-no-loopback", "RFC 8445", "5.1.1.1", Level::Must,
             "A loopback address is no candidate."},
            "candidates", check_no_loopback},
    Checker{{"ice-8445-5.1.1.3-foundation-diff", "RFC 8445", "5.1.1.3", Level::Must,
             "Candidates of different types have different foundations."},
            "candidates", check_foundations},
    Checker{{"ice-8445-5.1.2-prio-range-unique", "RFC 8445", "5.1.2", Level::Must,
             "A candidate's priority lies between 1 and 2^31-1, and no other candidate of the stream has it."},
            "candidates", check_priorities},
    Checker{{"ice-8445-5.1.2.1-prio-formula", "RFC 8445", "5.1.2.1", Level::Should,
             "The low octet of a priority is 256 less the component."},
            "candidates", check_priority_formula},
    Checker{{"ice-8445-5.1.2.1-type-pref-order", "RFC 8445", "5.1.2.1", Level::Must,
             "All candidates of one type have one type preference, at most 126, and no other type has it."},
            "candidates", check_type_preferences},
    Checker{{"ice-8445-5.1.2.2-type-pref-values", "RFC 8445", "5.1.2.2", Level::Should,
             "The type preferences are 126 for host, 110 for prflx, 100 for srflx and 0 for relay."},
            "UDP candidates", check_recommended_preferences},
    Checker{{"ice-8445-5.1.3-redundant", "RFC 8445", "5.1.3", Level::Should,
             "A reflexive candidate at the address of a host candidate is left out."},
            "srflx candidates", check_redundant},
    Checker{{"icesdp-8839-5.1-candidate-grammar", "RFC 8839", "5.1", Level::Must,
             "A candidate attribute follows its grammar."},
            "candidates", check_candidate_grammar},
    Checker{{"icesdp-8839-5.1-component-start", "RFC 8839", "5.1", Level::Must,
             "Component 1 is RTP or the data, component 2 RTCP; WebRTC has no others."},
            "candidates", check_component},
    Checker{{"icesdp-8839-5.1-rel-addr", "RFC 8839", "5.1", Level::Must,
             "Reflexive and relayed candidates name a related address and port; host candidates do not."},
            "candidates", check_related_address},
    Checker{{"icesdp-8839-5.1-rel-addr-hidden", "RFC 8839", "5.1", Level::Must,
             "A hidden related address is 0.0.0.0 or ::, with port 9."},
            "candidates with a hidden related address", check_hidden_address},
    Checker{{"mdns-draft-3.1.2.2-srflx-raddr", "mdns-ice-candidates", "3.1.2.2", Level::Must,
             "Where names hide host addresses, reflexive candidates do not show them."},
            "srflx candidates beside names", check_hidden_stays_hidden},
    Checker{{"dualstack-8421-4-interleave", "RFC 8421", "4", Level::Should,
             "Host candidates of the two IP families take turns in their priorities."},
            "generations with both families", check_families_interleaved},
    Checker{{"icetcp-6544-4.2-udp-above-tcp", "RFC 6544", "4.2", Level::Should,
             "Candidates over UDP are preferred to those over TCP of the same type."},
            "TCP candidates beside UDP ones", check_udp_first},
    Checker{{"icetcp-6544-4.2-direction-pref", "RFC 6544", "4.2", Level::Should,
             "The local preference of a TCP candidate begins with the preference of its direction."},
            "TCP candidates", check_direction_preference},
    Checker{{"icetcp-6544-4.5-tcptype", "RFC 6544", "4.5", Level::Must,
             "A TCP candidate says active, passive or so."},
            "TCP candidates", check_tcp_type},
    Checker{{"icetcp-6544-4.5-active-port9", "RFC 6544", "4.5", Level::Must,
             "An active TCP candidate names port 9."},
            "active TCP candidates", check_active_port},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_candidate_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
