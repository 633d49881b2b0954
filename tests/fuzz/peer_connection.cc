// Two peer connections whose application, network and signalling are the input: calls in any order,
// descriptions changed on their way or applied where they do not belong, datagrams lost and
// damaged.
#include "agents/peer/peer_connection.h"

#include "agents/base/text.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::fuzz {
namespace {

using namespace peer;

constexpr std::size_t kMostRemembered = 32;
constexpr std::size_t kMostUnderWay = 64;
constexpr int kMostSteps = 120;

// Generating one costs more than a whole input.
const dtls::Certificate& certificate(std::size_t which) {
  static SeededRng rng{1};
  static const std::array kCertificates{dtls::Certificate::generate(rng),
                                        dtls::Certificate::generate(rng)};
  return kCertificates.at(which);
}

Configuration configuration(std::size_t which, Feed& feed) {
  Configuration configuration;
  configuration.certificates = {certificate(which)};
  const auto how = feed.u8();
  if ((how & 1u) != 0) configuration.bundle_policy = BundlePolicy::MaxBundle;
  if ((how & 2u) != 0) configuration.bundle_policy = BundlePolicy::MaxCompat;
  if ((how & 4u) != 0)
    configuration.ice_servers.push_back({.server = *Endpoint::parse("198.51.100.1:3478")});
  if ((how & 24u) == 24u) configuration.ice_lite = true;
  if ((how & 96u) == 96u) configuration.ice_transport_policy = IceTransportPolicy::Relay;
  return configuration;
}

struct Side {
  Side(std::size_t which, Feed& feed)
      : address{Ip::v4(0xc0000201u + static_cast<std::uint32_t>(which))},
        rng{which + 1},
        connection{configuration(which, feed), rng} {}

  Ip address;
  SeededRng rng;
  PeerConnection connection;
  std::uint16_t next_port = 40000;
  std::vector<ChannelId> channels;
};

class World {
 public:
  explicit World(Feed& feed) : feed_{feed}, sides_{Side{0, feed}, Side{1, feed}} {
    for (auto& side : sides_) {
      side.connection.handle_input(now_, InterfaceUp{"eth0", side.address});
      drain();
    }
  }

  void run() {
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      step();
      drain();
    }
    for (auto& side : sides_) side.connection.close(now_);
    drain();
  }

 private:
  struct Datagram {
    std::size_t to;
    Path path;
    Bytes octets;
  };

  void step() {
    const auto which = feed_.below(2);
    auto& side = sides_.at(which);
    switch (feed_.below(8)) {
      case 0:
      case 1: return negotiate(side);
      case 2: return call(side);
      case 3: return change_description();
      case 4: return change_datagram();
      case 5: return deliver(1 + feed_.below(16));
      case 6: return wake();
      default: return raw(side);
    }
  }

  void negotiate(Side& side) {
    auto& connection = side.connection;
    switch (feed_.below(9)) {
      case 0: connection.create_offer(now_); return;
      case 1: connection.create_answer(now_); return;
      case 2:
      case 3: connection.set_local_description(now_); return;
      case 4: connection.set_local_description(now_, a_description()); return;
      case 5:
      case 6: connection.set_remote_description(now_, a_description()); return;
      case 7: connection.add_ice_candidate(now_, a_candidate()); return;
      default: {
        auto description = a_description();
        description.type = SdpType{static_cast<std::uint8_t>(feed_.below(4))};
        connection.set_remote_description(now_, description);
      }
    }
  }

  void call(Side& side) {
    auto& connection = side.connection;
    switch (feed_.below(10)) {
      case 0: return open_channel(side);
      case 4:
        if (feed_.below(8) == 0) connection.close(now_);
        return look(side);
      case 5:
      case 6: return media(side);
      case 7: return connection.restart_ice(now_);
      case 8: {
        auto changed = connection.configuration();
        if (feed_.flip()) changed.ice_servers.clear();
        if (feed_.flip()) changed.ice_transport_policy = IceTransportPolicy::Relay;
        static_cast<void>(connection.set_configuration(now_, changed));
        return;
      }
      case 1:
      case 2:
        if (side.channels.empty()) return open_channel(side);
        static_cast<void>(connection.send(now_, a_channel(side), Bytes(feed_.u16() % 3000u)));
        return;
      case 3:
        if (!side.channels.empty()) connection.close_data_channel(now_, a_channel(side));
        return;
      default: connection.create_offer(now_, {.ice_restart = true});
    }
  }

