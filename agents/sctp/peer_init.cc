#include "agents/sctp/peer_init.h"

#include <algorithm>

namespace rtclab::sctp {
namespace {

// RFC 9260 §3.3.2: a window below this MUST be refused.
constexpr std::uint32_t kMinReceiverWindow = 1500;

// RFC 9653 §4: the alternate error detection method "SCTP over DTLS".
constexpr std::uint32_t kSctpOverDtls = 1;

void read_extensions(const Bytes& types, PeerInit& peer) {
  const auto lists = [&](ChunkType type) {
    return std::ranges::find(types, static_cast<std::byte>(type)) != types.end();
  };
  // Some peers (Pion) list FORWARD TSN here and leave out Forward-TSN-Supported.
  if (lists(ChunkType::ForwardTsn)) peer.partial_reliability = true;
  if (lists(ChunkType::ReConfig)) peer.stream_reset = true;
  if (lists(ChunkType::IData)) peer.interleaving = true;
  if (lists(ChunkType::IForwardTsn)) peer.interleaved_reliability = true;
}

}  // namespace

bool has_stale_cookie(const ErrorChunk& chunk) {
  return std::ranges::any_of(chunk.causes, [](const ErrorCause& error) {
    return error.code == static_cast<std::uint16_t>(CauseCode::StaleCookie);
  });
}

ReadInit read_init(const InitBody& body) {
  ReadInit read;
  read.peer = {.tag = body.initiate_tag,
               .receiver_window = body.receiver_window,
               .outbound_streams = body.outbound_streams,
               .inbound_streams = body.inbound_streams,
               .initial_tsn = body.initial_tsn};
  if (body.receiver_window < kMinReceiverWindow || body.outbound_streams == 0 ||
      body.inbound_streams == 0) {
    read.fatal = cause(CauseCode::InvalidMandatoryParameter);
  }
  for (const auto& parameter : body.parameters) {
    switch (static_cast<ParameterType>(parameter.type)) {
      case ParameterType::StateCookie: read.cookie = parameter.value; continue;
      case ParameterType::SupportedExtensions:
        read_extensions(parameter.value, read.peer);
        continue;
      case ParameterType::ForwardTsnSupported: read.peer.partial_reliability = true; continue;
      case ParameterType::ZeroChecksumAcceptable:
        read.peer.zero_checksum =
            parameter.value.size() == 4 && ByteReader{parameter.value}.u32() == kSctpOverDtls;
        continue;
      case ParameterType::HostNameAddress:
        // RFC 9260 §3.3.2.1.4: deprecated, and MUST be answered by ABORT.
        read.fatal = cause(CauseCode::UnresolvableAddress, octets_of(parameter));
        continue;
      // Addresses mean nothing above DTLS (RFC 8261 §6.1); an extension of the cookie's life is
      // ours to grant, and ECN is not ours at all.
      case ParameterType::HeartbeatInfo:
      case ParameterType::Ipv4Address:
      case ParameterType::Ipv6Address:
      case ParameterType::UnrecognizedParameter:
      case ParameterType::CookiePreservative:
      case ParameterType::SupportedAddressTypes:
      case ParameterType::EcnCapable: continue;
    }
    const auto action = UnknownTypeAction::of_parameter(parameter.type);
    if (action.report) read.unrecognized.push_back(parameter);
    if (!action.go_on) break;
  }
  return read;
}

std::vector<Parameter> own_parameters(const Options& options) {
  Bytes extensions;
  const auto add = [&](ChunkType chunk) { extensions.push_back(static_cast<std::byte>(chunk)); };
  add(ChunkType::ReConfig);
  add(ChunkType::ForwardTsn);
  if (options.interleaving) {
    add(ChunkType::IData);
    add(ChunkType::IForwardTsn);
  }
  std::vector<Parameter> parameters{
      {static_cast<std::uint16_t>(ParameterType::ForwardTsnSupported), {}},
      {static_cast<std::uint16_t>(ParameterType::SupportedExtensions), std::move(extensions)}};
  if (options.zero_checksum) {
    parameters.push_back({static_cast<std::uint16_t>(ParameterType::ZeroChecksumAcceptable),
                          ByteWriter{}.u32(kSctpOverDtls).take()});
  }
  return parameters;
}

}  // namespace rtclab::sctp
