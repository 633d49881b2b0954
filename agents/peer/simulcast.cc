#include "agents/peer/simulcast.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rtclab::peer {
namespace {

using sdp::Rid;
using sdp::RidDirection;
using sdp::Simulcast;

// RFC 8851 §5: what an encoder can be held to. Of these "depend" would need layers across streams.
constexpr std::array<std::string_view, 7> kRestrictions{
    "max-width", "max-height", "max-fps", "max-fs", "max-br", "max-pps", "max-bpp"};

const Rid* find_rid(std::span<const Rid> rids, std::string_view id, RidDirection direction) {
  const auto found = std::ranges::find_if(
      rids, [&](const Rid& rid) { return rid.id == id && rid.direction == direction; });
  return found == rids.end() ? nullptr : &*found;
}

bool is_supported(const Rid& rid) {
  return std::ranges::all_of(rid.restrictions, [](const Rid::Restriction& restriction) {
    return std::ranges::find(kRestrictions, restriction.name) != kRestrictions.end();
  });
}

bool contains(std::span<const std::string> rids, const std::string& id) {
  return std::ranges::find(rids, id) != rids.end();
}

// RFC 8851 §6.3: the direction turns, pt= keeps what the answer has; nullopt when that is nothing.
std::optional<Rid> answered(Rid rid, std::span<const Format> formats) {
  const bool restricted = !rid.formats.empty();
  std::erase_if(rid.formats, [&](sdp::PayloadType type) {
    return std::ranges::find(formats, type, &Format::type) == formats.end();
  });
  if (restricted && rid.formats.empty()) return std::nullopt;
  rid.direction = rid.direction == RidDirection::Send ? RidDirection::Recv : RidDirection::Send;
  return rid;
}

// The a=rid lines for those alternatives of the offered streams that `wanted` says yes to.
template <class Wanted>
std::vector<Simulcast::Stream> answer_streams(const std::vector<Simulcast::Stream>& offered,
                                              Encodings& answer, Wanted wanted) {
  std::vector<Simulcast::Stream> streams;
  for (const auto& stream : offered) {
    Simulcast::Stream kept;
    for (const auto& alternative : stream) {
      auto rid = wanted(alternative, kept);
      if (!rid) continue;
      answer.rids.push_back(std::move(*rid));
      // RFC 8853 §5.3.2: not paused, for we offer no pausing (RFC 7728).
      kept.push_back({alternative.rid, false});
    }
    if (!kept.empty()) streams.push_back(std::move(kept));
  }
  return streams;
}

}  // namespace

Encodings offer_encodings(std::span<const std::string> rids) {
  Encodings encodings;
  for (const auto& id : rids) encodings.rids.push_back({.id = id});
  if (rids.size() < 2) return encodings;
  encodings.simulcast.emplace();
  for (const auto& id : rids) encodings.simulcast->send.push_back({{id}});
  return encodings;
}

Encodings answer_encodings(const Encodings& offered, std::span<const std::string> own,
                           SimulcastReceipt receipt, std::span<const Format> formats) {
  Encodings answer;
  if (!offered.simulcast) return answer;
  Simulcast simulcast;
  simulcast.send = answer_streams(
      offered.simulcast->recv, answer,
      [&](const Simulcast::Alternative& alternative,
          const Simulcast::Stream& kept) -> std::optional<Rid> {
        const auto* const rid = find_rid(offered.rids, alternative.rid, RidDirection::Recv);
        if (rid == nullptr || !kept.empty() || !contains(own, rid->id) || !is_supported(*rid)) {
          return std::nullopt;
        }
        return answered(*rid, formats);
      });
  simulcast.recv = answer_streams(offered.simulcast->send, answer,
                                  [&](const Simulcast::Alternative& alternative,
                                      const Simulcast::Stream&) -> std::optional<Rid> {
                                    const auto* const rid =
                                        find_rid(offered.rids, alternative.rid, RidDirection::Send);
                                    if (rid == nullptr || receipt == SimulcastReceipt::Refuse)
                                      return std::nullopt;
                                    return answered(*rid, formats);
                                  });
  if (!answer.rids.empty()) answer.simulcast = std::move(simulcast);
  return answer;
}

std::vector<std::string> agreed_rids(const Encodings& sender, const Encodings& receiver) {
  const auto is_agreed = [&](const std::string& id) {
    return find_rid(sender.rids, id, RidDirection::Send) != nullptr &&
           find_rid(receiver.rids, id, RidDirection::Recv) != nullptr;
  };
  std::vector<std::string> rids;
  if (!sender.simulcast || !receiver.simulcast) {
    if (sender.rids.size() == 1 && is_agreed(sender.rids[0].id)) rids.push_back(sender.rids[0].id);
    return rids;
  }
  for (const auto& wanted : receiver.simulcast->recv) {
    const auto first = std::ranges::find_if(wanted, [&](const Simulcast::Alternative& alternative) {
      return is_agreed(alternative.rid);
    });
    if (first != wanted.end() && !first->paused) rids.push_back(first->rid);
  }
  return rids;
}

}  // namespace rtclab::peer
