// DATA that has been sent and that the peer has not acknowledged cumulatively: what RFC 9260 calls
// outstanding.
//
// Spec: RFC 9260 §6.2.1 (SACK), §6.3.1 C5 (which chunks measure), §7.2.4 (missing reports); RFC
// 3758 §3.5, RFC 7496 §3.1 and RFC 8260 §2.3.1 (abandoning). It says what is lost; when that leaves
// again is not decided here.
#pragma once

#include "agents/sctp/chunk.h"
#include "agents/sctp/send_queue.h"
#include "agents/sctp/tsn.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace rtclab::sctp {

class Outstanding {
 public:
  // Partial reliability needs a peer that understands FORWARD TSN (RFC 3758 §3.3).
  enum class Abandoning : std::uint8_t { Allowed, Forbidden };

  explicit Outstanding(Tsn initial_tsn)
      : cumulative_{unwrap_first(initial_tsn) - 1}, forward_{cumulative_} {}

  void set_abandoning(Abandoning abandoning) { abandoning_ = abandoning; }
  void retransmit_fast_again() { fast_again_ = true; }  // Deviation::SctpFastAgain
  // Precondition: nothing has been sent yet, or it does not change.
  void set_kind(DataKind kind) { kind_ = kind; }

  // A fragment leaves for the first time, under the TSN that is returned.
  struct Sent {
    DataHeader header;
    ByteView payload;  // until the next call
  };
  Sent send(Instant now, Fragment fragment);

  struct SackOutcome {
    std::size_t flight_before = 0;
    std::size_t bytes_acknowledged = 0;  // chunk sizes
    bool cumulative_advanced = false;
    bool reneged = false;
    bool nothing_left = false;
    std::optional<Duration> round_trip;
    // Newly given three missing reports, now marked for retransmission.
    std::vector<LongTsn> lost;
  };
  // nullopt for a SACK that is older than what is known, or that acknowledges what was never sent.
  [[nodiscard]] std::optional<SackOutcome> handle_sack(Instant now, const SackChunk& sack,
                                                       bool in_fast_recovery);
  // SHUTDOWN carries a cumulative TSN too.
  [[nodiscard]] std::optional<SackOutcome> handle_cumulative(Instant now, Tsn tsn);

  // Everything in flight is marked for retransmission (T3-rtx expired).
  void mark_all_lost(Instant now);
  [[nodiscard]] bool has_lost() const { return lost_ != 0; }
  // The lowest chunk marked for retransmission, if its padded size is at most `room`; it is in
  // flight again.
  struct Resent {
    Sent chunk;
    bool lowest_outstanding;
    bool fast;  // by missing reports, not by T3-rtx
  };
  [[nodiscard]] std::optional<Resent> resend(Instant now, std::size_t room);

  // Gives up a message that was begun.
  void abandon(MessageNumber message);
  // The unsent rest of an abandoned message takes a TSN that is never sent: the peer may have all
  // that was sent of it, and must still be moved past its end.
  void add_abandoned(Fragment rest);
  // The messages given up since the last call; the caller drops what it has left of them.
  [[nodiscard]] std::vector<MessageNumber> take_abandoned();
  // RFC 3758 §3.5 C1, C2: present when the peer must be told, by the chunk that goes with the kind.
  struct Forward {
    Tsn new_cumulative_tsn;
    Chunk chunk;
  };
  [[nodiscard]] std::optional<Forward> forward_tsn(std::size_t max_size) const;

  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t flight() const { return flight_; }           // chunk sizes
  [[nodiscard]] std::size_t flight_payload() const { return payload_; }  // user data alone
  [[nodiscard]] LongTsn next_tsn() const { return cumulative_ + 1 + items_.size(); }
  [[nodiscard]] LongTsn cumulative() const { return cumulative_; }

 private:
  enum class Place : std::uint8_t { InFlight, Lost, GapAcked, Abandoned };
  struct Item {
    Fragment fragment;
    Place place = Place::InFlight;
    std::uint8_t missing = 0;
    bool fast_retransmitted = false;
    std::uint32_t sends = 1;
  };

  [[nodiscard]] std::size_t size_of(const Item& item) const {
    return padded(header_size(kind_) + item.fragment.payload.size());
  }
  [[nodiscard]] Item& at(LongTsn tsn) { return items_[tsn - cumulative_ - 1]; }
  void move(Item& item, Place place);
  void acknowledge(Instant now, LongTsn tsn, Item& item, SackOutcome& outcome);
  void advance(Instant now, LongTsn tsn, SackOutcome& outcome);
  [[nodiscard]] LongTsn handle_gaps(Instant now, const SackChunk& sack, SackOutcome& outcome);
  void count_missing(Instant now, LongTsn below, SackOutcome& outcome);
  // Marks for retransmission, or abandons what may not be sent again.
  void lose(Instant now, Item& item);
  [[nodiscard]] bool may_resend(Instant now, const Item& item) const;
  void advance_forward_point();

  LongTsn cumulative_;  // all up to here is acknowledged
  LongTsn forward_;     // Advanced.Peer.Ack.Point
  std::deque<Item> items_;
  std::size_t flight_ = 0;
  std::size_t payload_ = 0;
  std::size_t lost_ = 0;
  std::size_t gap_acked_ = 0;
  Abandoning abandoning_ = Abandoning::Allowed;
  bool fast_again_ = false;
  DataKind kind_ = DataKind::Data;
  std::vector<MessageNumber> abandoned_;
  // Karn's rule: one chunk at a time is timed, and none that was, or that follows one which was,
  // sent twice.
  struct Probe {
    LongTsn tsn;
    Instant sent;
  };
  std::optional<Probe> probe_;
};

}  // namespace rtclab::sctp
