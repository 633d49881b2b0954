// rtclab list: what there is to name in a file or on the command line.
#include "agents/base/deviation.h"
#include "agents/base/text.h"
#include "reports/judge/judge.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/output.h"
#include "scenarios/loader.h"
#include "scenarios/signalling.h"
#include "scenarios/sweep/loader.h"
#include "scenarios/theme.h"
#include "topologies/link_presets.h"
#include "topologies/loader.h"
#include "topologies/nat_presets.h"
#include "topologies/nat_terms.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace rtclab::cli {
namespace {

struct Row {
  std::string name;
  std::string about;
  std::string rule{};   // the clause, if any
  std::string group{};  // rows of one group stand together under its name
  // What the name expands to, as attributes and their values; stands below.
  std::vector<std::pair<std::string, std::string>> terms{};
};
using Rows = std::vector<Row>;

std::string section(std::string_view spec, std::string_view number) {
  return fmt::format("{} §{}", spec, number);
}

// In the order of the themes; a file that cannot be read, or has none, comes last.
Rows scenarios() {
  Rows rows;
  const auto topologies = library_path(Shelf::Topologies, "x").parent_path();
  const auto names = library_names(Shelf::Scenarios);
  std::map<std::string, Rows> by_theme;
  for (const auto& name : names) {
    const auto loaded = scenario::load(library_path(Shelf::Scenarios, name), topologies);
    const auto* const theme = loaded ? scenario::find_theme(loaded->scenario.theme) : nullptr;
    by_theme[theme == nullptr ? std::string{} : std::string{theme->name}].push_back(
        {name,
         loaded ? loaded->scenario.title : loaded.error().to_string(),
         {},
         std::string{theme == nullptr ? "others" : theme->title}});
  }
  const auto append = [&](const std::string& theme) {
    std::ranges::move(by_theme[theme], std::back_inserter(rows));
  };
  for (const auto& theme : scenario::themes()) append(std::string{theme.name});
  append("");
  return rows;
}

Rows sweeps() {
  Rows rows;
  for (const auto& name : library_names(Shelf::Sweeps)) {
    const auto title = sweep::title_of(library_path(Shelf::Sweeps, name));
    rows.push_back({name, title ? *title : title.error().to_string(), {}});
  }
  return rows;
}

Rows topologies() {
  Rows rows;
  for (const auto& name : library_names(Shelf::Topologies)) {
    const auto topology = topology::load(library_path(Shelf::Topologies, name));
    rows.push_back({name, topology ? topology->title : topology.error().to_string(), {}});
  }
  return rows;
}

Rows nats() {
  Rows rows;
  for (const auto& preset : topology::nat_presets()) {
    const auto& nat = preset.behaviour;
    Row row{
        std::string{preset.name},
        fmt::format("{} ({}, {})", preset.title, to_string(nat.mapping), to_string(nat.filtering))};
    for (const auto& [attribute, value] : topology::terms_of(preset.behaviour)) {
      row.terms.emplace_back(attribute, value);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Up is what a customer sends; what both directions have in common stands once.
Rows links() {
  Rows rows;
  for (const auto& preset : topology::link_presets()) {
    const auto loss = preset.up.mean_loss();
    Row row{std::string{preset.name},
            loss == 0 ? std::string{preset.title}
                      : fmt::format("{} ({:g} % loss)", preset.title, loss * 100)};
    const auto up = topology::terms_of(preset.up);
    const auto down = topology::terms_of(preset.down);
    const auto add = [&](const topology::LinkTerm& term, bool common, std::string_view way) {
      row.terms.emplace_back(fmt::format("{}{}", term.attribute, common ? "" : way), term.value);
    };
    for (const auto& term : up) {
      add(term, std::ranges::find(down, term) != down.end(), " up");
    }
    for (const auto& term : down) {
      if (std::ranges::find(up, term) == up.end()) add(term, false, " down");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// A family of names and what it is about. The name decides by its part before the first dash.
struct Family {
  std::string_view prefix;
  std::string_view about;
};
// clang-format off
constexpr std::array kFamilies{
    Family{"stun",      "STUN messages and transactions"},
    Family{"turn",      "TURN clients and servers"},
    Family{"nbd",       "NAT behaviour discovery"},
    Family{"nat",       "NATs, seen on both of their sides"},
    Family{"ice",       "ICE: candidates, checks, roles, nomination"},
    Family{"pac",       "ICE: candidates, checks, roles, nomination"},
    Family{"dualstack", "ICE: candidates, checks, roles, nomination"},
    Family{"icetcp",    "ICE over TCP"},
    Family{"mdns",      "names in place of addresses"},
    Family{"consent",   "consent, and data without it"},
    Family{"data",      "consent, and data without it"},
    Family{"icesdp",    "ICE in session descriptions"},
    Family{"trickle",   "candidates told one by one"},
    Family{"sdp",       "session descriptions"},
    Family{"oa",        "offer and answer"},
    Family{"bundle",    "BUNDLE, and RTP with its RTCP"},
    Family{"mux",       "BUNDLE, and RTP with its RTCP"},
    Family{"muxonly",   "BUNDLE, and RTP with its RTCP"},
    Family{"dtlssdp",   "DTLS roles, fingerprints and SCTP in session descriptions"},
    Family{"fp",        "DTLS roles, fingerprints and SCTP in session descriptions"},
    Family{"sctpsdp",   "DTLS roles, fingerprints and SCTP in session descriptions"},
    Family{"jsep",      "JSEP and the W3C interface"},
    Family{"w3c",       "JSEP and the W3C interface"},
    Family{"simulcast", "JSEP and the W3C interface"},
    Family{"rtp",       "media: RTP, RTCP, feedback and repair"},
    Family{"rtx",       "media: RTP, RTCP, feedback and repair"},
    Family{"rtcp",      "media: RTP, RTCP, feedback and repair"},
    Family{"feedback",  "media: RTP, RTCP, feedback and repair"},
    Family{"nack",      "media: RTP, RTCP, feedback and repair"},
    Family{"pli",       "media: RTP, RTCP, feedback and repair"},
    Family{"fir",       "media: RTP, RTCP, feedback and repair"},
    Family{"tmmbr",     "media: RTP, RTCP, feedback and repair"},
    Family{"fb",        "media: RTP, RTCP, feedback and repair"},
    Family{"rid",       "media: RTP, RTCP, feedback and repair"},
    Family{"twcc",      "media: RTP, RTCP, feedback and repair"},
    Family{"srtp",      "SRTP and its keys"},
    Family{"dtlssrtp",  "SRTP and its keys"},
    Family{"sec",       "SRTP and its keys"},
    Family{"sctp",      "SCTP, and data channels on it"},
    Family{"sctpdtls",  "SCTP, and data channels on it"},
    Family{"pr",        "SCTP, and data channels on it"},
    Family{"reset",     "SCTP, and data channels on it"},
    Family{"dc",        "SCTP, and data channels on it"},
    Family{"dcep",      "SCTP, and data channels on it"},
};
// clang-format on

std::string family_of(std::string_view name) {
  const auto prefix = name.substr(0, name.find('-'));
  const auto* const family = std::ranges::find(kFamilies, prefix, &Family::prefix);
  return std::string{family == kFamilies.end() ? prefix : family->about};
}

// Families in the order in which they first come up, each with all of its rows.
Rows by_group(Rows rows) {
  std::vector<std::string> order;
  for (const auto& row : rows) {
    if (std::ranges::find(order, row.group) == order.end()) order.push_back(row.group);
  }
  std::ranges::stable_sort(rows, {}, [&](const Row& row) {
    return std::ranges::find(order, row.group) - order.begin();
  });
  return rows;
}

Rows deviations() {
  Rows rows;
  for (const auto& row : all_deviations()) {
    rows.push_back(
        {std::string{row.name}, std::string{row.what}, row.rule.to_string(), family_of(row.name)});
  }
  return by_group(std::move(rows));
}

Rows requirements() {
  Rows rows;
  for (const auto& row : judge::requirements()) {
    rows.push_back({std::string{row.id}, fmt::format("{:<6} {}", to_string(row.level), row.text),
                    section(row.spec, row.section), family_of(row.id)});
  }
  return by_group(std::move(rows));
}

Rows ways_of_signalling() {
  Rows rows{{std::string{scenario::kWebSocket},
             "a connection through the simulated network, to the topology's signalling server"}};
  for (const auto& preset : signalling::courier_presets())
    rows.push_back(
        {std::string{preset.name}, fmt::format("{}: {}", preset.title, to_string(preset.terms))});
  rows.push_back({std::string{scenario::kCourier},
                  fmt::format("anybody: {}; say the rest", to_string(signalling::CourierTerms{}))});
  return rows;
}

struct Topic {
  const char* name;
  const char* about;
  Rows (*rows)();
};
constexpr std::array kTopics{
    Topic{"scenarios", "calls to run: rtclab run NAME", scenarios},
    Topic{"sweeps", "questions to many runs: rtclab sweep NAME", sweeps},
    Topic{"topologies", "networks for <scenario topology=\"NAME\">", topologies},
    Topic{"nats", "kinds of NATs for <nat preset=\"NAME\">, and the terms they stand for", nats},
    Topic{"links", "kinds of links for <link preset=\"NAME\">, and the terms they stand for",
          links},
    Topic{"signalling", "what carries offers and answers, for <signalling via=\"NAME\"/>",
          ways_of_signalling},
    Topic{"deviations", "deliberate faults for <deviation name=\"NAME\"/>", deviations},
    Topic{"requirements", "clauses that the judge has a checker for", requirements},
};

// Attributes in lines of at most 100 columns, below what a row says.
void print_terms(const Console& console, const Row& row, std::size_t indent) {
  constexpr std::size_t kColumns = 100;
  std::string line;
  const auto flush = [&] {
    if (line.empty()) return;
    fmt::print(console.out(), "{:{}}{}\n", "", indent, console.styled(line, Style::Faint));
    line.clear();
  };
  for (const auto& [attribute, value] : row.terms) {
    const auto term = fmt::format("{}=\"{}\"", attribute, value);
    if (indent + line.size() + 1 + term.size() > kColumns) flush();
    line += (line.empty() ? "" : " ") + term;
  }
  flush();
}

// Name, clause and words in columns; a group's name and how many it has stand above its rows.
void print_rows(const Console& console, const Rows& rows) {
  std::size_t width = 0, rule_width = 0;
  for (const auto& row : rows) {
    width = std::max(width, row.name.size());
    // "§" is one column of two octets.
    if (!row.rule.empty()) rule_width = std::max(rule_width, row.rule.size() - 1);
  }
  const std::string* group = nullptr;
  for (const auto& row : rows) {
    if (!row.group.empty() && (group == nullptr || *group != row.group)) {
      const auto count = std::ranges::count(rows, row.group, &Row::group);
      fmt::print(console.out(), "{}{}\n", group == nullptr ? "" : "\n",
                 console.styled(fmt::format("{} ({})", row.group, count), Style::Faint));
      group = &row.group;
    }
    const auto rule =
        rule_width == 0 ? std::string{}
                        : fmt::format("{}{:{}}  ", row.rule, "", rule_width + 1 - row.rule.size());
    fmt::print(console.out(), "{}  {}{}\n",
               console.styled(fmt::format("{:<{}}", row.name, width), Style::Strong),
               console.styled(rule, Style::Faint), row.about);
    print_terms(console, row, width + 2);
  }
}

Exit run(const std::string& topic, bool json, const Console& console) {
  if (topic.empty() && json) {
    Json lists;
    for (const auto& known : kTopics) lists[known.name] = known.about;
    fmt::print(console.out(), "{}\n", to_text(Json{{"lists", lists}}));
    return Exit::AsExpected;
  }
  if (topic.empty()) {
    for (const auto& known : kTopics) {
      fmt::print(console.out(), "rtclab list {:<13} {}\n", known.name, known.about);
    }
    return Exit::AsExpected;
  }
  const auto* const found = std::ranges::find(kTopics, topic, &Topic::name);
  if (found == kTopics.end()) {
    std::vector<std::string> names;
    for (const auto& known : kTopics) names.emplace_back(known.name);
    return console.bad_input(fmt::format("there is no list of \"{}\"{} (the lists are: {})", topic,
                                         did_you_mean(topic, names), fmt::join(names, ", ")));
  }
  const auto rows = found->rows();
  if (!json) {
    print_rows(console, rows);
    return Exit::AsExpected;
  }
  auto list = Json::array();
  for (const auto& row : rows) {
    Json entry{{"name", row.name}, {"about", row.about}};
    if (!row.rule.empty()) entry["clause"] = row.rule;
    if (!row.group.empty()) entry["group"] = row.group;
    for (const auto& [attribute, value] : row.terms) entry["terms"][attribute] = value;
    list.push_back(std::move(entry));
  }
  fmt::print(console.out(), "{}\n", to_text(Json{{found->name, std::move(list)}}));
  return Exit::AsExpected;
}

}  // namespace

Run add_list(CLI::App& command) {
  struct Options {
    std::string topic;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  std::vector<std::string_view> names;
  for (const auto& topic : kTopics) names.emplace_back(topic.name);
  command.add_option("TOPIC", options->topic, fmt::format("One of: {}", fmt::join(names, ", ")));
  command.add_flag("--json", options->json, "Print one JSON object");
  return [options](const Console& console) { return run(options->topic, options->json, console); };
}

}  // namespace rtclab::cli
