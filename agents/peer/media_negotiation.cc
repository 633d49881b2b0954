// What an offered and an answered section leave: RFC 9429 §5.10 and §5.11.
#include "agents/peer/media_negotiation.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

Error breaks(const std::string& what, Rule rule) {
  return Error::invalid_access(what + " (" + rule.to_string() + ")");
}

// Those of `own` that the other side has too, each with the feedback that both know for it (RFC
// 4585 §4.2, RFC 9429 §5.11).
std::vector<Format> common_formats(const std::vector<Format>& own,
                                   const std::vector<Format>& others) {
  std::vector<Format> common;
  for (const auto& format : own) {
    const auto* const other = counterpart(format, own, others);
    if (other == nullptr) continue;
    auto& agreed = common.emplace_back(format);
    std::erase_if(agreed.codec.feedback, [&](const std::string& mechanism) {
      return std::ranges::count(other->codec.feedback, mechanism) == 0;
    });
  }
  return common;
}

std::optional<Error> check_formats(const MediaSection& offer, const MediaSection& answer) {
  const auto common = common_formats(answer.formats, offer.formats);
  if (std::ranges::any_of(common, [](const Format& f) { return !is_auxiliary(f.codec); })) {
    return std::nullopt;
  }
  return breaks("the answer has no format of the offer", {3264, "6.1"});
}

std::optional<Error> check_direction(const MediaSection& offer, const MediaSection& answer) {
  const auto allowed = reversed(offer.direction);
  if (intersection(answer.direction, allowed) == answer.direction) return std::nullopt;
  return breaks("the answer says " + std::string{to_string(answer.direction)} + " to an offer of " +
                    std::string{to_string(offer.direction)},
                {3264, "6.1"});
}

// RFC 9429 §5.11: a mechanism counts as offered when any format of the section has it.
std::optional<Error> check_feedback(const MediaSection& offer, const MediaSection& answer) {
  for (const auto& format : answer.formats) {
    for (const auto& mechanism : format.codec.feedback) {
      const auto has_it = [&](const Format& offered) {
        return std::ranges::find(offered.codec.feedback, mechanism) != offered.codec.feedback.end();
      };
      if (std::ranges::any_of(offer.formats, has_it)) continue;
      return breaks("the answer has a=rtcp-fb " + mechanism + ", which the offer has not",
                    {9429, "5.11"});
    }
  }
  return std::nullopt;
}

// RFC 8285 §5. New extensions are allowed (RFC 9429 §5.11), new meanings are not.
std::optional<Error> check_extensions(const MediaSection& offer, const MediaSection& answer) {
  for (const auto& map : answer.header_extensions) {
    const auto other = std::ranges::find(offer.header_extensions, map.id, &sdp::ExtMap::id);
    if (other == offer.header_extensions.end() || other->uri == map.uri) continue;
    return breaks("the answer gives a=extmap id " + std::to_string(map.id) + " another meaning",
                  {8285, "5"});
  }
  return std::nullopt;
}

std::optional<Error> check_rtcp(const MediaSection& offer, const MediaSection& answer) {
  if (!answer.rtcp_mux || offer.rtcp_mux) return std::nullopt;
  return breaks("the answer has a=rtcp-mux, which the offer has not", {5761, "5.1.1"});
}

// An extension is in use when both have it under an id that the answer settles.
std::vector<sdp::ExtMap> agreed_extensions(const MediaSection& local, const MediaSection& remote,
                                           const MediaSection& answer) {
  constexpr auto kAll = sdp::Direction::SendRecv;
  std::vector<sdp::ExtMap> agreed;
  for (const auto& own : local.header_extensions) {
    const auto theirs = std::ranges::find(remote.header_extensions, own.uri, &sdp::ExtMap::uri);
    if (theirs == remote.header_extensions.end()) continue;
    const auto settled = std::ranges::find(answer.header_extensions, own.uri, &sdp::ExtMap::uri);
    const auto direction =
        intersection(own.direction.value_or(kAll), reversed(theirs->direction.value_or(kAll)));
    if (direction == sdp::Direction::Inactive) continue;
    agreed.push_back({.id = settled->id, .direction = direction, .uri = own.uri});
  }
  return agreed;
}

Encodings encodings_of(const MediaSection& media) {
  return {media.rids, media.simulcast};
}

}  // namespace

Outcome<NegotiatedMedia> negotiate_media(const MediaSection& local, const MediaSection& remote,
                                         Side offerer) {
  const auto& offer = offerer == Side::Local ? local : remote;
  const auto& answer = offerer == Side::Local ? remote : local;
  for (const auto check :
       {check_formats, check_direction, check_feedback, check_extensions, check_rtcp}) {
    if (auto error = check(offer, answer)) return reject(std::move(*error));
  }

  NegotiatedMedia media;
  media.direction = intersection(local.direction, reversed(remote.direction));
  media.send = common_formats(remote.formats, local.formats);
  media.receive = common_formats(local.formats, remote.formats);
  media.header_extensions = agreed_extensions(local, remote, answer);
  if (sends(media.direction)) {
    media.send_rids = agreed_rids(encodings_of(local), encodings_of(remote));
  }
  if (receives(media.direction)) {
    media.receive_rids = agreed_rids(encodings_of(remote), encodings_of(local));
  }
  media.reduced_size_rtcp = offer.rtcp_rsize && answer.rtcp_rsize;
  return media;
}

std::optional<Error> check_bundled(std::span<const MediaSection> sections) {
  std::vector<Format> formats;
  std::vector<sdp::ExtMap> extensions;
  for (const auto& section : sections) {
    for (const auto& format : section.formats) {
      const auto other = std::ranges::find(formats, format.type, &Format::type);
      if (other == formats.end()) {
        formats.push_back(format);
      } else if (!matches(other->codec, format.codec) || other->carries != format.carries) {
        return breaks("payload type " + to_string(format.type) +
                          " stands for two formats in one BUNDLE group",
                      {9143, "9.1.1"});
      }
    }
    for (const auto& map : section.header_extensions) {
      const auto other = std::ranges::find(extensions, map.id, &sdp::ExtMap::id);
      if (other == extensions.end()) {
        extensions.push_back(map);
      } else if (other->uri != map.uri) {
        return breaks("a=extmap id " + std::to_string(map.id) +
                          " stands for two extensions in one BUNDLE group",
                      {9143, "12"});
      }
    }
  }
  return std::nullopt;
}

}  // namespace rtclab::peer
