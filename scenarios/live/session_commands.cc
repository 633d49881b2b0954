// The commands, each a call of the interface.
#include "scenarios/live/clip_file.h"
#include "scenarios/live/news.h"
#include "scenarios/live/session.h"

#include <utility>

namespace rtclab::program {
namespace {

// W3C mediacapture-streams §10.3.1 calls what a device or its driver does not give so.
peer::Outcome<peer::MediaTrack> open_track(const TrackWishes& wishes) {
  auto track = make_track(wishes);
  if (track) return *std::move(track);
  return peer::reject({.name = "NotReadableError",
                       .message = std::move(track.error()),
                       .error_detail = {},
                       .sdp_line_number = {}});
}

}  // namespace

void Session::ask(Purpose purpose, const Request& request, const Call& call) {
  // The promise may settle before driver_.call() returns: what it was for is noted from within.
  driver_.call([&](Instant now, auto& pc) {
    const auto operation = call(now, pc);
    pending_.insert_or_assign(operation, Pending{purpose, request});
  });
}

// What the call answers is said before what follows from it, as where a call returns before any
// task that it queued.
void Session::tell(const Request& request, const Plain<void>& call) {
  driver_.call([&](Instant now, auto& pc) {
    const auto outcome = call(now, pc);
    write_(outcome ? done_news(request)
                   : error_news(request.id, name_of(request.command), outcome.error()));
  });
}

void Session::tell(const Request& request, const Plain<peer::TransceiverId>& call) {
  driver_.call([&](Instant now, auto& pc) {
    const auto outcome = call(now, pc);
    write_(outcome ? done_news(request, *outcome)
                   : error_news(request.id, name_of(request.command), outcome.error()));
  });
}

void Session::tell_channel(const Request& request, const std::string& label,
                           const std::function<peer::Outcome<void>(Instant, peer::PeerConnection&,
                                                                   peer::ChannelId)>& call) {
  const Plain<void> on_channel = [&](Instant now, auto& pc) -> peer::Outcome<void> {
    const auto channel = channels_.find(label);
    if (channel == channels_.end())
      return peer::reject(peer::Error::invalid_state("there is no channel \"" + label + "\""));
    return call(now, pc, channel->second);
  };
  tell(request, on_channel);
}

// --- descriptions and candidates ---

void Session::run(const Request& request, const CreateOffer& command) {
  ask(Purpose::Asked, request,
      [&](Instant now, auto& pc) { return pc.create_offer(now, command.options); });
}

void Session::run(const Request& request, const CreateAnswer& /*command*/) {
  ask(Purpose::Asked, request, [](Instant now, auto& pc) { return pc.create_answer(now); });
}

void Session::run(const Request& request, const SetLocalDescription& command) {
  ask(Purpose::Asked, request,
      [&](Instant now, auto& pc) { return pc.set_local_description(now, command.description); });
}

void Session::run(const Request& request, const SetRemoteDescription& command) {
  if (command.description.type != peer::SdpType::Rollback) note_received(command.description);
  ask(Purpose::Asked, request,
      [&](Instant now, auto& pc) { return pc.set_remote_description(now, command.description); });
}

void Session::run(const Request& request, const AddIceCandidate& command) {
  if (command.candidate) note_received(*command.candidate);
  ask(Purpose::Asked, request,
      [&](Instant now, auto& pc) { return pc.add_ice_candidate(now, command.candidate); });
}

void Session::run(const Request& request, const RestartIce& /*command*/) {
  tell(request, Plain<void>{[](Instant now, auto& pc) -> peer::Outcome<void> {
         pc.restart_ice(now);
         return {};
       }});
}

void Session::run(const Request& request, const SetConfiguration& command) {
  const Plain<void> configure = [&](Instant now, auto& pc) -> peer::Outcome<void> {
    auto configuration = pc.configuration();
    if (command.servers) {
      configuration.ice_servers.clear();
      for (const auto& wishes : *command.servers) {
        const auto servers = resolve(wishes, Wished::ByCommand);
        if (!servers) return peer::reject(servers.error());
        configuration.ice_servers.insert(configuration.ice_servers.end(), servers->begin(),
                                         servers->end());
      }
    }
    if (command.ice_transport_policy)
      configuration.ice_transport_policy = *command.ice_transport_policy;
    if (command.bundle_policy) configuration.bundle_policy = *command.bundle_policy;
    return pc.set_configuration(now, configuration);
  };
  tell(request, configure);
}

// --- transceivers ---

void Session::run(const Request& request, const AddTransceiver& command) {
  using Added = peer::Outcome<peer::TransceiverId>;
  tell(request, Plain<peer::TransceiverId>{[&](Instant now, auto& pc) -> Added {
         if (const auto* kind = std::get_if<peer::MediaKind>(&command.what))
           return pc.add_transceiver(now, *kind, command.init);
         auto track = open_track(std::get<TrackWishes>(command.what));
         if (!track) return peer::reject(track.error());
         return pc.add_transceiver(now, *std::move(track), command.init);
       }});
}

void Session::run(const Request& request, const AddTrack& command) {
  using Added = peer::Outcome<peer::TransceiverId>;
  tell(request, Plain<peer::TransceiverId>{[&](Instant now, auto& pc) -> Added {
         auto track = open_track(command.track);
         return track ? pc.add_track(now, *std::move(track), command.streams)
                      : peer::reject(track.error());
       }});
}

void Session::run(const Request& request, const RemoveTrack& command) {
  tell(request,
       Plain<void>{[&](Instant now, auto& pc) { return pc.remove_track(now, command.sender); }});
}

void Session::run(const Request& request, const ReplaceTrack& command) {
  std::optional<peer::MediaTrack> track;
  if (command.track) {
    auto opened = open_track(*command.track);
    if (!opened) {
      write_(error_news(request.id, name_of(request.command), opened.error()));
      return;
    }
    track = *std::move(opened);
  }
  ask(Purpose::Asked, request,
      [&](Instant now, auto& pc) { return pc.replace_track(now, command.sender, track); });
}

void Session::run(const Request& request, const SetDirection& command) {
  tell(request, Plain<void>{[&](Instant now, auto& pc) {
         return pc.set_direction(now, command.transceiver, command.direction);
       }});
}

void Session::run(const Request& request, const StopTransceiver& command) {
  tell(request,
       Plain<void>{[&](Instant now, auto& pc) { return pc.stop(now, command.transceiver); }});
}

void Session::run(const Request& request, const SetStreams& command) {
  tell(request, Plain<void>{[&](Instant now, auto& pc) {
         return pc.set_streams(now, command.sender, command.streams);
       }});
}

void Session::run(const Request& request, const SetCodecPreferences& command) {
  tell(request, Plain<void>{[&](Instant now, auto& pc) {
         return pc.set_codec_preferences(now, command.transceiver, command.codecs);
       }});
}

void Session::run(const Request& request, const GetTransceivers& /*command*/) {
  write_(done_news(request, driver_.agent().transceivers()));
}

void Session::run(const Request& request, const GetStats& /*command*/) {
  write_(statistics_news(request, driver_.agent().stats()));
}

// --- data channels ---

void Session::run(const Request& request, const CreateDataChannel& command) {
  tell(request, Plain<void>{[&](Instant now, auto& pc) -> peer::Outcome<void> {
         const auto id = pc.create_data_channel(now, command.label, command.init);
         if (!id) return peer::reject(id.error());
         channels_.insert_or_assign(command.label, *id);
         return {};
       }});
}

void Session::run(const Request& request, const Send& command) {
  tell_channel(request, command.channel, [&](Instant now, auto& pc, peer::ChannelId channel) {
    return pc.send(now, channel, command.message);
  });
}

void Session::run(const Request& request, const SetBufferedAmountLowThreshold& command) {
  tell_channel(request, command.channel,
               [&](Instant, auto& pc, peer::ChannelId channel) -> peer::Outcome<void> {
                 pc.set_buffered_amount_low_threshold(channel, command.octets);
                 return {};
               });
}

void Session::run(const Request& request, const CloseChannel& command) {
  tell_channel(request, command.channel,
               [](Instant now, auto& pc, peer::ChannelId channel) -> peer::Outcome<void> {
                 pc.close_data_channel(now, channel);
                 return {};
               });
}

void Session::run(const Request& request, const Close& /*command*/) {
  close_connection();
  write_(done_news(request));
}

void Session::run(const Request& request, const Quit& /*command*/) {
  write_(done_news(request));
  end();
}

}  // namespace rtclab::program
