// RFC 8839, and RFC 8445 §5.3 and §9: what a description says of ICE, and how it restarts.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;
using sdp::SessionDescription;

void check_ice2(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const bool good = section.has_ice_option("ice2");
    findings.check_signal(good, record.signalling,
                          fmt::format("{} {} ice2 in a=ice-options", type_of(docket, record),
                                      good ? "has" : "lacks"));
  });
}

void check_credential_lengths(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto ice = section.ice_credentials();
    if (!ice) return;
    const bool good = ice->ufrag.size() >= 4 && ice->ufrag.size() <= 256 && ice->pwd.size() >= 22 &&
                      ice->pwd.size() <= 256;
    findings.check_signal(
        good, record.signalling,
        fmt::format("ufrag of {} characters, password of {}", ice->ufrag.size(), ice->pwd.size()));
  });
}

bool is_ice_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

void check_credential_characters(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto ice = section.ice_credentials();
    if (!ice) return;
    const bool good =
        std::ranges::all_of(ice->ufrag, is_ice_char) && std::ranges::all_of(ice->pwd, is_ice_char);
    findings.check_signal(good, record.signalling,
                          good ? "ufrag and password of letters, digits, + and /"
                               : "ufrag or password with a character that is not allowed");
  });
}

// 128 bits drawn at random show: 22 characters of 64 kinds with fewer than eight different ones
// come up less than once in 10^11 draws.
void check_password_entropy(const Docket& docket, Findings& findings) {
  std::set<std::string> seen;
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto ice = section.ice_credentials();
    if (!ice || !seen.insert(ice->pwd).second) return;
    const std::set<char> kinds{ice->pwd.begin(), ice->pwd.end()};
    const auto enough = std::min<std::size_t>(8, ice->pwd.size() / 2);
    findings.check_signal(
        kinds.size() >= enough, record.signalling,
        fmt::format("password of {} characters, {} different ones", ice->pwd.size(), kinds.size()));
  });
}

void check_credentials_present(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section&) {
        const bool good = credentials_of(description, index).has_value();
        findings.check_signal(
            good, record.signalling,
            fmt::format("{} {} ufrag and password", name_of_section(description, index),
                        good ? "with" : "without"));
      });
}

// RFC 8839 §5.4: one ufrag names one generation.
void check_one_password_each(const Docket& docket, Findings& findings) {
  std::map<std::pair<std::string, std::string>, std::string> password;  // who, ufrag
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto ice = section.ice_credentials();
    if (!ice) return;
    const auto& who = docket.evidence().signalling[record.signalling].from;
    const auto [entry, is_new] = password.try_emplace({who, ice->ufrag}, ice->pwd);
    if (is_new) return;
    const bool same = entry->second == ice->pwd;
    findings.check_signal(
        same, record.signalling,
        fmt::format("ufrag {} with {} password", ice->ufrag, same ? "its" : "another"));
  });
}

// RFC 8839 §4.2.1.2 and §4.2.5: m= and c= name one of the candidates, or nothing yet.
void check_default_destination(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        const auto connection = section.connection();
        const auto port = section.media().port;
        if (!connection || port == Port{0}) return;
        const auto ip = Ip::parse(connection->address);
        const bool open = port == Port{9} && (!ip || ip->is_unspecified());
        auto candidates = section.candidates();
        // Of bundled sections the candidates stand in the tagged one.
        for (std::size_t i = 0; candidates.empty() && i < description.sections.size(); ++i)
          candidates = description.section(i).candidates();
        const bool matches = std::ranges::any_of(candidates, [&](const sdp::Candidate& candidate) {
          return candidate.address == connection->address && candidate.port == port;
        });
        findings.check_signal(open || matches, record.signalling,
                              fmt::format("{}: {}:{}{}", name_of_section(description, index),
                                          connection->address, port.value(),
                                          open      ? ", not known yet"
                                          : matches ? ", one of its candidates"
                                                    : " is none of its candidates"));
      });
}

void check_refused_is_bare(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      if (!description.section(i).is_rejected()) continue;
      const auto count = description.section(i).lines().attributes("candidate").size();
      findings.check_signal(
          count == 0, record.signalling,
          fmt::format("{}: refused, with {} candidates", name_of_section(description, i), count));
    }
  }
}

