#include "agents/peer/description_plan.h"

#include "agents/peer/bundle.h"
#include "agents/peer/description_deviations.h"

#include <algorithm>
#include <array>

namespace rtclab::peer {
namespace {

constexpr std::string_view kDataChannelFormat = "webrtc-datachannel";

void add_transport(sdp::SectionLines& section, const DescriptionPlan& plan,
                   const TransportPart& transport) {
  const bool is_answer = plan.type != SdpType::Offer;
  const auto setup = is_answer && plan.deviations.has(Deviation::SdpAnswerActpass)
                         ? sdp::Setup::ActPass
                         : transport.setup;
  section.add_attribute("ice-ufrag", transport.credentials.ufrag);
  section.add_attribute("ice-pwd", transport.credentials.pwd);
  if (!plan.deviations.has(Deviation::SdpNoFingerprint)) {
    section.add_attribute("fingerprint",
                          transport.fingerprint.algorithm + ' ' + transport.fingerprint.value);
  }
  section.add_attribute("setup", to_string(setup));
  if (transport.tls_id) section.add_attribute("tls-id", *transport.tls_id);
}

void add_data(sdp::SectionLines& section, const PlannedSection& planned) {
  const auto port = std::to_string(planned.sctp_port.value());
  if (planned.line.formats == std::vector{std::string{kDataChannelFormat}}) {
    section.add_attribute("sctp-port", port);
  } else {
    // The form before RFC 8841, which an answer has to repeat: the format is the port, a=sctpmap
    // says the rest.
    section.add_attribute("sctpmap", port + ' ' + std::string{kDataChannelFormat} + " 65535");
  }
  section.add_attribute("max-message-size", std::to_string(kMaxMessageSize));
}

Port port_for(Liveness liveness) {
  return liveness == Liveness::Live ? Port{9} : Port{0};
}

void add_section(sdp::SessionDescription& description, const DescriptionPlan& plan,
                 const PlannedSection& planned) {
  auto line = planned.line;
  line.port = port_for(planned.liveness);
  line.port_count.reset();
  auto& section = description.add_section(line);
  section.set_connection(sdp::Connection{});
  if (planned.mid) section.add_attribute("mid", *planned.mid);
  if (planned.liveness == Liveness::Rejected) return;
  if (planned.media) add_media_lines(section, *planned.media);
  if (planned.transport) add_transport(section, plan, *planned.transport);
  // RFC 8859: a=rtcp-mux and its kin go with the transport, save for what others look for
  // everywhere.
  if (planned.media && planned.transport) add_rtcp_lines(section, *planned.media);
  if (planned.media && !planned.transport) add_bundled_rtcp_lines(section, *planned.media);
  if (planned.data && planned.carries_media) section.add_attribute("rtcp-mux");
  if (planned.data) add_data(section, planned);
  if (planned.liveness == Liveness::BundleOnly) section.add_attribute("bundle-only");
  if (!planned.transport) return;
  for (const auto& candidate : planned.transport->candidates) section.add_candidate(candidate);
  if (planned.transport->end_of_candidates) section.add_attribute("end-of-candidates");
}

void swap_name_and_time(sdp::SectionLines& session) {
  const auto name = std::ranges::find(session.lines, 's', &sdp::Line::type);
  const auto time = std::ranges::find(session.lines, 't', &sdp::Line::type);
  if (name != session.lines.end() && time != session.lines.end()) std::iter_swap(name, time);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_groups(sdp::SessionDescription& description, const DescriptionPlan& plan) {
  auto groups = plan.groups;
  if (plan.deviations.has(Deviation::SdpBundleWithoutMid)) {
    if (groups.empty()) groups.push_back({"BUNDLE", {}});
    groups.front().mids.emplace_back("nowhere");
  }
  for (const auto& group : groups) {
    if (!group.mids.empty()) description.session.add_attribute("group", group.to_string());
  }
}

}  // namespace

sdp::MediaLine data_media_line() {
  return {.kind = "application",
          .port = Port{9},
          .protocol = "UDP/DTLS/SCTP",
          .formats = {std::string{kDataChannelFormat}}};
}

sdp::SessionDescription write_description(const DescriptionPlan& plan) {
  auto description = sdp::SessionDescription::begin(plan.origin);
  if (plan.ice_lite) description.session.add_attribute("ice-lite");
  if (!plan.ice_options.empty())
    description.session.add_attribute("ice-options", joined(plan.ice_options));
  add_groups(description, plan);
  for (const auto& section : plan.sections) add_section(description, plan, section);
  for (std::size_t i = 0; i < plan.sections.size(); ++i) {
    if (plan.sections[i].transport) set_default_candidate(description, i);
  }
  if (plan.deviations.has(Deviation::SdpLineOrder)) swap_name_and_time(description.session);
  if (!plan.deviations.none()) deviate(description, plan.type, plan.deviations);
  return description;
}

void set_default_candidate(sdp::SessionDescription& description, std::size_t index) {
  const auto candidates = description.section(index).candidates();
  const auto likelihood = [](const sdp::Candidate& candidate) {
    constexpr std::array<std::string_view, 3> kBestFirst{"relay", "srflx", "host"};
    const auto type = std::ranges::find(kBestFirst, candidate.type) - kBestFirst.begin();
    // RFC 9429 §5.1.2: the default is UDP, for the m= line says so.
    return std::pair{!candidate.is_udp(), type};
  };
  const auto best = std::ranges::min_element(candidates, {}, likelihood);
  if (best == candidates.end() || !best->is_udp()) return;
  const auto ip = best->ip();
  if (!ip) return;
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    const auto section = description.section(i);
    const bool is_meant = i == index || transport_section(description, i) == index;
    if (!is_meant || section.is_rejected() || section.bundle_only()) continue;
    auto media = section.media();
    media.port = best->port;
    description.sections[i].set_media(media);
    description.sections[i].set_connection(
        {.address_type = ip->is_v4() ? "IP4" : "IP6", .address = ip->to_string()});
  }
}

}  // namespace rtclab::peer
