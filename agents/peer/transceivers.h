// The set of transceivers of a connection, and what descriptions and the application do to it.
//
// Spec: W3C webrtc-pc §5.1 (addTrack, removeTrack, addTransceiver), §4.4.1.5 (what setting a
// description does to transceivers), §5.1.1 (process remote tracks); RFC 9429 §5.9 and §5.10
// (association with m= sections), §5.7 (rollback). No I/O and no events: what an event has to tell
// is returned. One mid in place of [[JsepMid]] and [[Mid]], because a description is applied in one
// step here.
#pragma once

#include "agents/base/rng.h"
#include "agents/peer/error.h"
#include "agents/peer/media_negotiation.h"
#include "agents/peer/transceiver.h"
#include "agents/peer/transport_id.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::peer {

struct Transceiver {
  TransceiverId id;
  MediaKind kind;
  Direction direction;
  std::optional<Direction> current_direction{};
  std::optional<Direction> fired_direction{};
  bool stopping = false;
  bool stopped = false;
  std::vector<Codec> codec_preferences{};

  // the sender
  std::optional<MediaTrack> track{};
  std::uint32_t track_changes = 0;
  std::vector<std::string> streams{};
  std::vector<Encoding> encodings{};
  std::optional<SignalledSource> source{};  // once a description has named it
  bool added_by_track = false;              // by addTrack, or taken up by it
  bool has_sent = false;                    // current_direction was sendrecv or sendonly at a time

  // the receiver
  std::string remote_track{};
  std::vector<std::string> remote_streams{};
  bool muted = true;
  bool ended = false;

  // Which transport and section its track was handed to last; see track_changes.
  struct Feed {
    TransportId transport;
    std::string mid;
    std::uint32_t track_changes;
    friend bool operator==(const Feed&, const Feed&) = default;
  };
  std::optional<Feed> feed{};

  // Its m= section, while it is associated with one.
  std::optional<std::string> mid{};
  std::optional<std::size_t> section{};
  std::optional<NegotiatedMedia> negotiated{};
  // What the peer may still send by earlier descriptions: RFC 3264 §8.3.2, for good, because a
  // payload type keeps its meaning.
  std::vector<Format> receivable{};

  // What a rollback goes back to: the slots [[LastStable…]].
  struct Stable {
    std::optional<std::string> mid;
    std::optional<std::size_t> section;
    std::vector<std::string> remote_streams;
    std::vector<Encoding> encodings;
  };
  std::optional<Stable> stable{};  // nullopt: it did not exist in the stable state
  bool made_by_offer = false;      // of the peer, which is pending

  void set_track(std::optional<MediaTrack> next) {
    track = std::move(next);
    ++track_changes;
  }
  [[nodiscard]] Direction shown_direction() const {
    return stopping ? Direction::Stopped : direction;
  }
  void note_receivable(const std::vector<Format>& formats);
  [[nodiscard]] std::vector<std::string> rids() const;
  [[nodiscard]] MediaWishes wishes() const;
  [[nodiscard]] TransceiverInfo info() const;
};

struct StreamTrack {
  std::string stream;
  std::string track;
  friend bool operator==(const StreamTrack&, const StreamTrack&) = default;
};

// What becomes visible when a description has been set, in the order in which it is told.
struct TrackChanges {
  std::vector<StreamTrack> removed;
  std::vector<StreamTrack> added;
  std::vector<TransceiverId> tracks;  // a `track` event for each
  // Stopped: their receivers' tracks have ended.
  std::vector<std::pair<TransceiverId, std::string>> ended;
};

class Transceivers {
 public:
  explicit Transceivers(Rng& rng) : rng_{&rng} {}

  [[nodiscard]] const std::vector<Transceiver>& all() const { return all_; }
  [[nodiscard]] std::vector<Transceiver>& all() { return all_; }
  // nullptr when it never was or has been removed. Pointers hold until the next call that adds or
  // removes.
  [[nodiscard]] Transceiver* find(TransceiverId id);
  [[nodiscard]] const Transceiver* find(TransceiverId id) const;
  [[nodiscard]] bool ever_had(TransceiverId id) const {
    return id.value() > 0 && id.value() < next_;
  }
  [[nodiscard]] Transceiver* in_section(std::size_t section);

  // --- the application ---
  Outcome<TransceiverId> add(MediaKind kind, std::optional<MediaTrack> track, TransceiverInit init);
  Outcome<TransceiverId> add_track(const MediaTrack& track, std::vector<std::string> streams);
  // True when something changed, so that negotiation may be needed.
  bool remove_track(Transceiver& transceiver);
  // False when it was stopping already.
  bool stop_sending_and_receiving(Transceiver& transceiver, TrackChanges& changes);

  // --- descriptions ---
  void save_stable();
  // §4.4.1.5, the steps for a rollback. `of_remote_offer`: the offer that is rolled back.
  void rollback(bool of_remote_offer, TrackChanges& changes);
  // RFC 9429 §5.10: finds or makes the transceiver for a section of the peer's description.
  // `sends`: the peer offers to receive, so that a track of ours could go there.
  Transceiver& associate_remote(std::size_t section, const std::string& mid, MediaKind kind,
                                bool peer_receives);
  // What the peer's section says of its tracks; `direction` is ours.
  static void process_remote_tracks(Transceiver& transceiver, Direction direction,
                                    const std::vector<std::string>& msids, TrackChanges& changes);
  static void set_current_direction(Transceiver& transceiver, Direction direction);
  void stop(Transceiver& transceiver, TrackChanges& changes);
  void remove(TransceiverId id);

 private:
  Transceiver& create(MediaKind kind, Direction direction);

  Rng* rng_;
  std::vector<Transceiver> all_;
  std::uint32_t next_ = 1;
};

// InvalidAccessError: a name that this connection never gave to any.
[[nodiscard]] Error no_such_transceiver();

// What addTransceiver makes of the encodings it is given: TypeError or RangeError for bad ones.
[[nodiscard]] Outcome<std::vector<Encoding>> checked_encodings(MediaKind kind,
                                                               std::vector<Encoding> encodings);

}  // namespace rtclab::peer
