// Messages that wait for their first transmission, stream by stream, and the cutting of them into
// fragments.
//
// Spec: RFC 9260 §6.5, §6.6, §6.9; RFC 3758 §4.1 (lifetime); RFC 6525 §5.1.2 (a stream falls silent
// before it is reset); RFC 8260 §3.6 with RFC 8831 §6.4 (weighted fair queueing by priority). With
// I-DATA streams take turns by fragment. Without it the fragments of a message must have
// consecutive TSNs: streams take turns by message, and one that was begun is finished first. A
// stream exists here once it has been used.
//
// The weighted fair queueing is that of start times (Goyal et al., 1996): a stream's turn begins at
// the virtual time at which its last turn, stretched by its weight, was over; the earliest is next.
#pragma once

#include "agents/sctp/chunk.h"
#include "agents/sctp/types.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace rtclab::sctp {

// Counts the messages of one association; no two have the same.
using MessageNumber = Strong<struct MessageNumberTag, std::uint64_t>;

// What one DATA chunk carries; the TSN is not known yet.
struct Fragment {
  MessageNumber message{0};
  DataHeader header;
  Bytes payload;
  std::optional<std::uint32_t> max_retransmissions;
  std::optional<Instant> expires_at;
};

class SendQueue {
 public:
  // Known with the peer (RFC 8260 §2.2.1); messages may be waiting already.
  void set_kind(DataKind kind) { kind_ = kind; }
  // The share of a stream beside the others; 256 unless it was set (RFC 8831 §6.4).
  void set_weight(StreamId stream, std::uint16_t weight);

  void add(Instant now, StreamId stream, OutgoingMessage message);

  // Octets of the next fragment, when fragments have at most `max_payload`; nullopt when nothing
  // waits. Messages whose lifetime has passed before they were begun are dropped on the way.
  [[nodiscard]] std::optional<std::size_t> next_size(Instant now, std::size_t max_payload);
  // The next fragment, of at most `max_payload` octets. Precondition: next_size() said that there
  // is one.
  [[nodiscard]] Fragment take(std::size_t max_payload);
  // The next fragment's message, if it was begun and its lifetime has passed.
  [[nodiscard]] std::optional<MessageNumber> expired_in_progress(Instant now) const;
  // Drops what is left of a message, if it is one that was begun. The header of what would have
  // come next.
  std::optional<Fragment> drop_rest(MessageNumber message);

  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] std::size_t total() const { return total_; }
  [[nodiscard]] std::size_t buffered(StreamId stream) const;
  void set_low_threshold(StreamId stream, std::size_t octets);
  // Streams whose buffered amount has fallen to the threshold since the last call.
  [[nodiscard]] std::vector<StreamId> take_low();
  // Messages dropped by next_size() since the last call.
  [[nodiscard]] std::vector<StreamId> take_dropped();

  // --- stream reset ---
  [[nodiscard]] bool resetting(StreamId stream) const;
  void begin_reset(StreamId stream);
  // Up to `limit` streams that are to be reset and have nothing left to send.
  [[nodiscard]] std::vector<StreamId> ready_to_reset(std::size_t limit) const;
  void end_reset(StreamId stream, bool performed);
  // All streams begin again at SSN 0; what was begun is dropped (RFC 9260 §5.2.4.1).
  void restart();

 private:
  // Virtual time at which it begins; those of one time in the order in which they came.
  using Turn = std::pair<std::uint64_t, std::uint64_t>;
  struct Queued {
    MessageNumber number;
    OutgoingMessage message;
    std::size_t taken = 0;  // octets that are fragments already
    Mid mid{0};             // once it was begun
    std::uint32_t fragments = 0;
    std::optional<Instant> expires_at;
  };
  struct Stream {
    std::deque<Queued> messages;
    std::size_t buffered = 0;
    std::size_t low_threshold = 0;
    // RFC 8260 §2.1: ordered and unordered messages are counted apart. The SSN is the lower half of
    // the first.
    std::uint32_t next_ordered = 0;
    std::uint32_t next_unordered = 0;
    std::uint16_t weight = 256;
    std::uint64_t start = 0;  // virtual time of its next turn
    Turn turn{};              // its key in turns_, while messages wait
  };

  Fragment take_from(StreamId id, std::size_t max_payload, bool charge);
  [[nodiscard]] Fragment cut(StreamId id, Stream& stream, std::size_t max_payload);
  void enqueue(StreamId id, Stream& stream);
  void note_left(StreamId id, Stream& stream, std::size_t octets);
  void choose(Instant now);
  void drop_expired(Instant now, StreamId id, Stream& stream);
  static void count_anew(Stream& stream);

  std::map<StreamId, Stream> streams_;
  // Those with messages, in the order of their turns.
  std::map<Turn, StreamId> turns_;
  std::uint64_t virtual_time_ = 0;
  std::uint64_t next_turn_ = 0;
  std::set<StreamId> resetting_;
  DataKind kind_ = DataKind::Data;
  std::size_t total_ = 0;
  std::uint64_t next_number_ = 0;
  std::vector<StreamId> low_;
  std::vector<StreamId> dropped_;
};

}  // namespace rtclab::sctp
