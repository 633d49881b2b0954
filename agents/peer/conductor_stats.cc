// What can be asked of a connection: its transports as objects, and getStats().
// Spec: W3C webrtc-pc §5.5, §5.6, §6.1 and §8; W3C webrtc-stats.
#include "agents/peer/conductor.h"
#include "agents/peer/media_stats.h"
#include "agents/peer/stats_objects.h"

#include <algorithm>
#include <set>
#include <utility>

namespace rtclab::peer {
namespace {

std::string id_of(const Transport& transport) {
  return "T" + std::to_string(transport.id().value());
}

std::string_view role_of(const Transport& transport) {
  if (!transport.dtls_role()) return "unknown";
  return to_string(*transport.dtls_role());
}

ice::GatheringState gathering_of(const Transport& transport) {
  const bool gathers =
      std::ranges::any_of(transport.sessions(), [](const auto& each) { return !each.local_ended; });
  return gathers ? ice::GatheringState::Gathering : ice::GatheringState::Complete;
}

std::string_view sctp_state_of(const Channels& channels) {
  const auto* const association = channels.current().association();
  if (association == nullptr) return "connecting";
  switch (association->state()) {
    case sctp::State::Established: return "connected";
    case sctp::State::CookieWait:
    case sctp::State::CookieEchoed: return "connecting";
    default: return "closed";
  }
}

// A candidate stands in the report once, though many pairs may have it.
class Objects {
 public:
  explicit Objects(StatsReport& report) : report_{&report} {}
  void add(Stats stats) {
    if (known_.insert(stats.id).second) report_->stats.push_back(std::move(stats));
  }

