#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::judge {

using evidence::SignallingType;

Negotiation::Negotiation(const Docket& docket) : docket_{docket} {
  for (const auto& record : docket.descriptions()) {
    if (is_offer(record)) exchanges_.push_back({&record, nullptr});
    const auto* const offer = find_offer_of(record);
    offers_.emplace(record.signalling, offer);
    if (!is_answer(record)) continue;
    const auto found = std::ranges::find(exchanges_, offer, &Exchange::offer);
    if (found != exchanges_.end() && found->answer == nullptr) found->answer = &record;
  }
}

const evidence::SignallingMessage& Negotiation::message(const DescriptionRecord& record) const {
  return docket_.evidence().signalling[record.signalling];
}

bool Negotiation::is_offer(const DescriptionRecord& record) const {
  return message(record).type == SignallingType::Offer;
}

bool Negotiation::is_answer(const DescriptionRecord& record) const {
  return message(record).type == SignallingType::Answer;
}

bool Negotiation::crossed(const Exchange& exchange) const {
  if (exchange.answer == nullptr) return false;
  const auto& offer = message(*exchange.offer);
  const auto came = message(*exchange.answer).delivered;
  return came && std::ranges::any_of(exchanges_, [&](const Exchange& other) {
           if (other.answer == nullptr || !same_call(*other.answer, *exchange.offer)) return false;
           const auto& given = message(*other.answer);
           return given.from == offer.from &&
                  other.answer->signalling > exchange.offer->signalling &&
                  other.offer->signalling < exchange.answer->signalling && given.sent <= *came;
         });
}

const DescriptionRecord* Negotiation::offer_of(const DescriptionRecord& answer) const {
  const auto found = offers_.find(answer.signalling);
  return found == offers_.end() ? nullptr : found->second;
}

// The last that came from the other side: in glare the one that was ignored or rolled back is its
// answerer's own. One that was still on its way is for the next answer; but where nothing else is
// left to answer, two clocks disagree.
const DescriptionRecord* Negotiation::find_offer_of(const DescriptionRecord& answer) const {
  const DescriptionRecord* last = nullptr;
  const DescriptionRecord* last_to_come = nullptr;
  for (const auto& [offer, reply] : exchanges_) {
    const auto& told = message(*offer);
    if (!same_call(*offer, answer) || told.from == message(answer).from) continue;
    last = offer;
    const bool has_come = told.delivered && *told.delivered <= message(answer).sent;
    if (reply == nullptr && has_come) last_to_come = offer;
  }
  return last_to_come != nullptr ? last_to_come : last;
}

bool Negotiation::same_call(const DescriptionRecord& a, const DescriptionRecord& b) const {
  const auto& one = message(a);
  const auto& other = message(b);
  return (one.from == other.from && one.to == other.to) ||
         (one.from == other.to && one.to == other.from);
}

const Negotiation::Exchange* Negotiation::complete_before(const DescriptionRecord& record) const {
  const Exchange* last = nullptr;
  for (const auto& exchange : exchanges_) {
    if (exchange.answer == nullptr || exchange.answer->signalling >= record.signalling) continue;
    if (!same_call(*exchange.answer, record)) continue;
    if (last == nullptr || exchange.answer->signalling > last->answer->signalling) last = &exchange;
  }
  return last;
}

const DescriptionRecord* Negotiation::own_before(const DescriptionRecord& record) const {
  const auto* const exchange = complete_before(record);
  if (exchange == nullptr) return nullptr;
  const bool offered = message(*exchange->offer).from == message(record).from;
  return offered ? exchange->offer : exchange->answer;
}

const DescriptionRecord* Negotiation::theirs_before(const DescriptionRecord& record) const {
  const auto* const exchange = complete_before(record);
  if (exchange == nullptr) return nullptr;
  const bool offered = message(*exchange->offer).from == message(record).from;
  return offered ? exchange->answer : exchange->offer;
}

std::optional<sdp::IceCredentials> Negotiation::running_credentials(const DescriptionRecord& record,
                                                                    std::size_t index) const {
  const auto* const exchange = complete_before(record);
  const auto* const own = own_before(record);
  if (own == nullptr || index >= own->reading.description.sections.size()) return std::nullopt;
  const auto& before = own->reading.description;
  const auto agreed = exchange->answer->reading.description.bundle();
  const auto mid = before.section(index).mid();
  if (mid && std::ranges::find(agreed, *mid) != agreed.end()) {
    const auto tagged = before.index_of(agreed.front());
    if (tagged) return credentials_of(before, *tagged);
  }
  return credentials_of(before, index);
}

bool Negotiation::restarts_ice(const DescriptionRecord& record, std::size_t index) const {
  const auto running = running_credentials(record, index);
  const auto now = credentials_of(record.reading.description, index);
  return running && now && (running->ufrag != now->ufrag || running->pwd != now->pwd);
}

bool Negotiation::restarts_ice(const DescriptionRecord& record) const {
  for (std::size_t i = 0; i < record.reading.description.sections.size(); ++i)
    if (restarts_ice(record, i)) return true;
  return false;
}

std::optional<sdp::IceCredentials> credentials_of(const sdp::SessionDescription& description,
                                                  std::size_t index) {
  if (index >= description.sections.size()) return std::nullopt;
  const auto section = description.section(index);
  if (auto own = section.ice_credentials()) return own;
  const auto bundle = description.bundle();
  const auto mid = section.mid();
  if (bundle.empty() || !mid || std::ranges::find(bundle, *mid) == bundle.end())
    return std::nullopt;
  const auto tagged = description.index_of(bundle.front());
  if (!tagged || *tagged == index) return std::nullopt;
  return description.section(*tagged).ice_credentials();
}

std::string_view type_of(const Docket& docket, const DescriptionRecord& record) {
  return to_string(docket.evidence().signalling[record.signalling].type);
}

bool is_rtp(const sdp::Section& section) {
  return section.media().protocol.find("RTP/") != std::string::npos;
}

std::string name_of_section(const sdp::SessionDescription& description, std::size_t index) {
  const auto mid = description.section(index).mid();
  return mid ? fmt::format("section {} (mid {})", index, *mid) : fmt::format("section {}", index);
}

}  // namespace rtclab::judge
