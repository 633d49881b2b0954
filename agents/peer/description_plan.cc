#include "agents/peer/description_plan.h"

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
  section.add_attribute("tls-id", transport.tls_id);
}

void add_data(sdp::SectionLines& section, const sdp::MediaLine& media) {
  const auto port = std::to_string(kSctpPort.value());
  if (media.formats == std::vector{std::string{kDataChannelFormat}}) {
    section.add_attribute("sctp-port", port);
  } else {
    // The form before RFC 8841, which an answer has to repeat: the format is the port, a=sctpmap
    // says the rest.
    section.add_attribute("sctpmap", port + ' ' + std::string{kDataChannelFormat} + " 65535");
  }
  section.add_attribute("max-message-size", std::to_string(kMaxMessageSize));
}

void add_section(sdp::SessionDescription& description, const DescriptionPlan& plan,
                 const PlannedSection& planned) {
  auto& section = description.add_section(planned.media);
  section.set_connection(sdp::Connection{});
  if (planned.mid) section.add_attribute("mid", *planned.mid);
  if (planned.media.port == Port{0}) return;
  if (planned.transport) add_transport(section, plan, *planned.transport);
  add_data(section, planned.media);
  if (!planned.transport || planned.transport->candidates.empty()) return;
  for (const auto& candidate : planned.transport->candidates) section.add_candidate(candidate);
  if (planned.transport->end_of_candidates) section.add_attribute("end-of-candidates");
  set_default_candidate(description, description.sections.size() - 1);
}

sdp::Group bundle_of(const DescriptionPlan& plan) {
  sdp::Group bundle{"BUNDLE", {}};
  for (const auto& section : plan.sections) {
    if (section.media.port != Port{0} && section.bundled && section.mid)
      bundle.mids.push_back(*section.mid);
  }
  if (plan.deviations.has(Deviation::SdpBundleWithoutMid)) bundle.mids.emplace_back("nowhere");
  return bundle;
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
  const bool ice2 = !plan.deviations.has(Deviation::SdpNoIce2);
  description.session.add_attribute("ice-options", ice2 ? "trickle ice2" : "trickle");
  if (const auto bundle = bundle_of(plan); !bundle.mids.empty()) {
    description.session.add_attribute("group", bundle.to_string());
  }
  for (const auto& section : plan.sections) add_section(description, plan, section);

  if (plan.deviations.has(Deviation::SdpLineOrder)) {
    auto& lines = description.session.lines;
    const auto name = std::ranges::find(lines, 's', &sdp::Line::type);
    const auto time = std::ranges::find(lines, 't', &sdp::Line::type);
    if (name != lines.end() && time != lines.end()) std::iter_swap(name, time);
  }
  return description;
}

void set_default_candidate(sdp::SessionDescription& description, std::size_t index) {
  const auto section = description.section(index);
  const auto candidates = section.candidates();
  const auto likelihood = [](const sdp::Candidate& candidate) {
    constexpr std::array<std::string_view, 3> kBestFirst{"relay", "srflx", "host"};
    return std::ranges::find(kBestFirst, candidate.type) - kBestFirst.begin();
  };
  const auto best = std::ranges::min_element(candidates, {}, likelihood);
  if (best == candidates.end()) return;
  const auto ip = best->ip();
  if (!ip) return;
  auto media = section.media();
  media.port = best->port;
  description.sections[index].set_media(media);
  description.sections[index].set_connection(
      {.address_type = ip->is_v4() ? "IP4" : "IP6", .address = ip->to_string()});
}

}  // namespace rtclab::peer