// --- restarts ---

void check_restart_changes_both(const Docket& docket, Findings& findings) {
  for_each_kept_section(docket, [&](const Successor& s, std::size_t index) {
    const auto& [negotiation, record, before, now] = s;
    if (!negotiation.restarts_ice(record, index)) return;
    const auto was = *negotiation.running_credentials(record, index);
    const auto is = *credentials_of(now, index);
    const bool both = was.ufrag != is.ufrag && was.pwd != is.pwd;
    findings.check_signal(
        both, record.signalling,
        fmt::format("{}: {}", name_of_section(now, index),
                    both                    ? "a new ufrag and a new password"
                    : was.ufrag == is.ufrag ? "a new password for the old ufrag"
                                            : "a new ufrag with the old password"));
  });
}

void check_options_stay(const Docket& docket, Findings& findings) {
  for_each_kept_section(docket, [&](const Successor& s, std::size_t index) {
    const auto& [negotiation, record, before, now] = s;
    if (negotiation.restarts_ice(record, index)) return;
    auto was = before.section(index).ice_options();
    auto is = now.section(index).ice_options();
    std::ranges::sort(was);
    std::ranges::sort(is);
    const bool same = was == is && before.ice_lite() == now.ice_lite() &&
                      before.section(index).ice_pacing() == now.section(index).ice_pacing();
    findings.check_signal(
        same, record.signalling,
        fmt::format("{}: options, pacing and level {}", name_of_section(now, index),
                    same ? "as before" : "changed without a restart"));
  });
}

// Calls f(answer, index, offer restarts, answer restarts) for each section of an answer that both
// sides had before.
template <class F>
void for_each_reanswered_section(const Docket& docket, F f) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    const auto* const offer =
        negotiation.is_answer(record) ? negotiation.offer_of(record) : nullptr;
    const auto* const theirs = offer != nullptr ? negotiation.own_before(*offer) : nullptr;
    if (theirs == nullptr) continue;
    const auto& answered = record.reading.description;
    for (std::size_t i = 0; i < answered.sections.size(); ++i) {
      if (!negotiation.running_credentials(record, i) || !credentials_of(answered, i)) continue;
      if (!negotiation.running_credentials(*offer, i)) continue;
      // A rejected m-line that is used again, for another section, restarts nothing.
      const auto& asked = offer->reading.description;
      if (i >= asked.sections.size() ||
          theirs->reading.description.section(i).mid() != asked.section(i).mid())
        continue;
      f(record, i, negotiation.restarts_ice(*offer, i), negotiation.restarts_ice(record, i));
    }
  }
}

void check_answer_restarts(const Docket& docket, Findings& findings) {
  for_each_reanswered_section(
      docket, [&](const DescriptionRecord& answer, std::size_t index, bool offered, bool answered) {
        if (!offered) return;
        findings.check_signal(answered, answer.signalling,
                              fmt::format("{}: {} credentials, to an offer that restarts ICE",
                                          name_of_section(answer.reading.description, index),
                                          answered ? "new" : "the old"));
      });
}

void check_answer_does_not_restart(const Docket& docket, Findings& findings) {
  for_each_reanswered_section(docket, [&](const DescriptionRecord& answer, std::size_t index,
                                          bool offered, bool answered) {
    if (offered) return;
    findings.check_signal(!answered, answer.signalling,
                          fmt::format("{}: {} credentials, to an offer that does not restart ICE",
                                      name_of_section(answer.reading.description, index),
                                      answered ? "new" : "the old"));
  });
}

// The user name fragments that meet: those of an offer with those of its answers, also provisional
// ones. Of sections that were bundled any may do.
class Generations {
 public:
  explicit Generations(const Docket& docket) {
    const Negotiation negotiation{docket};
    for (const auto& record : docket.descriptions()) {
      const auto* const offer = negotiation.offer_of(record);
      if (negotiation.is_offer(record) || offer == nullptr) continue;
      for (const auto& offered : fragments_of(*offer)) {
        for (const auto& answered : fragments_of(record)) {
          met_.insert({offered, answered});
          met_.insert({answered, offered});
        }
      }
    }
  }

