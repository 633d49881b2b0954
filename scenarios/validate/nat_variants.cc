// What a NAT does beside mapping and filtering, and which cells of the table that changes: shared
// ports, drawn addresses, hairpinning.
#include "scenarios/validate/access_kinds.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/grid.h"
#include "scenarios/validate/sections.h"
#include "sim/nat/behaviour.h"

#include <fmt/format.h>

#include <array>

namespace rtclab::validate {
namespace {

using topology::Hairpinning;
using topology::PortAllocation;

constexpr std::size_t kPool = 200;  // addresses: two mappings seldom draw the same

std::vector<Row> all_kinds() {
  std::vector<Row> rows;
  for (const auto& kind : access_kinds()) rows.push_back({std::string{kind.name}, kind.access});
  return rows;
}

// "EIM/APDF × APDM/ADF" of all cells that the two grids differ in.
std::string differences(const std::vector<Row>& rows, const std::vector<Row>& columns,
                        const Grid& before, const Grid& after) {
  std::vector<std::string> found;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b < columns.size(); ++b) {
      if (before[a][b] == after[a][b]) continue;
      found.push_back(fmt::format("{} × {} ({} to {})", rows[a].name, columns[b].name, before[a][b],
                                  after[a][b]));
    }
  }
  return found.empty() ? "none" : fmt::format("{}", fmt::join(found, ", "));
}

// A NAT that keeps ports, and the kind of the table whose row it has.
struct Keeping {
  std::string_view kind;
  PortAllocation allocation;
  std::string_view looks_like;
};
constexpr std::array kKeeping{
    Keeping{"APDM/APDF", PortAllocation::Preserving, "APDM/APDF"},
    Keeping{"APDM/APDF", PortAllocation::Overloading, "EIM/APDF"},
    Keeping{"APDM/EIF", PortAllocation::Overloading, "EIM/APDF"},
    Keeping{"ADM/EIF", PortAllocation::Overloading, "EIM/ADF"},
    Keeping{"ADM/ADF", PortAllocation::Overloading, "EIM/ADF"},
};

void add_shared_ports(Section& section, const Effort& effort) {
  std::vector<Row> rows;
  Grid random;
  Grid expected;
  for (const auto& [kind, allocation, looks_like] : kKeeping) {
    auto access = access_kind(kind).access;
    access.nat.port_allocation = allocation;
    rows.push_back({fmt::format("{} {}", kind, to_string(allocation)), access});
    random.emplace_back(access_kind(kind).reaches);
    expected.emplace_back(access_kind(looks_like).reaches);
  }
  const auto columns = all_kinds();
  const auto measured = meet_all(rows, columns, effort);
  section.blocks.emplace_back(Prose{
      "**Ports that are kept.** A NAT that maps by destination and still shows the inside port "
      "each "
      "time, because it lets mappings share it (`overloading`), looks endpoint-independent: its "
      "reflexive candidate is right for everybody. Only a mapping's own destination gets in, so "
      "its "
      "filter is at least as strict as its mapping. It has the row of that kind, which is EIM/APDF "
      "for APDM and EIM/ADF for ADM. A NAT that keeps the port only while it is free "
      "(`preserving`) "
      "gives the second destination another one, and has the row that it had."});
  section.blocks.emplace_back(table_of("offers \\ answers", rows, columns, measured, expected));
  section.blocks.emplace_back(Prose{fmt::format("Against random ports that changes: {}.",
                                                differences(rows, columns, random, measured))});
  section.blocks.emplace_back(
      checks_of("Cells of NATs that keep ports", rows, columns, measured, expected));
}

nat::Behaviour behaviour_of(const Access& access) {
  switch (access.gate) {
    case Gate::None:
      return {topology::Mapping::EndpointIndependent, topology::Filtering::EndpointIndependent};
    case Gate::Firewall:
      return {topology::Mapping::EndpointIndependent, topology::Filtering::AddressAndPortDependent};
    case Gate::Nat: return nat::effective(access.nat, access.addresses);
  }
  __builtin_unreachable();
}

