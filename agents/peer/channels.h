// The data channels of a connection over its life: those of the present SCTP association, and those
// of the associations before it, which are closed.
//
// Spec: W3C webrtc-pc §6.1 and §6.2, RFC 8841 §10 (how associations come and go). Channels are
// counted from 1 here, over all associations, and from 0 in each of agents/sctp.
#pragma once

#include "agents/peer/data_channel_init.h"
#include "agents/peer/error.h"
#include "agents/peer/event.h"
#include "agents/sctp/data_channel.h"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace rtclab::peer {

// RTCDataChannelStats.
struct ChannelCounters {
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_received = 0;
};

class Channels {
 public:
  // `rng` outlives this object.
  Channels(sctp::Options options, Rng& rng);

  // The association in use, or the one to come.
  [[nodiscard]] sctp::DataChannels& current() { return sets_.back().channels; }
  [[nodiscard]] const sctp::DataChannels& current() const { return sets_.back().channels; }
  // Begins anew: channels made from now on belong to another association.
  void renew();

  Outcome<ChannelId> open(Instant now, const std::string& label, const DataChannelInit& init);
  Outcome<void> send(Instant now, ChannelId channel, Message message);
  void close(Instant now, ChannelId channel);
  void set_buffered_amount_low_threshold(ChannelId channel, std::uint64_t octets);

  // Of the present association.
  [[nodiscard]] ChannelId to_peer(sctp::ChannelId channel) const {
    return ChannelId{sets_.back().first + channel.value()};
  }
  [[nodiscard]] const sctp::DataChannels::Channel* find(ChannelId channel) const;
  [[nodiscard]] std::string label_of(ChannelId channel) const;
  [[nodiscard]] std::optional<DataChannelState> state(ChannelId channel) const;
  [[nodiscard]] std::optional<std::uint16_t> stream(ChannelId channel) const;
  [[nodiscard]] std::uint64_t buffered_amount(ChannelId channel) const;
  [[nodiscard]] ChannelCounters counters(ChannelId channel) const;
  void note_received(ChannelId channel, const Message& message);
  [[nodiscard]] bool was_open(ChannelId channel) const { return opened_.contains(channel); }
  void note_open(ChannelId channel) { opened_.insert(channel); }
  // All that there ever were, in the order of creation.
  [[nodiscard]] std::uint32_t count() const;

 private:
  struct Set {
    std::uint32_t first;  // the number of its first channel here
    sctp::DataChannels channels;
  };
  [[nodiscard]] const Set* set_of(ChannelId channel) const;
  [[nodiscard]] Set* set_of(ChannelId channel);

  sctp::Options options_;
  Rng* rng_;
  std::map<ChannelId, ChannelCounters> counters_;
  std::set<ChannelId> opened_;
  std::list<Set> sets_;  // never empty; the last is the present one
};

}  // namespace rtclab::peer
