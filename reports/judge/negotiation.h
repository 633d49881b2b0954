// Offers, answers, and what was in force when each was made.
//
// Spec: RFC 3264 §4 and §8 (one answer for each offer; what a later offer has to keep), RFC 9429
// §4.1.10 (rollback), §5.2.2 (subsequent offers). Everything from the signalling: an offer that
// nobody answered before its author answered or offered again came to nothing. Evidence may hold
// more than one call: each pair of peers that signal to each other negotiates for itself.
#pragma once

#include "reports/judge/docket.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

class Negotiation {
 public:
  // `docket` outlives this object.
  explicit Negotiation(const Docket& docket);

  struct Exchange {
    const DescriptionRecord* offer;
    const DescriptionRecord* answer;  // the final one; nullptr: it came to nothing, or not yet
  };
  [[nodiscard]] const std::vector<Exchange>& exchanges() const { return exchanges_; }

  // The answer came when its offer had been taken back: the offerer had answered the other side's
  // meanwhile. In glare without a pattern both do so, and neither answer can be set.
  [[nodiscard]] bool crossed(const Exchange& exchange) const;

  // Of an answer or provisional answer; nullptr when the offer is not in the evidence.
  [[nodiscard]] const DescriptionRecord* offer_of(const DescriptionRecord& answer) const;
  // Its author's description in the last exchange that was complete by then; nullptr before the
  // first.
  [[nodiscard]] const DescriptionRecord* own_before(const DescriptionRecord& record) const;
  // The other side's in the same exchange.
  [[nodiscard]] const DescriptionRecord* theirs_before(const DescriptionRecord& record) const;

  // Both are of one call: the same two peers told them each other.
  [[nodiscard]] bool same_call(const DescriptionRecord& a, const DescriptionRecord& b) const;

  // The credentials under which its author's ICE ran for section `index` by then: of a section that
  // the last exchange bundled, those of the section that the answer tagged (RFC 9143 §7.1.3), so
  // that another tag alone changes nothing. nullopt before the first exchange.
  [[nodiscard]] std::optional<sdp::IceCredentials> running_credentials(
      const DescriptionRecord& record, std::size_t index) const;
  // Whether the description begins another generation of ICE for its section `index` (RFC 8839
  // §4.4.1.1.1); false where it, or what was in force, says nothing of ICE there.
  [[nodiscard]] bool restarts_ice(const DescriptionRecord& record, std::size_t index) const;
  // For any of its sections.
  [[nodiscard]] bool restarts_ice(const DescriptionRecord& record) const;

  [[nodiscard]] const evidence::SignallingMessage& message(const DescriptionRecord& record) const;
  [[nodiscard]] bool is_offer(const DescriptionRecord& record) const;
  [[nodiscard]] bool is_answer(const DescriptionRecord& record) const;  // a final one

 private:
  [[nodiscard]] const Exchange* complete_before(const DescriptionRecord& record) const;
  // Among the exchanges so far.
  [[nodiscard]] const DescriptionRecord* find_offer_of(const DescriptionRecord& answer) const;

  const Docket& docket_;
  std::vector<Exchange> exchanges_;                         // by the offer's time
  std::map<std::size_t, const DescriptionRecord*> offers_;  // of each answer, by its place
};

// A section's credentials, or those of the section that its BUNDLE group is tagged with (RFC 9143
// §7.1.3).
[[nodiscard]] std::optional<sdp::IceCredentials> credentials_of(
    const sdp::SessionDescription& description, std::size_t index);

// "offer", "answer", as words in a finding.
[[nodiscard]] std::string_view type_of(const Docket& docket, const DescriptionRecord& record);

// Whether a section says RTP.
[[nodiscard]] bool is_rtp(const sdp::Section& section);

// "section 0 (mid 1)".
[[nodiscard]] std::string name_of_section(const sdp::SessionDescription& description,
                                          std::size_t index);

// Calls f(record, description, index, section) for each section that is not refused.
template <class F>
void for_each_section(const Docket& docket, F f) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto section = description.section(i);
      if (!section.is_rejected()) f(record, description, i, section);
    }
  }
}

// A description whose author has another one in force.
struct Successor {
  const Negotiation& negotiation;
  const DescriptionRecord& record;
  const sdp::SessionDescription& before;
  const sdp::SessionDescription& now;  // the record's
};

// Calls f(successor) for each of them.
template <class F>
void for_each_successor(const Docket& docket, F f) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    if (const auto* const own = negotiation.own_before(record))
      f(Successor{negotiation, record, own->reading.description, record.reading.description});
  }
}

// Calls f(successor, index) for each section that has its mid still and is not refused.
template <class F>
void for_each_kept_section(const Docket& docket, F f) {
  for_each_successor(docket, [&](const Successor& s) {
    for (std::size_t i = 0; i < std::min(s.before.sections.size(), s.now.sections.size()); ++i) {
      const bool is_kept = s.before.section(i).mid() == s.now.section(i).mid();
      if (is_kept && !s.now.section(i).is_rejected()) f(s, i);
    }
  });
}

// Calls f(offer, answer, offered, answered) for each final answer whose offer is in the evidence.
template <class F>
void for_each_answer(const Docket& docket, F f) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    if (!negotiation.is_answer(record)) continue;
    if (const auto* const offer = negotiation.offer_of(record))
      f(*offer, record, offer->reading.description, record.reading.description);
  }
}

// Calls f(answer, index, offered, answered) for each section of an answer that has one in the
// offer.
template <class F>
void for_each_answered_section(const Docket& docket, F f) {
  for_each_answer(docket, [&](const DescriptionRecord&, const DescriptionRecord& answer,
                              const auto& offered, const auto& answered) {
    const auto count = std::min(offered.sections.size(), answered.sections.size());
    for (std::size_t i = 0; i < count; ++i) f(answer, i, offered.section(i), answered.section(i));
  });
}

}  // namespace rtclab::judge
