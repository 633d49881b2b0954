#include "agents/peer/candidate_conversion.h"

#include "agents/peer/description_deviations.h"

namespace rtclab::peer {

sdp::Candidate to_sdp(const ice::Candidate& candidate, const std::string& ufrag,
                      const Deviations& deviations) {
  sdp::Candidate text;
  text.foundation = candidate.foundation;
  text.component = static_cast<std::uint16_t>(candidate.component);
  text.transport = to_string(candidate.transport);
  text.priority = candidate.priority.value();
  text.address =
      candidate.host_name.empty() ? candidate.address.ip.to_string() : candidate.host_name;
  text.port = candidate.address.port;
  text.type = to_string(candidate.type);
  if (candidate.related && !deviations.has(Deviation::SdpNoRelatedAddress)) {
    text.related_address = candidate.related->ip.to_string();
    text.related_port = candidate.related->port;
  }
  if (candidate.tcp_type) text.tcp_type = to_string(*candidate.tcp_type);
  text.extensions.push_back({"ufrag", ufrag});
  if (!deviations.none()) deviate(text, deviations);
  return text;
}

std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate) {
  const auto ip = candidate.ip();
  const auto type = ice::parse_candidate_type(candidate.type);
  if (!type || candidate.component != 1 || candidate.port == Port{0}) return std::nullopt;
  if (!ip && !candidate.is_mdns_name()) return std::nullopt;
  ice::Candidate usable;
  if (candidate.is_tcp()) {
    usable.transport = Transport::Tcp;
    usable.tcp_type = candidate.tcp_type ? ice::parse_tcp_type(*candidate.tcp_type) : std::nullopt;
    if (!usable.tcp_type) return std::nullopt;
  } else if (!candidate.is_udp()) {
    return std::nullopt;
  }
  usable.component = candidate.component;
  usable.type = *type;
  usable.address = {ip.value_or(Ip{}), candidate.port};
  if (!ip) usable.host_name = candidate.address;
  usable.base = usable.address;
  usable.foundation = candidate.foundation;
  usable.priority = ice::Priority{candidate.priority};
  if (candidate.related_address && candidate.related_port) {
    if (const auto related = Ip::parse(*candidate.related_address))
      usable.related = {*related, *candidate.related_port};
  }
  return usable;
}

}  // namespace rtclab::peer