  // One call about tracks and transceivers, known ones and such as never were.
  void media(Side& side) {
    auto& connection = side.connection;
    const auto kind = feed_.flip() ? MediaKind::Audio : MediaKind::Video;
    const auto known = connection.transceivers();
    const auto id = known.empty() ? TransceiverId{feed_.u8()} : known[feed_.below(known.size())].id;
    const MediaTrack track{"track" + std::to_string(feed_.below(4)), kind};
    const auto direction = peer::Direction{static_cast<std::uint8_t>(feed_.below(5))};
    switch (feed_.below(9)) {
      case 0: static_cast<void>(connection.add_track(now_, track, {"stream"})); return;
      case 1: {
        TransceiverInit init{.direction = direction};
        for (auto left = feed_.below(4); left != 0; --left)
          init.send_encodings.push_back(
              {.rid = feed_.flip() ? feed_.text() : std::string(left, 'r')});
        static_cast<void>(connection.add_transceiver(now_, kind, init));
        return;
      }
      case 2:
        static_cast<void>(connection.add_transceiver(now_, track, {.direction = direction}));
        return;
      case 3: static_cast<void>(connection.remove_track(now_, id)); return;
      case 4: static_cast<void>(connection.set_direction(now_, id, direction)); return;
      case 5: static_cast<void>(connection.stop(now_, id)); return;
      case 6: static_cast<void>(connection.set_streams(now_, id, {"a", feed_.text()})); return;
      case 7: {
        auto codecs = default_codecs(kind);
        codecs.resize(std::min<std::size_t>(codecs.size(), feed_.below(8)));
        static_cast<void>(connection.set_codec_preferences(now_, id, codecs));
        return;
      }
      default:
        static_cast<void>(
            connection.replace_track(now_, id, feed_.flip() ? std::optional{track} : std::nullopt));
    }
  }

  void open_channel(Side& side) {
    DataChannelInit init;
    const auto how = feed_.u8();
    init.ordered = (how & 1u) != 0;
    if ((how & 2u) != 0) init.max_retransmits = how;
    if ((how & 4u) != 0) init.max_packet_life_time = how;
    init.negotiated = (how & 8u) != 0;
    if ((how & 16u) != 0) init.id = feed_.u16();
    init.protocol = std::string(how >> 5u, 'p');
    const auto id = side.connection.create_data_channel(now_, "label", init);
    if (id) side.channels.push_back(*id);
  }
  ChannelId a_channel(const Side& side) { return side.channels[feed_.below(side.channels.size())]; }

  static void look(const Side& side) {
    const auto& connection = side.connection;
    static_cast<void>(connection.signaling_state());
    static_cast<void>(connection.connection_state());
    static_cast<void>(connection.ice_connection_state());
    static_cast<void>(connection.can_trickle_ice_candidates());
    static_cast<void>(connection.transceivers());
    static_cast<void>(connection.transports());
    static_cast<void>(connection.stats());
    for (const auto& description :
         {connection.pending_local_description(), connection.current_local_description(),
          connection.pending_remote_description(), connection.current_remote_description()}) {
      if (description) require(!description->sdp.empty(), "a description that is set has text");
    }
  }

  Description a_description() {
    if (descriptions_.empty())
      return {SdpType{static_cast<std::uint8_t>(feed_.below(4))}, feed_.text()};
    // The latest first: what signalling would carry.
    const auto back = feed_.below(descriptions_.size());
    return descriptions_[descriptions_.size() - 1 - back];
  }
  std::optional<IceCandidateInit> a_candidate() {
    if (candidates_.empty() || feed_.below(8) == 0) {
      if (feed_.flip()) return std::nullopt;
      IceCandidateInit init{.candidate = feed_.text()};
      if (feed_.flip()) init.sdp_mid = feed_.text();
      if (feed_.flip()) init.sdp_mline_index = feed_.u8();
      if (feed_.flip()) init.username_fragment = feed_.text();
      return init;
    }
    return candidates_[feed_.below(candidates_.size())];
  }

  // A line of a description goes, comes twice, changes places, or says something else.
  void change_description() {
    if (descriptions_.empty()) return;
    auto description = a_description();
    std::vector<std::string> lines;
    for (const auto line : split(description.sdp, '\n')) lines.emplace_back(line);
    const auto at = feed_.below(std::min<std::size_t>(lines.size(), 256));
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    switch (feed_.below(5)) {
      case 0: lines.erase(place); break;
      case 1: lines.insert(place, std::string{lines[at]}); break;
      case 2:
        std::swap(lines[at], lines[feed_.below(std::min<std::size_t>(lines.size(), 256))]);
        break;
      case 3: lines[at] = feed_.text(); break;
      default: {
        auto& line = lines[at];
        if (!line.empty())
          line[feed_.below(std::min<std::size_t>(line.size(), 256))] =
              static_cast<char>(feed_.u8());
      }
    }
    description.sdp.clear();
    for (const auto& line : lines) description.sdp += (description.sdp.empty() ? "" : "\n") + line;
    remember(description);
  }

