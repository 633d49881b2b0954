#include "agents/media/h264.h"
#include "agents/media/session_core.h"

#include <algorithm>

namespace rtclab::media {
namespace {

// What audio takes of the session bandwidth where no description limits it, and what a section of
// video may (bit/s): RTCP gets a twentieth of the sum (RFC 3550 §6.2).
constexpr std::uint64_t kAudioBandwidth = 64'000;

}  // namespace

Session::Core::Core(const SessionOptions& options, Rng& rng,
                    std::unique_ptr<RateController> controller)
    : options_{options},
      rng_{rng.next()},
      controller_{controller ? std::move(controller) : make_delay_loss_controller(options.rate)},
      scheduler_{rng_.fork("rtcp"), options.report_interval, options.deviations},
      estimate_{options.rate} {
  if (deviates(Deviation::RtpRouteWithoutMid)) demultiplexer_.ignore_mids();
  receiver_ssrc_ = draw_ssrc();
}

void Session::Core::configure(Instant now, const Configuration& configuration) {
  if (closed_) return;
  const auto cname = configuration_.cname;
  configuration_ = configuration;
  // RFC 3550 §6.5.1: it stays what it was.
  if (!cname.empty()) configuration_.cname = cname;
  adopt_sections(now);
  demultiplexer_.configure(configuration_);
  adopt_send_streams();
  adopt_receive_streams();
  update_bandwidth();
  update_limits(now);
  update_feeds(now);
  pump(now);
}

void Session::Core::adopt_sections(Instant now) {
  std::vector<SectionState> next;
  for (const auto& value : configuration_.sections) {
    const auto* const old = section(value.mid);
    auto since = old != nullptr ? old->wanted_since : std::nullopt;
    if (!value.receives) since.reset();
    if (value.receives && !since) since = now;
    next.push_back({.value = value, .wanted_since = since});
  }
  sections_ = std::move(next);
  wants_transport_feedback_ = wants_remb_ = false;
  for (const auto& state : sections_) {
    for (const auto& format : state.value.receive) {
      const auto has = [&format](std::string_view what) {
        return std::ranges::count(format.feedback, what) > 0;
      };
      if (has("transport-cc") && state.value.extensions.transport_cc)
        wants_transport_feedback_ = true;
      if (has("goog-remb") && state.value.extensions.abs_send_time) wants_remb_ = true;
    }
  }
  // A sender that gets both would follow two masters; transport-wide feedback says more.
  if (wants_transport_feedback_) wants_remb_ = false;
}

std::vector<Encoding> Session::Core::encodings_of(const Section& section) {
  if (!section.encodings.empty()) return section.encodings;
  return {Encoding{}};
}

// A stream goes on where its mid and rid do; what is left of the old ones leaves (RFC 3550 §6.3.7).
void Session::Core::adopt_send_streams() {
  auto old = std::move(streams_);
  streams_.clear();
  for (const auto& state : sections_) {
    const auto& value = state.value;
    if (value.send.empty()) continue;
    const auto encodings = encodings_of(value);
    for (std::size_t layer = 0; layer < encodings.size(); ++layer) {
      const auto found = std::ranges::find_if(old, [&](const auto& stream) {
        return stream && stream->identity().mid == value.mid &&
               stream->identity().rid == encodings[layer].rid && stream->identity().layer == layer;
      });
      const auto format = choose_format(value);
      const bool same_clock =
          found != old.end() && format &&
          (!(*found)->format() || (*found)->format()->clock_rate == format->clock_rate);
      if (found != old.end() && !format) continue;
      if (same_clock) {
        streams_.push_back(std::move(*found));
      } else if (value.sends && format) {
        // RFC 8834 §4.3: another clock rate takes another SSRC.
        streams_.push_back(make_stream(value, encodings[layer], layer));
      } else {
        continue;
      }
      set_formats(*streams_.back());
    }
  }
  for (const auto& stream : old)
    if (stream) say_goodbye(*stream);
}

std::unique_ptr<SendStream> Session::Core::make_stream(const Section& section,
                                                       const Encoding& encoding,
                                                       std::size_t layer) {
  const auto id = next_stream_id_++;
  const auto usable = [this](const std::optional<std::uint32_t>& ssrc) {
    return ssrc && !is_ours(*ssrc) && !is_signalled_remote(*ssrc);
  };
  const auto ssrc = usable(encoding.ssrc) ? *encoding.ssrc : draw_ssrc();
  const auto rtx =
      usable(encoding.rtx_ssrc) && encoding.rtx_ssrc != ssrc ? *encoding.rtx_ssrc : draw_ssrc();
  return std::make_unique<SendStream>(
      SendIdentity{
          .id = id, .kind = section.kind, .mid = section.mid, .rid = encoding.rid, .layer = layer},
      ssrc, rtx, SeededRng{rng_.next()}, options_.deviations);
}

// The first codec that is none of the helpers and that the source makes; what the source makes is
// whatever is negotiated, unless it says otherwise.
std::optional<SendFormat> Session::Core::choose_format(const Section& section) const {
  const auto feed = feeds_.find(section.mid);
  const auto wanted = feed != feeds_.end() && feed->second.source ? feed->second.source->codec()
                                                                  : std::string_view{};
  for (const auto& format : section.send) {
    if (is_auxiliary_codec(format.codec)) continue;
    if (!wanted.empty() && !same_codec(wanted, format.codec)) continue;
    // RFC 6184 §6.2: mode 0 has no fragments, and no encoder here that could make slices to
    // measure.
    if (same_codec(format.codec, "H264") && !h264::may_fragment(format.parameters)) continue;
    SendFormat chosen{.type = format.type,
                      .clock_rate = format.clock_rate,
                      .packetization = packetization_of(section.kind, format.codec)};
    for (const auto& other : section.send)
      if (same_codec(other.codec, "rtx") && other.apt) chosen.rtx_types[*other.apt] = other.type;
    return chosen;
  }
  return std::nullopt;
}

void Session::Core::set_formats(SendStream& stream) {
  const auto* const state = section(stream.identity().mid);
  if (state == nullptr) return;
  const auto format = choose_format(state->value);
  if (!format) return;
  const bool is_another = stream.format() && stream.format()->type != format->type;
  stream.set_format(*format, state->value.extensions, options_.max_packet);
  // A decoder that has seen nothing of this codec needs a frame that builds on none.
  if (is_another) ask_for_key_frame(stream.identity());
}

void Session::Core::ask_for_key_frame(const SendIdentity& identity) {
  const auto feed = feeds_.find(identity.mid);
  if (feed != feeds_.end() && feed->second.source)
    feed->second.source->request_key_frame(identity.layer);
}

void Session::Core::adopt_receive_streams() {
  for (auto& source : inbound_) {
    if (source.gone) continue;
    const auto* const state = section(source.stream->identity().mid);
    if (state == nullptr || !state->value.receives) {
      remove_source(source, "section");
      continue;
    }
    source.stream->set_feedback(feedback_of(state->value), options_);
  }
  // What is no longer in any description is no longer asked about.
  std::erase_if(inbound_, [this](const Inbound& source) {
    return section(source.stream->identity().mid) == nullptr;
  });
  // RFC 3550 §8.2: the remote has told us of an SSRC that is ours.
  for (auto& stream : streams_)
    if (is_signalled_remote(stream->ssrc()) || is_signalled_remote(stream->rtx_ssrc()))
      change_ssrc(*stream);
}

std::uint32_t Session::Core::draw_ssrc() {
  while (true) {
    const auto ssrc = deviates(Deviation::RtpCountingSsrcs)
                          ? ++counted_ssrcs_
                          : static_cast<std::uint32_t>(rng_.next());
    if (ssrc != 0 && !is_ours(ssrc) && !is_signalled_remote(ssrc) && find_inbound(ssrc) == nullptr)
      return ssrc;
  }
}

bool Session::Core::is_ours(std::uint32_t ssrc) const {
  return ssrc == receiver_ssrc_ || std::ranges::any_of(streams_, [ssrc](const auto& stream) {
           return stream && stream->uses(ssrc);
         });
}

bool Session::Core::is_signalled_remote(std::uint32_t ssrc) const {
  for (const auto& state : sections_)
    for (const auto& source : state.value.remote_sources)
      if (source.ssrc == ssrc || source.rtx_ssrc == ssrc) return true;
  return false;
}

void Session::Core::say_goodbye(const SendStream& stream) {
  if (!stream.has_sent() || deviates(Deviation::RtcpNoBye)) return;
  leaving_.push_back(stream.ssrc());
  if (stream.statistics().retransmitted_packets_sent > 0) leaving_.push_back(stream.rtx_ssrc());
}

// RFC 3550 §8.2: BYE for the old SSRC, and everything anew under another.
void Session::Core::change_ssrc(SendStream& stream) {
  const auto found =
      std::ranges::find_if(streams_, [&](const auto& other) { return other.get() == &stream; });
  const auto identity = stream.identity();
  const auto* const state = section(identity.mid);
  if (found == streams_.end() || state == nullptr) return;
  leaving_.push_back(stream.ssrc());
  if (stream.statistics().retransmitted_packets_sent > 0) leaving_.push_back(stream.rtx_ssrc());
  const auto from = stream.ssrc();
  auto fresh = make_stream(state->value, Encoding{.rid = identity.rid}, identity.layer);
  events_.push(SsrcChanged{identity.mid, identity.rid, from, fresh->ssrc(), fresh->rtx_ssrc()});
  *found = std::move(fresh);
  set_formats(**found);
  ask_for_key_frame(identity);
}

void Session::Core::set_writable(Instant now, bool writable) {
  if (closed_ || writable_ == writable) return;
  writable_ = writable;
  broken_ = false;
  if (writable) breaker_.start(now);
  if (!writable) pacer_.clear();
  if (writable && !scheduler_.started()) scheduler_.start(now, rtcp_session());
  update_feeds(now);
  pump(now);
}

void Session::Core::set_source(Instant now, std::string_view mid,
                               std::unique_ptr<EncodedSource> source) {
  if (closed_) return;
  auto& feed = feeds_[std::string{mid}];
  feed = {.source = std::move(source)};
  // Another codec may be chosen for it.
  adopt_send_streams();
  update_limits(now);
  update_feeds(now);
  pump(now);
}

bool Session::Core::sends(const Section& section) const {
  const auto feed = feeds_.find(section.mid);
  return section.sends && feed != feeds_.end() && feed->second.source &&
         feed->second.source->kind() == section.kind && choose_format(section);
}

// Starts and stops sources; one that begins again begins with a key frame.
void Session::Core::update_feeds(Instant now) {
  for (auto& [mid, feed] : feeds_) {
    const auto* const state = section(mid);
    const bool run = may_send() && state != nullptr && sends(state->value);
    if (run && !feed.running) feed.source->start(now);
    feed.running = run;
  }
  update_targets();
}

void Session::Core::update_bandwidth() {
  if (scheduler_.started()) scheduler_.set_session(rtcp_session());
}

RtcpSession Session::Core::rtcp_session() const {
  RtcpSession session{.population = {.members = 0, .senders = 0}, .bandwidth = 0};
  auto& population = session.population;
  for (const auto& stream : streams_) {
    ++population.members;
    if (!stream->reporter().is_sender) continue;
    ++population.senders;
    population.we_send = true;
  }
  if (streams_.empty()) ++population.members;
  for (const auto& source : inbound_) {
    if (source.gone) continue;
    ++population.members;
    ++population.senders;
  }
  population.members = std::max<std::size_t>(population.members, 2);
  for (const auto& state : sections_) {
    const auto usual = state.value.kind == Kind::Audio ? kAudioBandwidth : options_.rate.max;
    session.bandwidth += static_cast<double>(state.value.max_bitrate.value_or(usual));
  }
  session.bandwidth = std::max(session.bandwidth, static_cast<double>(kAudioBandwidth));
  return session;
}

const Session::Core::SectionState* Session::Core::section(std::string_view mid) const {
  const auto found =
      std::ranges::find_if(sections_, [mid](const auto& state) { return state.value.mid == mid; });
  return found == sections_.end() ? nullptr : &*found;
}

}  // namespace rtclab::media
