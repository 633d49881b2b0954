#include "agents/peer/peer_connection.h"

#include "agents/peer/conductor.h"

#include <utility>

namespace rtclab::peer {
namespace {

std::optional<Description> text_of(const std::optional<StoredDescription>& stored) {
  if (!stored) return std::nullopt;
  return stored->text();
}
std::optional<Description> text_of(const StoredDescription* stored) {
  if (stored == nullptr) return std::nullopt;
  return stored->text();
}

}  // namespace

PeerConnection::PeerConnection(const Configuration& configuration, Rng& rng)
    : impl_{std::make_unique<Impl>(configuration, rng)} {}
PeerConnection::~PeerConnection() = default;
PeerConnection::PeerConnection(PeerConnection&&) noexcept = default;
PeerConnection& PeerConnection::operator=(PeerConnection&&) noexcept = default;

void PeerConnection::handle_input(Instant now, const Input& input) {
  impl_->handle_input(now, input);
}
void PeerConnection::handle_timeout(Instant now) {
  impl_->handle_timeout(now);
}
std::optional<Output> PeerConnection::poll_output() {
  return impl_->poll_output();
}
std::optional<Wakeup> PeerConnection::next_wakeup() const {
  return impl_->next_wakeup();
}
std::optional<Event> PeerConnection::poll_event() {
  return impl_->poll_event();
}

OperationId PeerConnection::create_offer(Instant now, OfferOptions options) {
  return impl_->create_offer(now, options);
}
OperationId PeerConnection::create_answer(Instant now) {
  return impl_->create_answer(now);
}
OperationId PeerConnection::set_local_description(Instant now,
                                                  std::optional<Description> description) {
  return impl_->set_local_description(now, std::move(description));
}
OperationId PeerConnection::set_remote_description(Instant now, Description description) {
  return impl_->set_remote_description(now, std::move(description));
}
OperationId PeerConnection::add_ice_candidate(Instant now,
                                              std::optional<IceCandidateInit> candidate) {
  return impl_->add_ice_candidate(now, std::move(candidate));
}
OperationId PeerConnection::replace_track(Instant now, TransceiverId sender,
                                          std::optional<MediaTrack> track) {
  return impl_->replace_track(now, sender, std::move(track));
}

Outcome<TransceiverId> PeerConnection::add_transceiver(Instant now, MediaKind kind,
                                                       TransceiverInit init) {
  return impl_->add_transceiver(now, kind, std::nullopt, std::move(init));
}
Outcome<TransceiverId> PeerConnection::add_transceiver(Instant now, MediaTrack track,
                                                       TransceiverInit init) {
  return impl_->add_transceiver(now, track.kind, track, std::move(init));
}
Outcome<TransceiverId> PeerConnection::add_track(Instant now, MediaTrack track,
                                                 std::vector<std::string> streams) {
  return impl_->add_track(now, track, std::move(streams));
}
Outcome<void> PeerConnection::remove_track(Instant now, TransceiverId sender) {
  return impl_->remove_track(now, sender);
}
Outcome<void> PeerConnection::set_direction(Instant now, TransceiverId transceiver,
                                            Direction direction) {
  return impl_->set_direction(now, transceiver, direction);
}
Outcome<void> PeerConnection::stop(Instant now, TransceiverId transceiver) {
  return impl_->stop(now, transceiver);
}
Outcome<void> PeerConnection::set_streams(Instant now, TransceiverId sender,
                                          std::vector<std::string> streams) {
  return impl_->set_streams(now, sender, std::move(streams));
}
Outcome<void> PeerConnection::set_codec_preferences(Instant now, TransceiverId transceiver,
                                                    std::vector<Codec> codecs) {
  return impl_->set_codec_preferences(now, transceiver, std::move(codecs));
}
void PeerConnection::restart_ice(Instant now) {
  impl_->restart_ice(now);
}
Outcome<void> PeerConnection::set_configuration(Instant now, const Configuration& configuration) {
  return impl_->set_configuration(now, configuration);
}

Outcome<ChannelId> PeerConnection::create_data_channel(Instant now, std::string label,
                                                       DataChannelInit init) {
  return impl_->create_data_channel(now, std::move(label), std::move(init));
}
Outcome<void> PeerConnection::send(Instant now, ChannelId channel, Message message) {
  return impl_->send(now, channel, std::move(message));
}
void PeerConnection::set_buffered_amount_low_threshold(ChannelId channel, std::uint64_t octets) {
  impl_->channels().set_buffered_amount_low_threshold(channel, octets);
}
void PeerConnection::close_data_channel(Instant now, ChannelId channel) {
  impl_->close_data_channel(now, channel);
}
void PeerConnection::close(Instant now) {
  impl_->close(now);
}

const Configuration& PeerConnection::configuration() const {
  return impl_->configuration();
}
SignalingState PeerConnection::signaling_state() const {
  return impl_->signaling_state();
}
IceGatheringState PeerConnection::ice_gathering_state() const {
  return impl_->ice_gathering_state();
}
IceConnectionState PeerConnection::ice_connection_state() const {
  return impl_->ice_connection_state();
}
ConnectionState PeerConnection::connection_state() const {
  return impl_->connection_state();
}
std::optional<Description> PeerConnection::pending_local_description() const {
  return text_of(impl_->descriptions().pending(Side::Local));
}
std::optional<Description> PeerConnection::current_local_description() const {
  return text_of(impl_->descriptions().current(Side::Local));
}
std::optional<Description> PeerConnection::pending_remote_description() const {
  return text_of(impl_->descriptions().pending(Side::Remote));
}
std::optional<Description> PeerConnection::current_remote_description() const {
  return text_of(impl_->descriptions().current(Side::Remote));
}
std::optional<Description> PeerConnection::local_description() const {
  return text_of(impl_->descriptions().latest(Side::Local));
}
std::optional<Description> PeerConnection::remote_description() const {
  return text_of(impl_->descriptions().latest(Side::Remote));
}
std::optional<bool> PeerConnection::can_trickle_ice_candidates() const {
  return impl_->can_trickle();
}
std::vector<TransceiverInfo> PeerConnection::transceivers() const {
  std::vector<TransceiverInfo> infos;
  for (const auto& each : impl_->transceivers().all()) infos.push_back(each.info());
  return infos;
}
std::optional<TransceiverInfo> PeerConnection::transceiver(TransceiverId id) const {
  const auto* const found = impl_->transceivers().find(id);
  if (found == nullptr) return std::nullopt;
  return found->info();
}
std::vector<TransportInfo> PeerConnection::transports() const {
  return impl_->transport_infos();
}
std::optional<DataChannelState> PeerConnection::data_channel_state(ChannelId channel) const {
  return impl_->channels().state(channel);
}
std::optional<std::uint16_t> PeerConnection::data_channel_stream(ChannelId channel) const {
  return impl_->channels().stream(channel);
}
std::uint64_t PeerConnection::buffered_amount(ChannelId channel) const {
  return impl_->channels().buffered_amount(channel);
}
StatsReport PeerConnection::stats() const {
  return impl_->stats();
}

}  // namespace rtclab::peer