  void change_datagram() {
    if (under_way_.empty()) return;
    auto& octets = under_way_.front().octets;
    if (octets.empty()) return;
    if (feed_.below(4) == 0) return under_way_.pop_front();
    octets[feed_.u16() % octets.size()] = std::byte{feed_.u8()};
  }

  void deliver(std::size_t count) {
    for (; count != 0 && !under_way_.empty(); --count) {
      const auto datagram = std::move(under_way_.front());
      under_way_.pop_front();
      sides_.at(datagram.to)
          .connection.handle_input(now_, Received{datagram.path, datagram.octets});
      drain();
    }
  }

  void raw(Side& side) {
    if (side.next_port == 40000) return;
    const auto& other = &side == &sides_[0] ? sides_[1] : sides_[0];
    const Path path{Transport::Udp, {side.address, Port{40000}}, {other.address, Port{40000}}};
    const auto octets = feed_.chunk();
    side.connection.handle_input(now_, Received{path, octets});
  }

  void wake() {
    std::optional<Wakeup> next;
    for (const auto& side : sides_) next = Wakeup::earliest(next, side.connection.next_wakeup());
    if (!next) return;
    now_ = std::max(now_, next->at);
    for (auto& side : sides_) side.connection.handle_timeout(now_);
    drain();
  }

  void remember(const Description& description) {
    descriptions_.push_back(description);
    if (descriptions_.size() > kMostRemembered) descriptions_.erase(descriptions_.begin());
  }

  void drain() {
    for (std::size_t which = 0; which < sides_.size(); ++which) {
      auto& connection = sides_.at(which).connection;
      std::size_t said = 0;
      bool more = true;
      while (more) {
        more = false;
        std::vector<OpenSocket> asked;
        while (auto output = connection.poll_output()) {
          require(++said < 20000, "a peer connection comes to the end of what it says");
          take(which, *output, asked);
        }
        for (const auto& socket : asked) {
          more = true;
          auto local = socket.local;
          if (local.port == Port{0}) local.port = Port{sides_.at(which).next_port++};
          connection.handle_input(now_, SocketOpened{socket.request, local});
        }
        for (const auto request : std::exchange(refused_, {})) {
          more = true;
          connection.handle_input(now_, SocketFailed{request, "no TCP here"});
        }
        while (auto event = connection.poll_event()) {
          more = true;
          take(which, *event);
        }
      }
      const auto wakeup = connection.next_wakeup();
      require(!wakeup || wakeup->at > now_, "a drained peer connection wakes later than now");
    }
  }

  void take(std::size_t which, const Output& output, std::vector<OpenSocket>& asked) {
    if (const auto* const socket = std::get_if<OpenSocket>(&output)) {
      asked.push_back(*socket);
    } else if (const auto* const stream = std::get_if<OpenStream>(&output)) {
      refused_.push_back(stream->request);
    } else if (const auto* const sent = std::get_if<Transmit>(&output)) {
      const auto to = sides_[0].address == sent->path.remote.ip ? 0u : 1u;
      if (to == which || under_way_.size() >= kMostUnderWay) return;
      under_way_.push_back(
          {to, Path{Transport::Udp, sent->path.remote, sent->path.local}, sent->bytes});
    }
  }

  void take(std::size_t which, const peer::Event& event) {
    if (const auto* const settled = std::get_if<OperationSettled>(&event)) {
      if (const auto* const made = std::get_if<Description>(&settled->outcome)) remember(*made);
      if (const auto local = sides_.at(which).connection.local_description()) remember(*local);
    } else if (const auto* const candidate = std::get_if<IceCandidateEvent>(&event)) {
      if (candidate->candidate && candidates_.size() < kMostRemembered)
        candidates_.push_back(*candidate->candidate);
    } else if (const auto* const channel = std::get_if<DataChannelEvent>(&event)) {
      sides_.at(which).channels.push_back(channel->id);
    }
  }

  Feed& feed_;
  Instant now_{};
  std::array<Side, 2> sides_;
  std::vector<Description> descriptions_;
  std::vector<IceCandidateInit> candidates_;
  std::deque<Datagram> under_way_;
  std::vector<std::uint32_t> refused_;  // streams asked for
};

}  // namespace

void peer_connection(ByteView input) {
  Feed feed{input};
  World{feed}.run();
}

}  // namespace rtclab::fuzz
