// The calls that join the operations chain: W3C webrtc-pc §4.4.1.2 and §4.4.2.
#include "agents/peer/conductor.h"

#include <utility>

namespace rtclab::peer {
namespace {

Settlement to_settlement(Outcome<void> outcome) {
  if (!outcome) return std::move(outcome.error());
  return std::monostate{};
}
Settlement to_settlement(Outcome<Description> outcome) {
  if (!outcome) return std::move(outcome.error());
  return std::move(*outcome);
}

std::vector<Field> fields_of(const Description& description) {
  return {{"type", std::string{to_string(description.type)}}, {"sdp", description.sdp}};
}

}  // namespace

void PeerConnection::Impl::settle(OperationId id, std::string method, Settlement outcome) {
  emit(OperationSettled{id, std::move(method), std::move(outcome)});
}

OperationId PeerConnection::Impl::reject_now(Instant now, std::string method, Error error) {
  now_ = now;
  const auto id = chain_.draw_id();
  settle(id, std::move(method), std::move(error));
  return id;
}

OperationId PeerConnection::Impl::chain(Instant now, std::string method,
                                        std::vector<Field> arguments,
                                        std::function<Settlement()> run) {
  now_ = now;
  trace_call(method, std::move(arguments));
  if (closed_)
    return reject_now(now, std::move(method), Error::invalid_state("the connection is closed"));
  return chain_.append(std::move(method), std::move(run));
}

OperationId PeerConnection::Impl::create_offer(Instant now, OfferOptions options) {
  std::vector<Field> arguments;
  if (options.ice_restart) arguments.push_back({"ice_restart", true});
  return chain(now, "createOffer", std::move(arguments),
               [this, options] { return to_settlement(make_offer(options)); });
}

OperationId PeerConnection::Impl::create_answer(Instant now) {
  return chain(now, "createAnswer", {}, [this] { return to_settlement(make_answer()); });
}

OperationId PeerConnection::Impl::set_local_description(Instant now,
                                                        std::optional<Description> description) {
  auto arguments = description ? fields_of(*description) : std::vector<Field>{};
  return chain(now, "setLocalDescription", std::move(arguments),
               [this, description = std::move(description)] {
                 return to_settlement(apply_local(description));
               });
}

OperationId PeerConnection::Impl::set_remote_description(Instant now, Description description) {
  auto arguments = fields_of(description);
  return chain(now, "setRemoteDescription", std::move(arguments),
               [this, description = std::move(description)] {
                 return to_settlement(apply_remote(description));
               });
}

OperationId PeerConnection::Impl::add_ice_candidate(Instant now,
                                                    std::optional<IceCandidateInit> candidate) {
  // null is read as a dictionary without members: the end of candidates for every section and
  // generation.
  const auto given = std::move(candidate).value_or(IceCandidateInit{});
  if (!given.candidate.empty() && !given.sdp_mid && !given.sdp_mline_index) {
    trace_call("addIceCandidate", {{"candidate", given.candidate}});
    return reject_now(now, "addIceCandidate",
                      Error::type_error("neither sdpMid nor sdpMLineIndex is given"));
  }
  return chain(now, "addIceCandidate", {{"candidate", given.candidate}},
               [this, given] { return to_settlement(apply_candidate(given)); });
}

// §5.2: replaceTrack is chained too; it needs no negotiation.
OperationId PeerConnection::Impl::replace_track(Instant now, TransceiverId sender,
                                                std::optional<MediaTrack> track) {
  if (!closed_ && !transceivers_.ever_had(sender)) {
    trace_call("replaceTrack");
    return reject_now(now, "replaceTrack", no_such_transceiver());
  }
  const auto* const found = transceivers_.find(sender);
  if (found != nullptr && track && track->kind != found->kind) {
    trace_call("replaceTrack");
    return reject_now(now, "replaceTrack", Error::type_error("the track is of another kind"));
  }
  return chain(now, "replaceTrack", {}, [this, sender, track]() -> Settlement {
    auto* const transceiver = transceivers_.find(sender);
    if (transceiver == nullptr || transceiver->stopping)
      return Error::invalid_state("the transceiver is stopped");
    transceiver->set_track(track);
    feed_sources();
    return std::monostate{};
  });
}

}  // namespace rtclab::peer
