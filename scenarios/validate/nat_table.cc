// Who reaches whom without a relay: eleven kinds of access, each with each, both roles.
#include "scenarios/validate/access_kinds.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/grid.h"
#include "scenarios/validate/sections.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::validate {
namespace {

std::size_t direct_cells(const Grid& grid, std::size_t from) {
  std::size_t count = 0;
  for (std::size_t a = from; a < grid.size(); ++a)
    count += static_cast<std::size_t>(
        std::count(grid[a].begin() + static_cast<std::ptrdiff_t>(from), grid[a].end(), 'P'));
  return count;
}

}  // namespace

Section nat_table(const Effort& effort) {
  std::vector<Row> rows;
  Grid expected;
  for (const auto& kind : access_kinds()) {
    rows.push_back({std::string{kind.name}, kind.access});
    expected.emplace_back(kind.reaches);
  }
  const auto measured = meet_all(rows, rows, effort);

  Section section{
      .name = "nat-table",
      .title = "Who reaches whom without a relay",
      .source =
          "the field's table of RFC 4787 behaviours (mapping × filtering); it follows from "
          "RFC 8445 §7.2.5.2.1 (an answer counts only from where the check went) and §7.3.1.4 "
          "(triggered checks), and was written down before rtclab was"};
  section.blocks.emplace_back(Prose{fmt::format(
      "Two ICE agents stand on two machines of a simulated network, each behind what the row and "
      "the column say. The row's agent offers and is controlling; the column's answers, so each "
      "pair is tried in both roles. `P`: with a STUN and a TURN server at hand the pair that ICE "
      "chose goes from NAT to NAT, and without the TURN server the call connects too. `r`: with "
      "the "
      "TURN server the call goes through it, and without it both agents report that ICE failed. "
      "Every call that connects carries a datagram each way. Seeds {} to {}, all of which have to "
      "agree.",
      effort.seed, effort.seed + effort.seeds - 1)});
  section.blocks.emplace_back(Prose{
      "EIM, ADM, APDM: endpoint-independent, address-dependent, address-and-port-dependent "
      "mapping; "
      "EIF, ADF, APDF: the same for filtering. Ports are random, each NAT has one public address, "
      "and none hairpins. OPEN is a public address, FW one behind a stateful firewall (APDF)."});
  section.blocks.emplace_back(table_of("offers \\ answers", rows, rows, measured, expected));
  section.blocks.emplace_back(
      checks_of("Cell by cell against the table from outside", rows, rows, measured, expected));
  Checks totals{.caption = "Totals", .rows = {}};
  totals.rows.push_back(check_text("pairs of NATs that connect without a relay", "42 of 81",
                                   fmt::format("{} of 81", direct_cells(measured, kFirstNat))));
  totals.rows.push_back(check_text("the same with OPEN and FW",
                                   fmt::format("{} of 121", direct_cells(expected, 0)),
                                   fmt::format("{} of 121", direct_cells(measured, 0))));
  section.blocks.emplace_back(std::move(totals));
  return section;
}

}  // namespace rtclab::validate
