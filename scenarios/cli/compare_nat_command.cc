// rtclab compare-nat: the same packets through the kernel's NAT and through a NAT of ours.
#include "agents/base/text.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/output.h"
#include "sim/bridge/interrogation.h"
#include "topologies/nat_presets.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace rtclab::cli {
namespace {

constexpr std::size_t kOutsideMtu = 1400;

struct Options {
  std::string preset = "linux-masquerade";
  std::string rule = "MASQUERADE";
  bool json = false;
};

Json to_json(const bridge::Comparison& row) {
  return Json{{"clause", row.rule.to_string()},
              {"question", row.question},
              {"ours", row.ours},
              {"kernel", row.kernel},
              {"agrees", row.agrees()},
              {"explanation", row.explanation}};
}

void print_rows(const std::vector<bridge::Comparison>& rows, const Console& console) {
  for (const auto& row : rows) {
    const auto mark = row.agrees()              ? console.styled("same", Style::Good)
                      : row.explanation.empty() ? console.styled("differs", Style::Bad)
                                                : console.styled("differs", Style::Faint);
    fmt::print(console.out(), "{}  {} ({})\n", mark, row.question, row.rule.to_string());
    if (row.agrees()) {
      fmt::print(console.out(), "      {}\n", row.ours);
      continue;
    }
    fmt::print(console.out(), "      kernel  {}\n      ours    {}\n", row.kernel, row.ours);
    if (!row.explanation.empty()) fmt::print(console.out(), "      {}\n", row.explanation);
  }
}

FileResult<Exit> compare_nat(const Options& options, const Console& console) {
  const auto* const preset = topology::find_nat_preset(options.preset);
  if (preset == nullptr) {
    std::vector<std::string> names;
    for (const auto& known : topology::nat_presets()) names.emplace_back(known.name);
    return tl::make_unexpected(
        FileError{.file = "--preset " + options.preset,
                  .message = "there is no such NAT" + did_you_mean(options.preset, names)});
  }
  const bridge::ShortLifetimes lifetimes;
  auto kernel = bridge::make_kernel_nat(options.rule, lifetimes, kOutsideMtu);
  if (!kernel) {
    return tl::make_unexpected(FileError{.file = "the kernel's NAT", .message = kernel.error()});
  }
  const auto theirs = bridge::interrogate(**kernel, lifetimes);
  const auto ours = bridge::interrogate(
      *bridge::make_simulated_nat(preset->behaviour, lifetimes, kOutsideMtu), lifetimes);
  const auto rows = bridge::compare(ours, theirs);
  const auto count = [&](auto is) { return std::ranges::count_if(rows, is); };
  const auto same = count([](const auto& row) { return row.agrees(); });
  const auto unexplained =
      count([](const auto& row) { return !row.agrees() && row.explanation.empty(); });
  if (options.json) {
    auto list = Json::array();
    for (const auto& row : rows) list.push_back(to_json(row));
    fmt::print(console.out(), "{}\n", to_text(list));
  } else {
    print_rows(rows, console);
    fmt::print(console.out(),
               "\n{} questions: {} answered alike, {} differences explained, {} not explained\n",
               rows.size(), same, static_cast<std::ptrdiff_t>(rows.size()) - same - unexplained,
               unexplained);
  }
  return unexplained == 0 ? Exit::AsExpected : Exit::Failed;
}

}  // namespace

Run add_compare_nat(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--preset", options->preset,
                     "Our NAT, one of \"rtclab list nats\" (linux-masquerade)");
  command.add_option("--rule", options->rule,
                     "The kernel's: the target of iptables' POSTROUTING chain with its options "
                     "(MASQUERADE)");
  command.add_flag("--json", options->json, "Print a JSON array");
  return [options](const Console& console) {
    return console.conclude(compare_nat(*options, console));
  };
}

}  // namespace rtclab::cli
