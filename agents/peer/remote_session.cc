#include "agents/peer/remote_session.h"

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
  return transport;
}

Outcome<void> check_sections(const sdp::SessionDescription& before,
                             const sdp::SessionDescription& after) {
  for (std::size_t i = 0; i < before.sections.size(); ++i) {
    const auto old_one = before.section(i);
    const auto new_one = after.section(i);
    if (old_one.is_rejected()) continue;  // may be used for something else: RFC 9429 §5.2.2
    if (old_one.media().kind != new_one.media().kind)
      return bad_section(i, "the kind of media has changed");
    if (old_one.mid() && new_one.mid() && old_one.mid() != new_one.mid())
      return bad_section(i, "a=mid has changed");
  }
  return {};
}

}  // namespace

std::size_t transport_section(const sdp::SessionDescription& description, std::size_t index) {
  const auto section = description.section(index);
  if (section.ice_credentials()) return index;
  const auto bundle = description.bundle();
  const auto mid = section.mid();
  if (!mid || std::ranges::find(bundle, *mid) == bundle.end()) return index;
  for (const auto& member : bundle) {
    const auto at = description.index_of(member);
    if (at && description.section(*at).ice_credentials()) return *at;
  }
  return index;
}

Outcome<RemoteSession> read_remote(SdpType type, const sdp::SessionDescription& description) {
  RemoteSession session{.ice_lite = description.ice_lite(), .data = std::nullopt};
  for (std::size_t i = 0; i < description.sections.size() && !session.data; ++i) {
    const auto section = description.section(i);
    if (!section.is_data_channel() || section.is_rejected()) continue;
    auto transport = read_transport(type, description, transport_section(description, i));
    if (!transport) return reject(std::move(transport.error()));
    RemoteData data{.section = i, .transport = std::move(*transport)};
    if (const auto port = section.sctp_port()) data.sctp_port = *port;
    if (const auto size = section.max_message_size()) data.max_message_size = *size;
    session.data = std::move(data);
  }
  return session;
}

Outcome<void> check_answers(const sdp::SessionDescription& offer,
                            const sdp::SessionDescription& answer) {
  if (offer.sections.size() != answer.sections.size()) {
    return reject(Error::invalid_access("the answer has " + std::to_string(answer.sections.size()) +
                                        " sections, the offer has " +
                                        std::to_string(offer.sections.size()) + " (RFC 3264 §6)"));
  }
  return check_sections(offer, answer);
}

Outcome<void> check_continues(const sdp::SessionDescription& current,
                              const sdp::SessionDescription& offer) {
  if (offer.sections.size() < current.sections.size()) {
    return reject(
        Error::invalid_access("the offer has fewer sections than were negotiated (RFC 3264 §8)"));
  }
  return check_sections(current, offer);
}

}  // namespace rtclab::peer
