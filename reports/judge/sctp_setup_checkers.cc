// RFC 9260 §3.3.2 and §5, RFC 8261 §6.1, RFC 8831 §6.1: how an association begins.
#include "agents/sctp/peer_init.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

constexpr std::uint32_t kLeastWindow = 1500;  // RFC 9260 §3.3.2

// f(packet, name, body), for every INIT and INIT ACK.
template <class F>
void for_each_init(const Docket& docket, F f) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& packet : side.packets) {
        if (const auto* init = packet.template find<sctp::InitChunk>())
          f(packet, "INIT", init->body);
        if (const auto* ack = packet.template find<sctp::InitAckChunk>())
          f(packet, "INIT ACK", ack->body);
      }
    }
  }
}

bool has_parameter(const sctp::InitBody& body, sctp::ParameterType type) {
  return std::ranges::any_of(body.parameters, [&](const sctp::Parameter& parameter) {
    return parameter.type == static_cast<std::uint16_t>(type);
  });
}

bool lists_extension(const sctp::InitBody& body, sctp::ChunkType type) {
  return std::ranges::any_of(body.parameters, [&](const sctp::Parameter& parameter) {
    const auto is_list =
        parameter.type == static_cast<std::uint16_t>(sctp::ParameterType::SupportedExtensions);
    return is_list && std::ranges::find(parameter.value, static_cast<std::byte>(type)) !=
                          parameter.value.end();
  });
}

void check_initiate_tag(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    findings.check(body.initiate_tag != 0, *packet.by,
                   fmt::format("{} with initiate tag {:08x}", name, body.initiate_tag));
  });
}

void check_initial_window(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    findings.check(body.receiver_window >= kLeastWindow, *packet.by,
                   fmt::format("{} with a window of {} octets", name, body.receiver_window));
  });
}

void check_stream_counts(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    findings.check(body.outbound_streams != 0 && body.inbound_streams != 0, *packet.by,
                   fmt::format("{} for {} streams out and {} in", name, body.outbound_streams,
                               body.inbound_streams));
  });
}

// An end of a data channel ought to ask for all there can be; INIT ACK may lower one of the two.
void check_all_streams(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    findings.check(body.outbound_streams == 65535 && body.inbound_streams == 65535, *packet.by,
                   fmt::format("{} for {} streams out and {} in", name, body.outbound_streams,
                               body.inbound_streams));
  });
}

void check_no_addresses(const Docket& docket, Findings& findings) {
  using enum sctp::ParameterType;
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    const bool has_any = has_parameter(body, Ipv4Address) || has_parameter(body, Ipv6Address) ||
                         has_parameter(body, SupportedAddressTypes);
    findings.check(!has_any, *packet.by,
                   fmt::format("{} with{} addresses", name, has_any ? "" : "out"));
  });
}

void check_reconfig_announced(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    const bool good = lists_extension(body, sctp::ChunkType::ReConfig);
    findings.check(good, *packet.by, fmt::format("{} with{} RE-CONFIG", name, good ? "" : "out"));
  });
}

// By its parameter, or by the list of extensions, as some stacks do.
void check_forward_tsn_announced(const Docket& docket, Findings& findings) {
  for_each_init(docket, [&](const auto& packet, const char* name, const auto& body) {
    const bool good = has_parameter(body, sctp::ParameterType::ForwardTsnSupported) ||
                      lists_extension(body, sctp::ChunkType::ForwardTsn);
    findings.check(good, *packet.by, fmt::format("{} with{} FORWARD TSN", name, good ? "" : "out"));
  });
}

void check_cookie_echo(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      std::vector<Bytes> cookies;
      for (const auto& packet : association.sides[1 - i].packets) {
        const auto* const ack = packet.find<sctp::InitAckChunk>();
        if (ack == nullptr) continue;
        if (auto cookie = sctp::read_init(ack->body).cookie) cookies.push_back(*std::move(cookie));
      }
      for (const auto& packet : association.sides[i].packets) {
        const auto* const echo = packet.find<sctp::CookieEchoChunk>();
        if (echo == nullptr || cookies.empty()) continue;
        const bool is_first =
            std::holds_alternative<sctp::CookieEchoChunk>(packet.packet.chunks[0]);
        const bool is_same = std::ranges::find(cookies, echo->cookie) != cookies.end();
        findings.check(is_first && is_same, *packet.by,
                       !is_same    ? "COOKIE ECHO with another cookie than INIT ACK had"
                       : !is_first ? "COOKIE ECHO behind other chunks"
                                   : "COOKIE ECHO with the cookie of INIT ACK");
      }
    }
  }
}

