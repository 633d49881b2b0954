#include "reports/evidence/tcp_streams.h"

#include "reports/evidence/stream_framing.h"

#include <map>
#include <optional>
#include <tuple>

namespace rtclab::evidence {
namespace {

constexpr std::size_t kMostEarly = 256;  // segments that wait for one before them

// One direction of a connection at one interface.
class HalfStream {
 public:
  // The octets that can be read on from here, in order; `again` when all were read before.
  struct Advance {
    Bytes octets;
    bool again = false;
  };

  void open(std::uint32_t initial_sequence) {
    *this = HalfStream{};
    next_ = initial_sequence + 1;
  }

  Advance advance(std::uint32_t sequence, ByteView payload) {
    if (!next_) next_ = sequence;  // the capture begins here
    const auto ahead = static_cast<std::int32_t>(sequence - *next_);
    if (ahead > 0) {
      if (early_.size() < kMostEarly)
        early_.emplace(sequence, Bytes{payload.begin(), payload.end()});
      return {};
    }
    const auto known = static_cast<std::size_t>(-static_cast<std::int64_t>(ahead));
    Advance advance;
    advance.again = known >= payload.size();
    if (advance.again) return advance;
    append(advance.octets, payload.subspan(known));
    // Whichever of the early ones begins at or before what is read now.
    for (auto entry = early_.begin(); entry != early_.end();) {
      const auto gap = static_cast<std::int32_t>(entry->first - *next_);
      if (gap > 0) {
        ++entry;
        continue;
      }
      const auto skip = static_cast<std::size_t>(-static_cast<std::int64_t>(gap));
      const Bytes part = std::move(entry->second);
      early_.erase(entry);
      if (skip < part.size()) append(advance.octets, ByteView{part}.subspan(skip));
      entry = early_.begin();
    }
    return advance;
  }

  StreamFraming framing;

 private:
  void append(Bytes& octets, ByteView part) {
    octets.insert(octets.end(), part.begin(), part.end());
    *next_ += static_cast<std::uint32_t>(part.size());
  }

  std::optional<std::uint32_t> next_;
  std::map<std::uint32_t, Bytes> early_;
};

using Key = std::tuple<std::size_t, Endpoint, Endpoint>;  // interface, from, to

}  // namespace

void read_streams(std::vector<Packet>& packets) {
  std::map<Key, HalfStream> streams;
  for (auto& packet : packets) {
    auto& tcp = packet.dissection.tcp;
    if (!tcp) continue;
    auto& stream = streams[{packet.interface, packet.source, packet.destination}];
    if (tcp->syn) stream.open(tcp->sequence);
    if (packet.payload.empty() || packet.cut) continue;
    const auto advance = stream.advance(tcp->sequence + (tcp->syn ? 1 : 0), packet.payload);
    tcp->again = advance.again;
    packet.dissection.framed =
        stream.framing.take(packet.source, packet.destination, advance.octets);
  }
}

}  // namespace rtclab::evidence
