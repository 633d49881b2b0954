// IP fragments: a packet cut to fit a link, and put together again.
//
// Spec: RFC 791 §2.3 and §3.2, RFC 8200 §4.5, RFC 815 (holes, here counted instead), RFC 5722
// (IPv6 fragments that overlap), RFC 1858 and RFC 4787 §11 (what attackers do with fragments).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/time.h"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace rtclab::ip {

// The least MTU of a link that carries IPv6, RFC 8200 §5.
inline constexpr std::size_t kLeastMtuV6 = 1280;
inline constexpr std::size_t kFragmentHeader = 8;  // of IPv6, RFC 8200 §4.5

// Which packet a fragment is of.
struct FragmentKey {
  Ip source;
  Ip destination;
  std::uint8_t protocol = 0;  // IPv4: RFC 791 §3.2; 0 for IPv6, where it does not count
  std::uint32_t identification = 0;
  friend auto operator<=>(const FragmentKey&, const FragmentKey&) = default;
};

// A fragment, as far as it says so itself.
struct Fragment {
  FragmentKey key;
  std::uint8_t protocol = 0;    // of what was cut
  std::size_t offset = 0;       // in octets
  bool more = false;            // fragments follow
  std::size_t header_size = 0;  // octets before `data`, the Fragment header of IPv6 among them
  ByteView data;

  // nullopt for a packet that is whole, and for one that ip::Header::parse refuses. Also one that
  // consists of a single fragment (RFC 6946) is a fragment.
  [[nodiscard]] static std::optional<Fragment> of(ByteView packet);
  [[nodiscard]] bool is_first() const { return offset == 0; }
  [[nodiscard]] std::size_t end() const { return offset + data.size(); }
};

// What packet size a router may have meant that complains of one and names none: the next of RFC
// 1191 §7's plateaus.
[[nodiscard]] std::size_t plateau_below(std::size_t total_size);

// Whether machines on the way may cut the packet: IPv4 without the DF bit.
[[nodiscard]] bool may_be_fragmented(ByteView packet);

// Cuts an IPv4 packet, which may be a fragment itself, so that no part exceeds `mtu`. Options go
// with every part or the first alone as their copied bit says (RFC 791 §3.1).
// Precondition: the packet passed ip::Header::parse, `mtu` is 68 or more.
[[nodiscard]] std::vector<Bytes> fragment_v4(ByteView packet, std::size_t mtu);
// Cuts a whole IPv6 packet at its source. Precondition: it has no extension headers, `mtu` is 56 or
// more.
[[nodiscard]] std::vector<Bytes> fragment_v6(ByteView packet, std::size_t mtu,
                                             std::uint32_t identification);

// Puts packets together again, within bounds of time and memory.
class Reassembler {
 public:
  struct Limits {
    // RFC 8200 §4.5: 60 s. RFC 1122 §3.3.2: between 60 and 120 s.
    Duration patience = std::chrono::seconds{60};
    std::size_t packets = 64;         // under way at a time; the oldest makes room
    std::size_t octets = 512 * 1024;  // of all of them together, likewise
    std::size_t fragments = 1024;     // of one packet
  };
  Reassembler() = default;
  explicit Reassembler(const Limits& limits) : limits_{limits} {}

  // The packet, once `fragment` has made it whole. What cannot be right is forgotten altogether,
  // and so is what still comes of it: overlaps (RFC 5722; of IPv4 too, as the usual hosts do), ends
  // that contradict each other, more than 65535 octets. An exact repetition is ignored.
  // Precondition: `fragment` is Fragment::of(packet); calls expire() itself for no one.
  [[nodiscard]] std::optional<Bytes> take(Instant now, ByteView packet, const Fragment& fragment);

  // Forgets what has waited for too long. Returns the first fragment of each, of those whose first
  // fragment has come: RFC 1122 §3.3.2 and RFC 8200 §4.5 want its sender told.
  [[nodiscard]] std::vector<Bytes> expire(Instant now);
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  [[nodiscard]] std::size_t waiting() const { return packets_.size(); }

 private:
  struct Parts {
    Instant began;
    std::uint64_t number = 0;             // in the order of their first fragments
    std::map<std::size_t, Bytes> pieces;  // by their offset
    Bytes first;                          // the packet with offset 0
    std::optional<std::size_t> size;      // known with the last one
    std::size_t octets = 0;
    bool spoiled = false;  // kept only to know its fragments
  };

  void spoil(Parts& parts);
  void make_room();
  [[nodiscard]] static Bytes join(const Parts& parts);

  Limits limits_{};
  std::map<FragmentKey, Parts> packets_;
  std::size_t octets_ = 0;
  std::uint64_t counted_ = 0;
};

}  // namespace rtclab::ip
