#include "agents/ice/candidate.h"

#include <algorithm>
#include <array>

namespace rtclab::ice {
namespace {

constexpr std::array kTypes{CandidateType::Host, CandidateType::ServerReflexive,
                            CandidateType::PeerReflexive, CandidateType::Relayed};

constexpr std::array kTcpTypes{TcpType::Active, TcpType::Passive, TcpType::So};

}  // namespace

std::string_view to_string(CandidateType type) {
  switch (type) {
    case CandidateType::Host: return "host";
    case CandidateType::ServerReflexive: return "srflx";
    case CandidateType::PeerReflexive: return "prflx";
    case CandidateType::Relayed: return "relay";
  }
  __builtin_unreachable();
}

std::optional<CandidateType> parse_candidate_type(std::string_view token) {
  const auto* const type =
      std::ranges::find(kTypes, token, [](CandidateType each) { return to_string(each); });
  if (type == kTypes.end()) return std::nullopt;
  return *type;
}

std::string_view to_string(TcpType type) {
  switch (type) {
    case TcpType::Active: return "active";
    case TcpType::Passive: return "passive";
    case TcpType::So: return "so";
  }
  __builtin_unreachable();
}

std::optional<TcpType> parse_tcp_type(std::string_view token) {
  const auto* const type =
      std::ranges::find(kTcpTypes, token, [](TcpType each) { return to_string(each); });
  if (type == kTcpTypes.end()) return std::nullopt;
  return *type;
}

std::string Candidate::to_string() const {
  std::string text = "candidate:" + foundation + ' ' + std::to_string(component) + ' ';
  text.append(rtclab::to_string(transport)).append(" ").append(std::to_string(priority.value()));
  text.append(" ").append(host_name.empty() ? address.ip.to_string() : host_name).append(" ");
  text.append(std::to_string(address.port.value())).append(" typ ").append(ice::to_string(type));
  if (related) {
    text.append(" raddr ").append(related->ip.to_string());
    text.append(" rport ").append(std::to_string(related->port.value()));
  }
  if (tcp_type) text.append(" tcptype ").append(ice::to_string(*tcp_type));
  return text;
}

}  // namespace rtclab::ice
