// Which TSNs have arrived, and when the peer is told.
//
// Spec: RFC 9260 §6.2 (acknowledging), §6.7 (gaps). The decision to send is here, the sending is
// not.
#pragma once

#include "agents/sctp/chunk.h"
#include "agents/sctp/tsn.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace rtclab::sctp {

class ReceiveTracker {
 public:
  enum class Arrival : std::uint8_t { New, Duplicate, OutOfWindow };
  // When the next SACK is due.
  enum class Due : std::uint8_t { Never, Delayed, Now };

  explicit ReceiveTracker(Tsn initial_tsn) : cumulative_{unwrap_first(initial_tsn) - 1} {}

  [[nodiscard]] LongTsn unwrapped(Tsn tsn) const { return unwrap(tsn, cumulative_); }
  // What the TSN would be; nothing is noted yet.
  [[nodiscard]] Arrival classify(LongTsn tsn) const;
  void note_duplicate(LongTsn tsn);
  void accept(LongTsn tsn);
  // FORWARD TSN: all up to `tsn` counts as received (RFC 3758 §3.6). False when that is not news.
  bool forward(LongTsn tsn);

  // A packet with DATA has been processed to its end.
  void note_packet(bool immediate);
  void require_sack() { due_ = Due::Now; }
  // For a deviation: the SACK waits in any case.
  void wait_for_delay() { due_ = Due::Delayed; }
  // Another chunk has said all that a SACK would (RFC 9260 §9.2).
  void satisfy() { due_ = Due::Never; }
  // The delay of a Delayed SACK is over.
  void delay_over() {
    if (due_ == Due::Delayed) due_ = Due::Now;
  }
  [[nodiscard]] Due due() const { return due_; }
  // The SACK of this moment, at most `max_size` octets; nothing is due after it.
  [[nodiscard]] SackChunk take_sack(std::uint32_t receiver_window, std::size_t max_size);

  [[nodiscard]] LongTsn cumulative() const { return cumulative_; }
  [[nodiscard]] LongTsn highest() const {
    return blocks_.empty() ? cumulative_ : blocks_.rbegin()->second;
  }
  [[nodiscard]] bool has_gaps() const { return !blocks_.empty(); }
  [[nodiscard]] bool has_duplicates() const { return !duplicates_.empty(); }

 private:
  void absorb();

  LongTsn cumulative_;
  std::map<LongTsn, LongTsn> blocks_;  // above cumulative_: first to last, apart from each other
  std::vector<Tsn> duplicates_;
  Due due_ = Due::Never;
  bool anything_yet_ = false;
  bool had_gaps_ = false;
  bool new_duplicate_ = false;
};

}  // namespace rtclab::sctp
