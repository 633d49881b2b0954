#include "agents/sctp/stream_reset.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sctp {

void StreamReset::request(std::vector<StreamId> streams, LongTsn last_tsn) {
  assert(!request_);
  request_ = OutgoingResetRequest{.number = RequestNumber{next_number_++},
                                  .response_number = RequestNumber{expected_ - 1},
                                  .last_tsn = wrap(last_tsn),
                                  .streams = std::move(streams)};
}

std::optional<StreamReset::Answer> StreamReset::handle(const ResetResponse& response) {
  if (!request_ || response.number != request_->number) return std::nullopt;
  // The same request is repeated, under the same number, until the answer is final (RFC 6525
  // §5.2.7).
  if (response.result == ResetResult::InProgress) return std::nullopt;
  Answer answer{std::move(request_->streams), response.result};
  request_.reset();
  return answer;
}

// A repeated request gets the answer of the first; any other number but the next one is an error
// (RFC 6525 §5.2.1).
std::optional<StreamReset::Reaction> StreamReset::out_of_sequence(RequestNumber number) const {
  if (number.value() == expected_) return std::nullopt;
  const bool repeated = number.value() == expected_ - 1;
  return Reaction{{number, repeated ? last_result_ : ResetResult::BadSequenceNumber}, std::nullopt};
}

StreamReset::Reaction StreamReset::settle(RequestNumber number, ResetResult result) {
  ++expected_;
  last_result_ = result;
  return {{number, result}, std::nullopt};
}

StreamReset::Reaction StreamReset::handle(const OutgoingResetRequest& request, LongTsn cumulative,
                                          std::uint16_t inbound_streams) {
  if (const auto reaction = out_of_sequence(request.number)) return *reaction;
  if (waiting_) return {{request.number, ResetResult::RequestInProgress}, std::nullopt};
  const bool known = std::ranges::all_of(
      request.streams, [&](StreamId stream) { return stream.value() < inbound_streams; });
  if (!known) return settle(request.number, ResetResult::WrongSsn);
  // RFC 6525 §5.2.2 E2: what was sent before the reset must arrive before it.
  if (unwrap(request.last_tsn, cumulative) > cumulative) {
    waiting_ = request;
    return settle(request.number, ResetResult::InProgress);
  }
  auto reaction = settle(request.number, ResetResult::Performed);
  reaction.reset = request.streams;
  return reaction;
}

StreamReset::Reaction StreamReset::handle(const OtherRequest& request) {
  if (const auto reaction = out_of_sequence(request.number)) return *reaction;
  return settle(request.number, ResetResult::Denied);
}

std::optional<StreamReset::Reaction> StreamReset::note_cumulative(LongTsn cumulative) {
  if (!waiting_ || unwrap(waiting_->last_tsn, cumulative) > cumulative) return std::nullopt;
  // The peer hears of it now, not only when it asks again.
  last_result_ = ResetResult::Performed;
  Reaction reaction{{waiting_->number, last_result_}, std::move(waiting_->streams)};
  waiting_.reset();
  return reaction;
}

}  // namespace rtclab::sctp