  [[nodiscard]] bool have_met(const std::string& one, const std::string& other) const {
    return met_.contains({one, other});
  }
  [[nodiscard]] bool knows(const std::string& fragment) const {
    const auto first = met_.lower_bound({fragment, ""});
    return first != met_.end() && first->first == fragment;
  }

 private:
  static std::vector<std::string> fragments_of(const DescriptionRecord& record) {
    std::vector<std::string> fragments;
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i)
      if (const auto ice = description.section(i).ice_credentials())
        fragments.push_back(ice->ufrag);
    return fragments;
  }

  std::set<std::pair<std::string, std::string>> met_;
};

// RFC 8445 §9: a restart begins anew on both sides. What a peer was before, its candidates and its
// credentials, is nothing to pair new candidates with.
void check_one_generation(const Docket& docket, Findings& findings) {
  const Generations generations{docket};
  for (const auto* check : docket.checks()) {
    const auto username = check->stun()->find<stun::Username>();
    const auto colon = username ? username->value.find(':') : std::string::npos;
    if (colon == std::string::npos || !docket.is_peer(check->from)) continue;
    const auto theirs = username->value.substr(0, colon);
    const auto own = username->value.substr(colon + 1);
    if (!generations.knows(theirs) || !generations.knows(own)) continue;
    const bool good = generations.have_met(theirs, own);
    findings.check(good, *check,
                   fmt::format("{} and {} are of {}", theirs, own,
                               good ? "one exchange" : "different exchanges"));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-5.3-cred-entropy", "RFC 8445", "5.3", Level::Must,
             "A password holds 128 random bits or more."},
            "passwords", check_password_entropy},
    Checker{{"ice-8445-9-restart-both", "RFC 8445", "9", Level::Must,
             "A restart changes ufrag and password together."},
            "sections that restart ICE", check_restart_changes_both},
    Checker{{"ice-8445-9-one-generation", "RFC 8445", "9", Level::Must,
             "A check names user name fragments of one exchange: after a restart nothing of before is paired."},
            "checks between fragments that were negotiated", check_one_generation},
    Checker{{"icesdp-8839-4.2.1.2-default", "RFC 8839", "4.2.1.2", Level::Must,
             "The m= and c= lines name one of the candidates, or port 9 while there is none."},
            "sections", check_default_destination},
    Checker{{"icesdp-8839-4.2.1.5-ice2-attr", "RFC 8839", "4.2.1.5", Level::Must,
             "An agent by RFC 8445 says ice2 in a=ice-options."},
            "sections", check_ice2},
    Checker{{"icesdp-8839-4.3.1-creds", "RFC 8839", "4.3.1", Level::Must,
             "Each section has a ufrag and a password, its own or those of its BUNDLE group."},
            "sections", check_credentials_present},
    Checker{{"icesdp-8839-4.4.1.1.1-options-stable", "RFC 8839", "4.4.1.1.1", Level::Must,
             "ICE options, pacing and lite change only in a restart."},
            "sections of later descriptions", check_options_stay},
    Checker{{"icesdp-8839-4.4.1.1.2-removed-clean", "RFC 8839", "4.4.1.1.2", Level::Must,
             "A section that is refused or removed has no candidates."},
            "refused sections", check_refused_is_bare},
    Checker{{"icesdp-8839-4.4.2.1-answer-restart", "RFC 8839", "4.4.2.1", Level::Must,
             "The answer to a restart has new credentials."},
            "answers to a restart", check_answer_restarts},
    Checker{{"icesdp-8839-5.4-ice-chars", "RFC 8839", "5.4", Level::Must,
             "Ufrag and password consist of letters, digits, + and /."},
            "sections with credentials", check_credential_characters},
    Checker{{"icesdp-8839-5.4-ident-ufrag-pwd", "RFC 8839", "5.4", Level::Must,
             "The same ufrag comes with the same password."},
            "ufrags that come again", check_one_password_each},
    Checker{{"icesdp-8839-5.4-lengths", "RFC 8839", "5.4", Level::Must,
             "A ufrag has 4 to 256 characters, a password 22 to 256."},
            "sections with credentials", check_credential_lengths},
    Checker{{"jsep-9429-5.3.2-answer-creds-stable", "RFC 9429", "5.3.2", Level::Must,
             "A later answer keeps ufrag and password unless the offer restarts ICE."},
            "later answers without a restart", check_answer_does_not_restart},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_sdp_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
