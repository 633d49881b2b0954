// Who gets a lifeline, and in which order.
#pragma once

#include "reports/diagrams/story.h"

#include <map>

namespace rtclab::diagrams {

class Lifelines {
 public:
  explicit Lifelines(const evidence::Evidence& evidence);

  [[nodiscard]] const std::vector<Lifeline>& list() const { return list_; }
  // nullopt for a party without a lifeline (a router), or none.
  [[nodiscard]] std::optional<std::size_t> of(std::optional<evidence::PartyIndex> party) const;
  [[nodiscard]] std::optional<std::size_t> named(const std::string& name) const;

 private:
  void add(const evidence::Evidence& evidence, evidence::PartyIndex party);

  std::vector<Lifeline> list_;
  std::map<evidence::PartyIndex, std::size_t> position_;
};

}  // namespace rtclab::diagrams
