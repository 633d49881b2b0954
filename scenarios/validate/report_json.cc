#include "scenarios/validate/report.h"

#include <nlohmann/json.hpp>

namespace rtclab::validate {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Check& check) {
  return {{"what", check.what},
          {"expected", check.expected},
          {"measured", check.measured},
          {"within", check.within},
          {"agrees", check.agrees}};
}

Json json_of(const Section& section) {
  auto checks = Json::array();
  auto tables = Json::array();
  for (const auto& block : section.blocks) {
    if (const auto* const found = std::get_if<Checks>(&block)) {
      for (const auto& row : found->rows) checks.push_back(json_of(row));
    } else if (const auto* const table = std::get_if<Table>(&block)) {
      tables.push_back(Json{{"head", table->head}, {"rows", table->rows}});
    }
  }
  return {{"name", section.name},       {"title", section.title}, {"source", section.source},
          {"agrees", section.agrees()}, {"checks", checks},       {"tables", tables}};
}

}  // namespace

Json to_json(const Report& report) {
  auto sections = Json::array();
  for (const auto& section : report.sections) sections.push_back(json_of(section));
  return {{"agrees", report.agrees()}, {"sections", sections}};
}

}  // namespace rtclab::validate
