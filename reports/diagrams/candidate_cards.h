// The candidates of one side, each address once.
#pragma once

#include "reports/diagrams/pair_history.h"

#include <map>

namespace rtclab::diagrams {

class CandidateCards {
 public:
  explicit CandidateCards(std::vector<CandidateCard>& cards) : cards_{cards} {}

  // The candidate's index; a card that is already there keeps what it says.
  std::size_t add(CandidateCard card);
  [[nodiscard]] std::optional<std::size_t> find(const std::string& address) const;
  // A candidate behind an mDNS name is known by its port only
  // (draft-ietf-mmusic-mdns-ice-candidates).
  [[nodiscard]] std::optional<std::size_t> find_named(Port port) const;

  // From the text of a candidate attribute; nullopt when it is none, is TCP or not of component 1.
  static std::optional<CandidateCard> parse(const std::string& attribute, std::string origin);

 private:
  std::vector<CandidateCard>& cards_;
  std::map<std::string, std::size_t> by_address_;
};

}  // namespace rtclab::diagrams
