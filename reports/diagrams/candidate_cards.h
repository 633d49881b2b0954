// The candidates of one side, each address once in each group.
#pragma once

#include "reports/diagrams/pair_history.h"

#include <map>
#include <utility>

namespace rtclab::diagrams {

class CandidateCards {
 public:
  explicit CandidateCards(std::vector<CandidateCard>& cards) : cards_{cards} {}

  // The candidate's index; a card that is already there keeps what it says.
  std::size_t add(CandidateCard card);
  // Of a TCP candidate only one whose port is its own: an active one is found by find_active().
  [[nodiscard]] std::optional<std::size_t> find(const Group& group, Transport transport,
                                                const Endpoint& endpoint) const;
  // A candidate behind an mDNS name is known by its port only
  // (draft-ietf-mmusic-mdns-ice-candidates).
  [[nodiscard]] std::optional<std::size_t> find_named(const Group& group, Port port) const;
  // RFC 6544 §4.5: the port of an active TCP candidate says nothing.
  [[nodiscard]] std::optional<std::size_t> find_active(const Group& group, const Ip& ip) const;

  // From the text of a candidate attribute; nullopt when it is none or not of component 1.
  static std::optional<CandidateCard> parse(const std::string& attribute, std::string origin,
                                            const Group& group);

 private:
  std::vector<CandidateCard>& cards_;
  std::map<std::pair<Group, std::string>, std::size_t> by_address_;
};

}  // namespace rtclab::diagrams