 private:
  StatsReport* report_;
  std::set<std::string> known_;
};

void add_pairs(Objects& objects, const Transport& transport, const ice::Agent& ice) {
  const auto id = id_of(transport);
  for (const auto& session : transport.sessions()) {
    const auto name = std::to_string(session.stream.value());
    const auto& ufrag = ice.local_credentials(session.stream).ufrag;
    for (const auto& candidate : ice.local_candidates(session.stream))
      objects.add(candidate_stats(CandidateSide::Local, name, id, candidate, ufrag));
    const auto remote = session.remote ? session.remote->ufrag : std::string{};
    for (const auto& pair : ice.pairs(session.stream)) {
      objects.add(candidate_stats(CandidateSide::Local, name, id, pair.local, ufrag));
      objects.add(candidate_stats(CandidateSide::Remote, name, id, pair.remote, remote));
      objects.add(pair_stats(name, id, pair));
    }
  }
}

Stats transport_stats(const Transport& transport, const ice::Agent& ice, bool role_known,
                      const dtls::Certificate& certificate) {
  const auto states = transport.states();
  const auto& counters = transport.counters();
  Stats stats{.id = id_of(transport),
              .type = "transport",
              .members = {{"packetsSent", counters.packets_sent},
                          {"packetsReceived", counters.packets_received},
                          {"bytesSent", counters.bytes_sent},
                          {"bytesReceived", counters.bytes_received},
                          {"iceRole", std::string{role_known ? to_string(ice.role()) : "unknown"}},
                          {"iceLocalUsernameFragment", transport.local_credentials().ufrag},
                          {"iceState", std::string{to_string(states.ice)}},
                          {"dtlsState", std::string{to_string(states.dtls)}},
                          {"dtlsRole", std::string{role_of(transport)}},
                          {"localCertificateId", certificate_id(certificate.fingerprint())},
                          {"selectedCandidatePairChanges", counters.selected_pair_changes}}};
  if (const auto pair = transport.selected_pair())
    stats.members.push_back({"selectedCandidatePairId", pair_id(*pair)});
  if (const auto& association = transport.association()) {
    // webrtc-stats §8.16: the version as it stands in the handshake, in hexadecimal.
    if (association->version == "DTLSv1.2")
      stats.members.push_back({"tlsVersion", std::string{"FEFD"}});
    stats.members.push_back({"dtlsCipher", association->cipher_suite});
    if (!association->srtp_profile.empty())
      stats.members.push_back({"srtpCipher", association->srtp_profile});
  }
  return stats;
}

void add_media(Objects& objects, const std::string& transport, const media::Statistics& media,
               const Transceivers& transceivers) {
  // The track that the receiver, or the sender, of this section has.
  const auto names = [&](const std::string& mid, bool received) -> StreamNames {
    const auto& all = transceivers.all();
    const auto found = std::ranges::find(all, std::optional{mid}, &Transceiver::mid);
    if (found == all.end()) return {transport, {}};
    if (received) return {transport, found->remote_track};
    return {transport, found->track ? found->track->id : std::string{}};
  };
  for (const auto& stream : media.inbound) {
    for (auto& each : inbound_stats(stream, names(stream.mid, true))) objects.add(std::move(each));
  }
  for (const auto& stream : media.outbound) {
    for (auto& each : outbound_stats(stream, names(stream.mid, false)))
      objects.add(std::move(each));
  }
  for (const auto& source : media.media_sources)
    objects.add(media_source_stats(source, names(source.mid, false)));
}

Stats channel_stats(ChannelId id, const Channels& channels) {
  const auto& channel = *channels.find(id);
  const auto counters = channels.counters(id);
  Stats stats{.id = "D" + std::to_string(id.value()),
              .type = "data-channel",
              .members = {{"label", channel.label},
                          {"protocol", channel.init.protocol},
                          {"state", std::string{to_string(*channels.state(id))}},
                          {"messagesSent", counters.messages_sent},
                          {"bytesSent", counters.bytes_sent},
                          {"messagesReceived", counters.messages_received},
                          {"bytesReceived", counters.bytes_received}}};
  if (const auto stream = channels.stream(id))
    stats.members.push_back({"dataChannelIdentifier", std::uint64_t{*stream}});
  return stats;
}

}  // namespace

std::vector<TransportInfo> PeerConnection::Impl::transport_infos() const {
  std::vector<TransportInfo> infos;
  const auto* const local = descriptions_.latest(Side::Local);
  for (const auto& transport : transports_.all()) {
    const auto states = transport.states();
    TransportInfo info{.ice_state = states.ice,
                       .gathering_state = gathering_of(transport),
                       .local_parameters = transport.local_credentials(),
                       .remote_parameters = transport.session().remote,
                       .dtls_state = states.dtls,
                       .dtls_role = role_of(transport)};
    if (ice_role_known_) info.ice_role = ice_.role();
    if (const auto pair = transport.selected_pair())
      info.selected_pair = {pair->local, pair->remote};
    if (sctp_transport_ == transport.id()) info.sctp_state = sctp_state_of(channels_);
    for (std::size_t i = 0; local != nullptr && i < local->sdp.sections.size(); ++i) {
      const auto mid = local->sdp.section(i).mid();
      if (transports_.of_section(i) == &transport && mid) info.mids.push_back(*mid);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

StatsReport PeerConnection::Impl::stats() const {
  StatsReport report;
  Objects objects{report};
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  for (std::uint32_t n = 1; n <= channels_.count(); ++n) {
    const auto state = *channels_.state(ChannelId{n});
    const bool was_open = channels_.was_open(ChannelId{n});
    opened += was_open ? 1 : 0;
    closed += was_open && state == DataChannelState::Closed ? 1 : 0;
  }
  objects.add({.id = "P",
               .type = "peer-connection",
               .members = {{"dataChannelsOpened", opened}, {"dataChannelsClosed", closed}}});
  objects.add(certificate_stats(certificate_));
  for (const auto& transport : transports_.all()) {
    objects.add(transport_stats(transport, ice_, ice_role_known_, certificate_));
    add_pairs(objects, transport, ice_);
  }
  for (const auto& transceiver : transceivers_.all()) {
    const auto* const transport =
        transceiver.section ? transports_.of_section(*transceiver.section) : nullptr;
    if (transport == nullptr || !transceiver.negotiated) continue;
    for (const auto& format : transceiver.negotiated->send)
      objects.add(codec_stats("O", id_of(*transport), transceiver.kind, format));
    for (const auto& format : transceiver.negotiated->receive)
      objects.add(codec_stats("I", id_of(*transport), transceiver.kind, format));
  }
  for (const auto& transport : transports_.all()) {
    if (transport.media() != nullptr)
      add_media(objects, id_of(transport), transport.media()->session().statistics(),
                transceivers_);
  }
  for (std::uint32_t n = 1; n <= channels_.count(); ++n)
    objects.add(channel_stats(ChannelId{n}, channels_));
  const double timestamp =
      std::chrono::duration<double, std::milli>(now_.time_since_epoch()).count();
  for (auto& each : report.stats) each.timestamp = timestamp;
  return report;
}

}  // namespace rtclab::peer