// RFC 8841 §9.3: neither waits for the other. Seen from an INIT of either.
void check_both_begin(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    const SctpPacket* first = nullptr;
    std::array<const SctpPacket*, 2> inits{};
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& packet : association.sides[i].packets) {
        if (packet.find<sctp::InitChunk>() == nullptr) continue;
        inits[i] = &packet;
        if (first == nullptr || packet.by->sent < first->by->sent) first = &packet;
        break;
      }
    }
    if (first == nullptr) continue;
    for (std::size_t i = 0; i < 2; ++i) {
      if (association.sides[i].packets.empty()) continue;  // what it said was not captured
      findings.check_of(association.sides[i].name, inits[i] != nullptr,
                        inits[i] != nullptr ? *inits[i]->by : *first->by,
                        inits[i] != nullptr ? "INIT of its own" : "no INIT of its own");
    }
  }
}

// RFC 9260 §3.2.1: a parameter that is not known says itself whether it is skipped; the chunk is
// refused for it by nobody. Who sends INIT three times to somebody who hears it was not answered.
constexpr std::size_t kMostUnanswered = 2;

void check_init_answered(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& other = association.sides[1 - i];
      if (other.packets.empty()) continue;  // what it said was not captured
      std::vector<const SctpPacket*> heard;
      for (const auto& packet : association.sides[i].packets) {
        const auto* const init = packet.find<sctp::InitChunk>();
        if (init == nullptr || !packet.received || init->body.initiate_tag == 0) continue;
        heard.push_back(&packet);
      }
      const bool answered = std::ranges::any_of(other.packets, [](const SctpPacket& packet) {
        return packet.find<sctp::InitAckChunk>() != nullptr ||
               packet.find<sctp::AbortChunk>() != nullptr;
      });
      if (heard.empty() || (!answered && heard.size() <= kMostUnanswered)) continue;
      findings.check_of(other.name, answered, *heard.back()->by,
                        answered
                            ? "INIT answered"
                            : fmt::format("INIT heard {} times and never answered", heard.size()));
    }
  }
}

// clang-format off
constexpr std::array kSctpSetupCheckers{
    Checker{{"sctp-9260-3.3.2-init-tag-nonzero", "RFC 9260", "3.3.2", Level::Must,
             "Initiate tags are not 0."},
            "INIT and INIT ACK chunks", check_initiate_tag},
    Checker{{"sctp-9260-3.3.2-arwnd-min", "RFC 9260", "3.3.2", Level::Must,
             "The window in INIT and INIT ACK is 1500 octets or more."},
            "INIT and INIT ACK chunks", check_initial_window},
    Checker{{"sctp-9260-3.3.2-streams-nonzero", "RFC 9260", "3.3.2", Level::Must,
             "INIT and INIT ACK ask for at least one stream each way."},
            "INIT and INIT ACK chunks", check_stream_counts},
    Checker{{"sctp-9260-3.2.1-init-answered", "RFC 9260", "3.2.1", Level::Must,
             "INIT is answered, whatever parameters it has that are not known."},
            "INIT chunks heard", check_init_answered},
    Checker{{"sctp-9260-5.1-cookie-echo-exact", "RFC 9260", "5.1", Level::Must,
             "COOKIE ECHO comes first in its packet and has the cookie of INIT ACK, bit by bit."},
            "COOKIE ECHO chunks", check_cookie_echo},
    Checker{{"sctpdtls-8261-6.1-no-addr-params", "RFC 8261", "6.1", Level::Must,
             "INIT and INIT ACK list no addresses and no types of them."},
            "INIT and INIT ACK chunks", check_no_addresses},
    Checker{{"dc-8831-6.1-reconfig", "RFC 8831", "6.1", Level::Must,
             "RE-CONFIG is among the extensions announced."},
            "INIT and INIT ACK chunks", check_reconfig_announced},
    Checker{{"dc-8831-6.1-pr-sctp", "RFC 8831", "6.1", Level::Must,
             "FORWARD TSN is announced."},
            "INIT and INIT ACK chunks", check_forward_tsn_announced},
    Checker{{"dc-8831-6.2-streams-65535", "RFC 8831", "6.2", Level::Should,
             "65535 streams are asked for each way."},
            "INIT and INIT ACK chunks", check_all_streams},
    Checker{{"sctpsdp-8841-9.3-both-init", "RFC 8841", "9.3", Level::Must,
             "Both sides begin the association."},
            "sides of associations", check_both_begin},
};
// clang-format on

}  // namespace

std::span<const Checker> sctp_setup_checkers() {
  return kSctpSetupCheckers;
}

}  // namespace rtclab::judge
