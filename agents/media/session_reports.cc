#include "agents/media/session_core.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr std::size_t kMostRtcp = 1200;  // octets of a datagram before SRTCP

std::optional<Instant> earlier(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

rtp::NtpTime Session::Core::ntp(Instant now) const {
  return rtp::to_ntp(now,
                     rtp::NtpTime{static_cast<std::uint64_t>(options_.ntp_origin.count()) << 32u});
}

// The SSRC that speaks for a section in feedback: that of what we send there, else any of ours.
rtp::Ssrc Session::Core::local_ssrc(std::string_view mid) const {
  for (const auto& stream : streams_)
    if (stream->identity().mid == mid) return rtp::Ssrc{stream->ssrc()};
  return rtp::Ssrc{streams_.empty() ? receiver_ssrc_ : streams_.front()->ssrc()};
}

std::optional<Instant> Session::Core::feedback_due() const {
  std::optional<Instant> due;
  for (const auto& source : inbound_)
    if (!source.gone) due = earlier(due, source.stream->feedback_due(round_trip()));
  if (wants_transport_feedback_) due = earlier(due, arrivals_.due());
  if (wants_remb_) due = earlier(due, estimate_.due());
  if (!limits_to_confirm_.empty()) due = Instant{};
  return due;
}

void Session::Core::do_rtcp(Instant now) {
  if (!leaving_.empty()) send_goodbyes(now);
  const auto due = feedback_due();
  const auto turn = scheduler_.turn(now, due && *due <= now);
  if (turn == RtcpScheduler::Turn::Nothing) return;
  auto feedback = collect_feedback(now);
  if (turn == RtcpScheduler::Turn::Regular) {
    time_sources_out(now);
    send_regular(now, std::move(feedback));
    scheduler_.set_session(rtcp_session());
    if (const auto why = breaker_.check(now); why && !deviates(Deviation::RtpNoCircuitBreaker)) {
      broken_ = true;
      events_.push(CircuitBroken{streams_.empty() ? 0 : streams_.front()->ssrc(), *why});
      pacer_.clear();
      update_feeds(now);
    }
  } else if (!feedback.empty()) {
    send_early(now, std::move(feedback));
  }
}

// RFC 8108 §5.1: each SSRC of ours reports, RTX streams once they have sent.
std::vector<Session::Core::Reporter> Session::Core::reporters() {
  std::vector<Reporter> all;
  for (auto& stream : streams_) {
    const auto main = stream->reporter();
    all.push_back({main.ssrc, stream.get(), false, main.is_sender});
    if (stream->statistics().retransmitted_packets_sent == 0) continue;
    const auto rtx = stream->rtx_reporter();
    all.push_back({rtx.ssrc, stream.get(), true, rtx.is_sender});
  }
  if (all.size() > 1 && deviates(Deviation::RtcpOneReporter)) all.resize(1);
  if (all.empty()) all.push_back({receiver_ssrc_, nullptr, false, false});
  if (deviates(Deviation::RtcpForeignSsrc) && !inbound_.empty()) {
    if (foreign_ssrc_ == 0) foreign_ssrc_ = inbound_.front().stream->identity().ssrc;
    all.push_back({foreign_ssrc_, nullptr, false, false});
  }
  return all;
}

rtp::SourceDescription Session::Core::description_of(std::uint32_t ssrc) const {
  auto cname = configuration_.cname;
  if (deviates(Deviation::RtcpCnameChanges)) cname += std::to_string(reports_);
  if (deviates(Deviation::RtcpCnamePerSource)) cname += std::to_string(ssrc);
  return {.chunks = {{.source = rtp::Ssrc{ssrc}, .items = {{rtp::SdesType::Cname, cname}}}}};
}

std::vector<rtp::RtcpPacket> Session::Core::report(Instant now, const Reporter& reporter,
                                                   std::vector<rtp::ReportBlock> blocks) const {
  std::vector<rtp::RtcpPacket> packets;
  if (reporter.is_sender && !deviates(Deviation::RtcpAlwaysReceiver)) {
    auto report = reporter.stream->sender_report(now, ntp(now), reporter.rtx);
    if (deviates(Deviation::RtcpOtherTimestamp))
      report.timestamp = report.timestamp.plus(7919 * reports_);
    report.blocks = std::move(blocks);
    packets.emplace_back(std::move(report));
  } else {
    packets.emplace_back(
        rtp::ReceiverReport{.sender = rtp::Ssrc{reporter.ssrc}, .blocks = std::move(blocks)});
  }
  packets.emplace_back(description_of(reporter.ssrc));
  return packets;
}

rtp::ReportBlock Session::Core::report_on(Instant now, ReceiveStream& stream) const {
  auto block = stream.report(now);
  if (deviates(Deviation::RtcpNoLoss)) block.fraction_lost = 0, block.cumulative_lost = 0;
  if (deviates(Deviation::RtcpNoDelay)) block.delay_since_last_sr = rtp::CompactNtp{0};
  if (deviates(Deviation::RtcpNoJitter)) block.jitter = 0;
  return block;
}

void Session::Core::send_regular(Instant now, std::vector<rtp::RtcpPacket> feedback) {
  ++reports_;
  std::vector<rtp::ReportBlock> blocks;
  for (auto& source : inbound_) {
    if (source.gone || !source.stream->heard_since_report()) continue;
    if (blocks.size() < rtp::kMaxReportBlocks) blocks.push_back(report_on(now, *source.stream));
  }
  std::vector<rtp::RtcpPacket> datagram;
  std::size_t ssrcs = 0, octets = 0;
  for (const auto& reporter : reporters()) {
    auto packets = report(now, reporter, blocks);
    // SR or RR with their blocks, SDES with a CNAME: what these take.
    const auto takes = 28 + 24 * blocks.size() + 16 + configuration_.cname.size();
    if (!datagram.empty() && octets + takes > kMostRtcp) {
      send_datagram(std::exchange(datagram, {}), std::exchange(ssrcs, 0));
      octets = 0;
    }
    std::ranges::move(packets, std::back_inserter(datagram));
    octets += takes;
    ++ssrcs;
  }
  std::ranges::move(feedback, std::back_inserter(datagram));
  send_datagram(std::move(datagram), ssrcs);
  for (auto& stream : streams_) stream->note_reported();
}

// RFC 5506 §3.4.2 where both can; else the minimal compound packet of RFC 4585 §3.1.
void Session::Core::send_early(Instant now, std::vector<rtp::RtcpPacket> feedback) {
  if (!configuration_.reduced_size_rtcp && !deviates(Deviation::RtcpNotCompound)) {
    auto packets = report(now, reporters().front(), {});
    std::ranges::move(feedback, std::back_inserter(packets));
    feedback = std::move(packets);
  }
  send_datagram(std::move(feedback), 1);
}

// RFC 3550 §6.3.7: fewer than 50 members, so at once.
void Session::Core::send_goodbyes(Instant now) {
  std::vector<rtp::RtcpPacket> packets;
  rtp::Goodbye goodbye;
  for (const auto ssrc : leaving_)
    if (goodbye.sources.size() < 31) goodbye.sources.emplace_back(ssrc);
  leaving_.clear();
  if (!configuration_.reduced_size_rtcp) packets = report(now, reporters().front(), {});
  packets.emplace_back(std::move(goodbye));
  send_datagram(std::move(packets), 1);
}

void Session::Core::send_datagram(std::vector<rtp::RtcpPacket> packets, std::size_t ssrcs) {
  if (packets.empty() || deviates(Deviation::RtcpSilent)) return;
  auto bytes = rtp::CompoundPacket{.packets = std::move(packets)}.serialize();
  bytes.reserve(bytes.size() + kTrailerRoom);
  scheduler_.note_size(bytes.size(), ssrcs);
  ++counters_.rtcp_packets_sent;
  out_.push({.kind = PacketKind::Rtcp, .bytes = std::move(bytes)});
}

std::vector<rtp::RtcpPacket> Session::Core::collect_feedback(Instant now) {
  std::vector<rtp::RtcpPacket> feedback;
  for (auto& source : inbound_)
    if (!source.gone) collect_feedback(now, source, feedback);
  const auto any =
      inbound_.empty() ? rtp::Ssrc{0} : rtp::Ssrc{inbound_.front().stream->identity().ssrc};
  if (wants_transport_feedback_) {
    if (auto arrivals = arrivals_.take(now, local_ssrc({}), any))
      feedback.emplace_back(std::move(*arrivals));
  }
  if (const auto due = estimate_.due(); wants_remb_ && due && *due <= now) {
    rtp::ReceiverEstimatedMaximumBitrate remb{.sender = local_ssrc({}),
                                              .bitrate = estimate_.take(now)};
    for (const auto& source : inbound_)
      if (!source.gone) remb.ssrcs.emplace_back(source.stream->identity().ssrc);
    feedback.emplace_back(std::move(remb));
  }
  if (deviates(Deviation::TmmbrUnasked)) {
    rtp::Tmmbr request{.sender = local_ssrc({}), .limits = {}};
    for (const auto& source : inbound_)
      if (!source.gone && source.stream->identity().kind == Kind::Video)
        request.limits.push_back(
            {.ssrc = rtp::Ssrc{source.stream->identity().ssrc}, .bitrate = 150'000});
    if (!request.limits.empty()) feedback.emplace_back(std::move(request));
  }
  if (!limits_to_confirm_.empty())
    feedback.emplace_back(
        rtp::Tmmbn{.sender = local_ssrc({}), .limits = std::exchange(limits_to_confirm_, {})});
  return feedback;
}

void Session::Core::collect_feedback(Instant now, Inbound& source,
                                     std::vector<rtp::RtcpPacket>& out) {
  auto& stream = *source.stream;
  const auto sender = local_ssrc(stream.identity().mid);
  const rtp::Ssrc source_ssrc{stream.identity().ssrc};
  const auto media = deviates(Deviation::FeedbackWithoutMedia) ? rtp::Ssrc{0} : source_ssrc;
  lost_.clear();
  stream.collect_nack(now, round_trip(), lost_);
  if (!lost_.empty() && deviates(Deviation::NackReceived)) lost_ = {rtp::wrap(stream.highest())};
  if (!lost_.empty())
    out.emplace_back(
        rtp::Nack{.sender = sender, .media = media, .items = rtp::Nack::items_for(lost_)});
  if (!stream.take_key_frame_request(now, round_trip())) return;
  if (stream.feedback().pli) {
    out.emplace_back(rtp::PictureLossIndication{.sender = sender, .media = media});
  } else {
    out.emplace_back(rtp::FullIntraRequest{
        .sender = sender,
        .entries = {{.ssrc = source_ssrc,
                     .sequence_number = deviates(Deviation::FirNumberStuck)
                                            ? std::uint8_t{0}
                                            : fir_sent_[source_ssrc.value()]++}}});
  }
}

void Session::Core::close(Instant now) {
  if (closed_) return;
  pacer_.clear();
  for (const auto& stream : streams_) say_goodbye(*stream);
  if (writable_ && !leaving_.empty()) send_goodbyes(now);
  closed_ = true;
  update_feeds(now);
}

}  // namespace rtclab::media
