#include "agents/peer/remote_session.h"

#include "agents/peer/media_negotiation.h"
#include "agents/sdp/grammar.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

auto bad_section(std::size_t index, std::string_view why) {
  return reject(
      Error::invalid_access("section " + std::to_string(index) + ": " + std::string{why}));
}

// RFC 8842 §5.2 and §5.3.
bool is_setup_for(SdpType type, sdp::Setup setup) {
  switch (setup) {
    case sdp::Setup::Active:
    case sdp::Setup::Passive: return true;
    case sdp::Setup::ActPass: return type == SdpType::Offer;
    case sdp::Setup::HoldConn: return false;
  }
  __builtin_unreachable();
}

Outcome<RemoteTransport> read_transport(SdpType type, const sdp::SessionDescription& description,
                                        std::size_t index) {
  const auto section = description.section(index);
  const auto credentials = section.ice_credentials();
  if (!credentials)
    return bad_section(index, "a=ice-ufrag and a=ice-pwd are required (RFC 8839 §4.2.1.1)");
  const auto fingerprints = section.fingerprints();
  if (fingerprints.empty()) return bad_section(index, "a=fingerprint is required (RFC 8842 §5.1)");
  const auto setup = section.setup();
  if (!setup) return bad_section(index, "a=setup is required (RFC 8842 §5.1)");
  if (!is_setup_for(type, *setup)) {
    return bad_section(index, "a=setup:" + std::string{to_string(*setup)} +
                                  " is not allowed in this " + std::string{to_string(type)} +
                                  " (RFC 8842 §5.3)");
  }
  RemoteTransport transport{.credentials = {credentials->ufrag, credentials->pwd},
                            .fingerprints = {},
                            .setup = *setup,
                            .tls_id = std::nullopt};
  for (const auto& each : fingerprints)
    transport.fingerprints.push_back({each.algorithm, each.value});
  if (const auto id = description.sections[index].attribute("tls-id"))
    transport.tls_id.emplace(*id);
  if (description.ice_lite()) transport.options.level = ice::Level::Lite;
  transport.options.renomination = section.has_ice_option("renomination");
  return transport;
}

Outcome<MediaSection> read_media_section(const sdp::SessionDescription& description,
                                         std::size_t index, std::size_t speaker) {
  const auto tagged = description.section(speaker);
  auto media = read_media(description.section(index), &tagged);
  if (!media) return reject(std::move(media.error()));
  // The policy is "require", always.
  if (!media->rtcp_mux) return bad_section(index, "a=rtcp-mux is required (RFC 9429 §5.8.3)");
  return media;
}

Outcome<RemoteSection> read_section(SdpType type, const sdp::SessionDescription& description,
                                    std::size_t index) {
  const auto section = description.section(index);
  RemoteSection read{.mid = section.mid(), .rejected = section.is_rejected()};
  read.speaker = transport_section(description, index, type != SdpType::Offer);
  if (read.rejected || (!section.is_data_channel() && !is_media(section))) return read;
  auto transport = read_transport(type, description, read.speaker);
  if (!transport) return reject(std::move(transport.error()));
  read.transport = std::move(*transport);
  if (section.is_data_channel()) {
    auto& data = read.data.emplace();
    if (const auto port = section.sctp_port()) data.sctp_port = *port;
    if (const auto size = section.max_message_size()) data.max_message_size = *size;
    return read;
  }
  auto media = read_media_section(description, index, read.speaker);
  if (!media) return reject(std::move(media.error()));
  read.media = std::move(*media);
  return read;
}

// RFC 9143 §9.1.1 and §12: within a group, numbers mean one thing.
Outcome<void> check_groups(const RemoteSession& session) {
  for (std::size_t group = 0; group < session.groups.size(); ++group) {
    std::vector<MediaSection> bundled;
    for (const auto& section : session.sections) {
      if (section.media && group_of(session.groups, section.mid) == group)
        bundled.push_back(*section.media);
    }
    if (auto error = check_bundled(bundled)) return reject(std::move(*error));
  }
  return {};
}

