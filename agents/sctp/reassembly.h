// Fragments become messages, and ordered messages wait for their turn.
//
// Spec: RFC 9260 §6.5, §6.6, §6.9; RFC 3758 §3.6 (FORWARD TSN); RFC 6525 §5.2.2 (streams that begin
// anew); RFC 8260 §2.2.3, §2.3.1 (I-DATA, I-FORWARD-TSN). An association has chunks of one kind.
// Every TSN comes here at most once. A stream exists here once something came on it.
#pragma once

#include "agents/sctp/chunk.h"
#include "agents/sctp/tsn.h"
#include "agents/sctp/types.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>

namespace rtclab::sctp {

class Reassembly {
 public:
  struct Message {
    StreamId stream;
    Ppid ppid;
    Order order;
    Bytes bytes;
  };

  // `max_message_size`: nothing longer is put together.
  explicit Reassembly(std::size_t max_message_size) : max_message_size_{max_message_size} {}

  void add(LongTsn tsn, DataChunk chunk);
  void add(LongTsn tsn, IDataChunk chunk);
  // `tsn` is the point that FORWARD TSN names.
  void forward(LongTsn tsn, std::span<const ForwardTsnChunk::Skipped> skipped);
  void forward(std::span<const IForwardTsnChunk::Skipped> skipped);
  // No streams: all of them.
  void reset(std::span<const StreamId> streams);

  [[nodiscard]] std::optional<Message> take();
  // Octets that are held and not yet taken.
  [[nodiscard]] std::size_t buffered() const { return buffered_; }
  // In so many pieces, which cost memory each, however short they are.
  [[nodiscard]] std::size_t fragments() const { return fragments_; }
  // A message grows beyond what is allowed; the association cannot go on.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  // Keyed by TSN; those of I-DATA by FSN.
  using Fragments = std::map<LongTsn, DataChunk>;
  // The fragments of one message that are known to belong together: by SSN or by MID.
  struct Partial {
    Fragments fragments;
    std::size_t octets = 0;
    [[nodiscard]] bool complete() const;
  };
  struct Stream {
    LongSsn next = kFirst;
    std::map<LongSsn, Partial> ordered;
    Fragments unordered;  // DATA
    // I-DATA: by MID; those below `passed` have been skipped.
    std::map<LongSsn, Partial> interleaved;
    LongSsn highest = kFirst;
    LongSsn passed = kFirst;
  };
  static constexpr LongSsn kFirst = LongSsn{1} << 32u;  // one turn up, so that numbers below exist

  void add_ordered(LongTsn key, LongSsn number, Stream& stream, DataChunk chunk);
  void add_interleaved(Stream& stream, LongSsn number, DataChunk chunk);
  // False when there was a fragment of that key already: only a peer that numbers wrongly does
  // this.
  bool add_to(Partial& partial, LongTsn key, DataChunk chunk);
  void forget(const DataChunk& chunk);
  void add_unordered(LongTsn tsn, Stream& stream, DataChunk chunk);
  void deliver_in_order(Stream& stream);
  void skip(Stream& stream, LongSsn ssn);
  void deliver(Fragments::iterator first, Fragments::iterator last);
  void drop(const Partial& partial);

  std::size_t max_message_size_;
  std::map<StreamId, Stream> streams_;
  std::deque<Message> ready_;
  std::size_t buffered_ = 0;
  std::size_t fragments_ = 0;
  bool overflowed_ = false;
};

}  // namespace rtclab::sctp
