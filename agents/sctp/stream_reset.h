// The two directions of stream reset: our request and its answer, the peer's request and ours.
//
// Spec: RFC 6525 §5.1 (sending), §5.2 (receiving). One request is on its way at a time.
#pragma once

#include "agents/sctp/reconfiguration.h"
#include "agents/sctp/tsn.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::sctp {

class StreamReset {
 public:
  // RFC 6525 §5.1.1: both counts of requests begin with the initial TSNs.
  StreamReset(Tsn local_initial_tsn, Tsn peer_initial_tsn)
      : next_number_{local_initial_tsn.value()}, expected_{peer_initial_tsn.value()} {}

  // --- ours ---
  [[nodiscard]] bool requesting() const { return request_.has_value(); }
  void skip_number() { ++next_number_; }
  // Precondition: not requesting().
  void request(std::vector<StreamId> streams, LongTsn last_tsn);
  [[nodiscard]] const OutgoingResetRequest& current() const { return *request_; }
  struct Answer {
    std::vector<StreamId> streams;
    ResetResult result;
  };
  // nullopt: not about our request, or the peer needs more time and we ask again.
  [[nodiscard]] std::optional<Answer> handle(const ResetResponse& response);

  // --- the peer's ---
  struct Reaction {
    ResetResponse response;
    // Present when incoming streams begin anew now; empty means all.
    std::optional<std::vector<StreamId>> reset;
  };
  [[nodiscard]] Reaction handle(const OutgoingResetRequest& request, LongTsn cumulative,
                                std::uint16_t inbound_streams);
  [[nodiscard]] Reaction handle(const OtherRequest& request);
  // All up to `cumulative` has arrived: a request that waited for it is performed.
  [[nodiscard]] std::optional<Reaction> note_cumulative(LongTsn cumulative);

 private:
  [[nodiscard]] std::optional<Reaction> out_of_sequence(RequestNumber number) const;
  Reaction settle(RequestNumber number, ResetResult result);

  std::uint32_t next_number_;
  std::uint32_t expected_;
  std::optional<OutgoingResetRequest> request_;
  std::optional<OutgoingResetRequest> waiting_;  // the peer's, for its last TSN
  ResetResult last_result_ = ResetResult::NothingToDo;
};

}  // namespace rtclab::sctp
