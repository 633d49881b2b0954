#include "agents/sctp/reconfiguration.h"

namespace rtclab::sctp {
namespace {

constexpr std::uint16_t kIncomingReset = 14;
constexpr std::uint16_t kTsnReset = 15;
constexpr std::uint16_t kAddOutgoing = 17;
constexpr std::uint16_t kAddIncoming = 18;

std::optional<Reconfiguration> decode_outgoing(ByteReader in) {
  OutgoingResetRequest request;
  request.number = RequestNumber{in.u32()};
  request.response_number = RequestNumber{in.u32()};
  request.last_tsn = Tsn{in.u32()};
  if (!in.ok() || in.remaining() % 2 != 0) return std::nullopt;
  while (in.remaining() != 0) request.streams.emplace_back(in.u16());
  return request;
}

std::optional<Reconfiguration> decode_response(ByteReader in) {
  const RequestNumber number{in.u32()};
  const auto result = in.u32();
  if (!in.ok() || result > static_cast<std::uint32_t>(ResetResult::InProgress)) return std::nullopt;
  return ResetResponse{number, static_cast<ResetResult>(result)};
}

}  // namespace

Parameter encode(const OutgoingResetRequest& request) {
  ByteWriter out;
  out.u32(request.number.value()).u32(request.response_number.value());
  out.u32(request.last_tsn.value());
  for (const auto stream : request.streams) out.u16(stream.value());
  return {OutgoingResetRequest::kType, out.take()};
}

Parameter encode(const ResetResponse& response) {
  ByteWriter out;
  out.u32(response.number.value()).u32(static_cast<std::uint32_t>(response.result));
  return {ResetResponse::kType, out.take()};
}

std::optional<Reconfiguration> decode(const Parameter& parameter) {
  ByteReader in{parameter.value};
  switch (parameter.type) {
    case OutgoingResetRequest::kType: return decode_outgoing(in);
    case ResetResponse::kType: return decode_response(in);
    case kIncomingReset:
    case kTsnReset:
    case kAddOutgoing:
    case kAddIncoming: {
      const RequestNumber number{in.u32()};
      if (!in.ok()) return std::nullopt;
      return OtherRequest{parameter.type, number};
    }
    default: return std::nullopt;
  }
}

std::string_view to_string(ResetResult result) {
  switch (result) {
    case ResetResult::NothingToDo: return "nothing to do";
    case ResetResult::Performed: return "performed";
    case ResetResult::Denied: return "denied";
    case ResetResult::WrongSsn: return "wrong SSN";
    case ResetResult::RequestInProgress: return "request already in progress";
    case ResetResult::BadSequenceNumber: return "bad sequence number";
    case ResetResult::InProgress: return "in progress";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::sctp
