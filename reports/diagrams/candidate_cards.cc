#include "reports/diagrams/candidate_cards.h"

#include "agents/sdp/candidate.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::diagrams {

std::size_t CandidateCards::add(CandidateCard card) {
  const auto [found, fresh] = by_address_.try_emplace({card.group, card.address}, cards_.size());
  if (fresh) cards_.push_back(std::move(card));
  return found->second;
}

std::optional<std::size_t> CandidateCards::find(const Group& group, Transport transport,
                                                const Endpoint& endpoint) const {
  const auto text = endpoint.to_string();
  const auto look_up = [&](std::string_view suffix) -> std::optional<std::size_t> {
    const auto found = by_address_.find({group, text + std::string{suffix}});
    if (found == by_address_.end()) return std::nullopt;
    return found->second;
  };
  if (transport == Transport::Udp) return look_up("");
  for (const auto* const suffix : {"/tcp passive", "/tcp so", "/tcp"}) {
    if (const auto found = look_up(suffix)) return found;
  }
  return std::nullopt;
}

std::optional<std::size_t> CandidateCards::find_named(const Group& group, Port port) const {
  const auto ending = fmt::format(".local:{}", port.value());
  for (std::size_t i = 0; i < cards_.size(); ++i) {
    if (cards_[i].group == group && cards_[i].address.ends_with(ending)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> CandidateCards::find_active(const Group& group, const Ip& ip) const {
  for (std::size_t i = 0; i < cards_.size(); ++i) {
    const auto& card = cards_[i];
    if (card.group != group || !card.address.ends_with("/tcp active")) continue;
    const auto endpoint = Endpoint::parse(card.address.substr(0, card.address.find('/')));
    if (endpoint && endpoint->ip == ip) return i;
  }
  return std::nullopt;
}

std::optional<CandidateCard> CandidateCards::parse(const std::string& attribute, std::string origin,
                                                   const Group& group) {
  const auto candidate = sdp::Candidate::parse(attribute);
  if (!candidate || candidate->component != 1) return std::nullopt;
  const auto ip = candidate->ip();
  auto address = ip ? Endpoint{*ip, candidate->port}.to_string()
                    : fmt::format("{}:{}", candidate->address, candidate->port.value());
  if (candidate->is_tcp()) {
    address += "/tcp";
    if (candidate->tcp_type) address += " " + *candidate->tcp_type;
  }
  return CandidateCard{
      candidate->type,       std::move(address), fmt::format("{}", candidate->priority),
      candidate->foundation, std::move(origin),  group};
}

}  // namespace rtclab::diagrams