// kbit/s (RFC 8866 §5.8). RFC 9429 §5.11: AS means nothing at the session level.
std::optional<std::uint64_t> total_bitrate(const sdp::SessionDescription& description) {
  for (const auto& line : description.session.lines) {
    std::string_view value = line.value;
    if (line.type != 'b' || sdp::take_until(value, ':') != "CT") continue;
    if (const auto number = sdp::parse_number<std::uint32_t>(value))
      return std::uint64_t{*number} * 1000;
  }
  return std::nullopt;
}

Outcome<void> check_same(std::size_t index, const sdp::Section& before, const sdp::Section& after) {
  if (before.media().kind != after.media().kind)
    return bad_section(index, "the kind of media has changed");
  if (before.mid() && after.mid() && before.mid() != after.mid())
    return bad_section(index, "a=mid has changed");
  return {};
}

}  // namespace

std::optional<std::size_t> RemoteSession::data_section() const {
  const auto found = std::ranges::find_if(
      sections, [](const RemoteSection& each) { return each.data.has_value(); });
  if (found == sections.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sections.begin());
}

Outcome<RemoteSession> read_remote(SdpType type, const sdp::SessionDescription& description) {
  RemoteSession session{
      .ice_lite = description.ice_lite(), .sections = {}, .groups = bundle_groups(description)};
  session.max_bitrate = total_bitrate(description);
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    auto section = read_section(type, description, i);
    if (!section) return reject(std::move(section.error()));
    session.sections.push_back(std::move(*section));
    session.trickles |= description.section(i).has_ice_option("trickle");
  }
  if (auto fits = check_groups(session); !fits) return reject(std::move(fits.error()));
  return session;
}

Outcome<void> check_answers(const sdp::SessionDescription& offer,
                            const sdp::SessionDescription& answer) {
  if (offer.sections.size() != answer.sections.size()) {
    return reject(Error::invalid_access("the answer has " + std::to_string(answer.sections.size()) +
                                        " sections, the offer has " +
                                        std::to_string(offer.sections.size()) + " (RFC 3264 §6)"));
  }
  const auto offered = bundle_groups(offer);
  const auto answered = bundle_groups(answer);
  for (std::size_t i = 0; i < offer.sections.size(); ++i) {
    const auto of_offer = offer.section(i);
    const auto of_answer = answer.section(i);
    if (auto same = check_same(i, of_offer, of_answer); !same) return same;
    if (of_answer.is_rejected()) continue;
    if (of_offer.media().protocol != of_answer.media().protocol)
      return bad_section(i, "the protocol is not the offered one (RFC 9429 §5.8.3)");
    if (of_offer.is_rejected()) return bad_section(i, "it was offered as rejected (RFC 3264 §8.2)");
    if (group_of(answered, of_answer.mid()) && !group_of(offered, of_answer.mid()))
      return bad_section(i, "it is bundled, but was not offered so (RFC 9143 §7.4)");
  }
  return {};
}

Outcome<void> check_continues(const sdp::SessionDescription& current,
                              const sdp::SessionDescription* other,
                              const sdp::SessionDescription& offer) {
  if (offer.sections.size() < current.sections.size()) {
    return reject(
        Error::invalid_access("the offer has fewer sections than were negotiated (RFC 3264 §8)"));
  }
  for (std::size_t i = 0; i < current.sections.size(); ++i) {
    const auto before = current.section(i);
    const bool rejected = before.is_rejected() || (other != nullptr && i < other->sections.size() &&
                                                   other->section(i).is_rejected());
    if (rejected) continue;  // RFC 9429 §5.2.2: may be used for something else
    if (auto same = check_same(i, before, offer.section(i)); !same) return same;
  }
  return {};
}

}  // namespace rtclab::peer
