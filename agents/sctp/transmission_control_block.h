// All that exists only while there is a peer.
//
// Spec: RFC 9260 §15.2. Created by INIT ACK or by a State Cookie; destroyed with the association.
#pragma once

#include "agents/base/rng.h"
#include "agents/sctp/association.h"
#include "agents/sctp/congestion_window.h"
#include "agents/sctp/outstanding.h"
#include "agents/sctp/packet.h"
#include "agents/sctp/peer_init.h"
#include "agents/sctp/reassembly.h"
#include "agents/sctp/receive_tracker.h"
#include "agents/sctp/state_cookie.h"
#include "agents/sctp/stream_reset.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::sctp {

// Our side: what our INIT says.
struct LocalInit {
  std::uint32_t tag;
  Tsn initial_tsn;

  [[nodiscard]] static LocalInit draw(Rng& rng) {
    const auto tag = static_cast<std::uint32_t>(1 + rng.below(0xffffffff));  // never 0
    return {tag, Tsn{static_cast<std::uint32_t>(rng.next())}};
  }
};

struct TransmissionControlBlock {
  TransmissionControlBlock(const LocalInit& local, const PeerInit& peer_init,
                           const Options& options, Rng& rng)
      : local_tag{local.tag},
        peer{peer_init},
        tie_tags{LocalInit::draw(rng).tag, LocalInit::draw(rng).tag},
        local_initial_tsn{local.initial_tsn},
        outstanding{local.initial_tsn},
        congestion{pmdcs(options)},
        tracker{peer_init.initial_tsn},
        reassembly{message_limit(options)},
        stream_reset{local.initial_tsn, peer_init.initial_tsn},
        peer_window{peer_init.receiver_window} {
    agree(options);
  }

  // The peer began over with another tag before it had sent data (RFC 9260 §5.2.4 action B): what
  // we have sent stays sent.
  void replace_peer(const PeerInit& peer_init, const Options& options) {
    peer = peer_init;
    tracker = ReceiveTracker{peer_init.initial_tsn};
    reassembly = Reassembly{message_limit(options)};
    stream_reset = StreamReset{local_initial_tsn, peer_init.initial_tsn};
    peer_window = peer_init.receiver_window;
    agree(options);
  }

  [[nodiscard]] std::uint16_t outbound_streams(const Options& options) const {
    return std::min(options.outbound_streams, peer.inbound_streams);
  }
  [[nodiscard]] std::uint16_t inbound_streams(const Options& options) const {
    return std::min(options.inbound_streams, peer.outbound_streams);
  }
  // RFC 9260 §2.3: the largest DATA chunk that a packet can carry.
  [[nodiscard]] static std::size_t pmdcs(const Options& options) {
    return options.mtu / 4 * 4 - kCommonHeaderSize;
  }

  // RFC 8260 §2.2.1.
  [[nodiscard]] static DataKind kind_with(const PeerInit& peer, const Options& options) {
    return options.interleaving && peer.interleaving ? DataKind::IData : DataKind::Data;
  }
  [[nodiscard]] std::size_t max_payload(const Options& options) const {
    return pmdcs(options) - header_size(kind);
  }

  std::uint32_t local_tag;
  PeerInit peer;
  DataKind kind = DataKind::Data;
  bool can_abandon = false;  // RFC 3758, by the chunk that goes with the kind
  Checksum checksum = Checksum::Crc32c;
  TieTags tie_tags;
  Tsn local_initial_tsn;

  Outstanding outstanding;
  CongestionWindow congestion;
  ReceiveTracker tracker;
  Reassembly reassembly;
  StreamReset stream_reset;

  std::size_t peer_window;   // rwnd
  unsigned error_count = 0;  // consecutive failures, RFC 9260 §8.1
  std::optional<Instant> last_data_sent;

  // A heartbeat on its way.
  struct Heartbeat {
    Instant sent;
    std::uint64_t nonce;
  };
  std::optional<Heartbeat> heartbeat;
  bool path_measured = false;  // by other chunks, in this heartbeat period

 private:
  static std::size_t message_limit(const Options& options) {
    return options.max_message_size == 0 ? options.receive_buffer : options.max_message_size;
  }
  // What both sides offered.
  void agree(const Options& options) {
    kind = kind_with(peer, options);
    can_abandon = kind == DataKind::Data ? peer.partial_reliability : peer.interleaved_reliability;
    checksum = peer.zero_checksum && options.zero_checksum ? Checksum::Zero : Checksum::Crc32c;
    outstanding.set_kind(kind);
    if (options.deviations.has(Deviation::SctpFastAgain)) outstanding.retransmit_fast_again();
    const bool for_ever = options.deviations.has(Deviation::SctpResendForEver);
    outstanding.set_abandoning(can_abandon && !for_ever ? Outstanding::Abandoning::Allowed
                                                        : Outstanding::Abandoning::Forbidden);
  }
};

}  // namespace rtclab::sctp
