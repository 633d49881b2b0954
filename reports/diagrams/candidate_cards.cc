#include "reports/diagrams/candidate_cards.h"

#include "agents/sdp/candidate.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::diagrams {

std::size_t CandidateCards::add(CandidateCard card) {
  const auto [found, fresh] = by_address_.try_emplace(card.address, cards_.size());
  if (fresh) cards_.push_back(std::move(card));
  return found->second;
}

std::optional<std::size_t> CandidateCards::find(const std::string& address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> CandidateCards::find_named(Port port) const {
  const auto ending = fmt::format(".local:{}", port.value());
  for (std::size_t i = 0; i < cards_.size(); ++i) {
    if (cards_[i].address.ends_with(ending)) return i;
  }
  return std::nullopt;
}

std::optional<CandidateCard> CandidateCards::parse(const std::string& attribute,
                                                   std::string origin) {
  const auto candidate = sdp::Candidate::parse(attribute);
  if (!candidate || !candidate->is_udp() || candidate->component != 1) return std::nullopt;
  const auto ip = candidate->ip();
  return CandidateCard{candidate->type,
                       ip ? Endpoint{*ip, candidate->port}.to_string()
                          : fmt::format("{}:{}", candidate->address, candidate->port.value()),
                       fmt::format("{}", candidate->priority), candidate->foundation,
                       std::move(origin)};
}

}  // namespace rtclab::diagrams