void add_drawn_addresses(Section& section, const Effort& effort) {
  std::vector<Row> rows;
  Grid paired;
  Grid expected;
  const auto columns = all_kinds();
  for (std::size_t n = kFirstNat; n < kKinds; ++n) {
    const auto& kind = access_kinds()[n];
    auto access = kind.access;
    access.nat.pooling = topology::Pooling::Arbitrary;
    access.addresses = kPool;
    rows.push_back({fmt::format("{} arbitrary", kind.name), access});
    paired.emplace_back(kind.reaches);
    auto& cells = expected.emplace_back();
    for (const auto& column : columns) {
      cells +=
          nat::direct_path_exists(behaviour_of(access), behaviour_of(column.access)) ? 'P' : 'r';
    }
  }
  const auto measured = meet_all(rows, columns, effort, Agreement::Most);
  section.blocks.emplace_back(Prose{fmt::format(
      "**Addresses that are drawn.** With {} outside addresses and `arbitrary` pooling each new "
      "mapping shows another one (RFC 4787 §4.1, REQ-2 says not to). Where one mapping serves all "
      "destinations (EIM) nothing changes. Where it does not, an ADF filter on the other side no "
      "longer admits what it would have: the address that it was opened for is not the one that "
      "comes. The expected cells are those of an oracle that knows no ICE "
      "(`nat::direct_path_exists`). Two mappings draw the same address once in {} times, so "
      "here most of a cell's seeds have to agree, not all; and `r` means that without a relay the "
      "call did not connect within two minutes, since two NATs that move can send each other after "
      "ever new peer-reflexive candidates, until the agents have had enough of it (decision 0019).",
      kPool, kPool)});
  section.blocks.emplace_back(table_of("offers \\ answers", rows, columns, measured, expected));
  section.blocks.emplace_back(Prose{fmt::format("Worse than with one address: {}.",
                                                differences(rows, columns, paired, measured))});
  section.blocks.emplace_back(
      checks_of("Cells of NATs that draw addresses", rows, columns, measured, expected));
}

void add_hairpinning(Section& section, const Effort& effort) {
  using F = topology::Filtering;
  constexpr std::array kPins{Hairpinning::None, Hairpinning::InternalSource,
                             Hairpinning::ExternalSource};
  constexpr std::array kHomes{F::EndpointIndependent, F::AddressDependent,
                              F::AddressAndPortDependent};
  const Grid expected{"rrr", "Prr", "PPP"};
  Table table{{"the provider's NAT hairpins", "homes EIM/EIF", "homes EIM/ADF", "homes EIM/APDF"},
              {}};
  Checks checks{.caption = "Cells of two homes behind one provider's NAT", .rows = {}};
  for (std::size_t row = 0; row < kPins.size(); ++row) {
    auto cgn = nat_of(topology::Mapping::EndpointIndependent, F::EndpointIndependent);
    cgn.hairpinning = kPins[row];
    auto& cells = table.rows.emplace_back();
    cells.emplace_back(to_string(kPins[row]));
    for (std::size_t column = 0; column < kHomes.size(); ++column) {
      const auto home = nat_of(topology::Mapping::EndpointIndependent, kHomes[column]);
      const char seen = meet_in_cell(two_homes_of_one_provider(home, cgn), effort);
      cells.emplace_back(1, seen);
      checks.rows.push_back(
          check_text(fmt::format("homes EIM/{}, hairpinning {}", to_string(kHomes[column]),
                                 to_string(kPins[row])),
                     std::string(1, expected[row][column]), std::string(1, seen)));
    }
  }
  section.blocks.emplace_back(Prose{
      "**Hairpinning.** Two homes behind one provider's NAT (NAT444; EIM/EIF) know of each other "
      "only by that NAT's outside address. Without hairpinning (RFC 4787 REQ-9) nothing sent there "
      "comes back, though each home alone would connect to anybody. With the external source that "
      "REQ-9 asks for all connect. With the internal source a check arrives from the other home's "
      "address in the provider's net, to which nobody has sent: only a home NAT that admits "
      "strangers (EIF) lets it in, and the peer-reflexive candidate that it makes is the way."});
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(std::move(checks));
}

}  // namespace

Section nat_variants(const Effort& effort) {
  Section section{.name = "nat-variants",
                  .title = "What else a NAT does, and which cells that changes",
                  .source =
                      "RFC 4787 §4.1 (pooling), §4.2 (ports) and §6 (hairpinning), RFC 7857 "
                      "§3 (shared ports), and what follows from them for the table above"};
  add_shared_ports(section, effort);
  add_drawn_addresses(section, effort);
  add_hairpinning(section, effort);
  return section;
}

}  // namespace rtclab::validate
