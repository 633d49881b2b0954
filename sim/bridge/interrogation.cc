#include "sim/bridge/interrogation.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "agents/base/octets_at.h"
#include "sim/host/tcp_segment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace rtclab::bridge {
namespace {

using Side = NatBox::Side;
using namespace std::chrono_literals;

constexpr Port kNearPort{1000};
constexpr Port kFarPort{2000};
// Long enough for a packet to pass a kernel that is busy with other things.
constexpr Duration kPassing = 60ms;
// What a lifetime may be missed by when it is asked about from both sides.
constexpr Duration kMargin = 400ms;

Ip address(const char* text) {
  return *Ip::parse(text);
}
const Ip kAlice = address("192.168.1.10");
const Ip kBob = address("192.168.1.20");
const Ip kNatOutside = address("198.51.100.1");
const Ip kServer = address("203.0.113.5");
const Ip kOther = address("203.0.113.77");
const Ip kRouterOnTheWay = address("198.51.100.254");

Bytes with_right_header(Bytes packet) {
  set_u16_at(packet, 10, 0);
  set_u16_at(packet, 10, checksum_close(checksum_add(0, ByteView{packet}.first(20))));
  return packet;
}

Bytes dont_fragment(Bytes packet, bool value) {
  set_u16_at(packet, 6, value ? 0x4000 : 0);
  return with_right_header(std::move(packet));
}

// Two fragments of a packet without options; the first holds `head` octets of its payload.
std::array<Bytes, 2> fragments_of(const Bytes& packet, std::size_t head) {
  constexpr std::size_t kHeader = 20;
  const auto piece = [&](std::size_t from, std::size_t to, bool more) {
    Bytes octets{packet.begin(), packet.begin() + kHeader};
    octets.insert(octets.end(), packet.begin() + static_cast<std::ptrdiff_t>(kHeader + from),
                  packet.begin() + static_cast<std::ptrdiff_t>(kHeader + to));
    set_u16_at(octets, 2, static_cast<std::uint16_t>(octets.size()));
    set_u16_at(octets, 6, static_cast<std::uint16_t>((more ? 0x2000u : 0u) | from / 8));
    return with_right_header(std::move(octets));
  };
  return {piece(0, head, true), piece(head, packet.size() - kHeader, false)};
}

Bytes icmp(const Ip& from, const Ip& to, std::uint8_t type, std::uint8_t code, std::uint16_t word,
           ByteView rest) {
  Bytes message{std::byte{type}, std::byte{code}, {}, {}, {}, {}, {}, {}};
  set_u16_at(message, type == 8 || type == 0 ? 4 : 6, word);
  message.insert(message.end(), rest.begin(), rest.end());
  set_u16_at(message, 2, checksum_close(checksum_add(0, message)));
  return ip::build({.source = from, .destination = to, .protocol = ip::Protocol::Icmp}, message);
}

// What came out, as far as questions look at it.
struct Seen {
  Side side;
  ip::Header header;
  Bytes octets;
  [[nodiscard]] ByteView payload() const { return header.payload(octets); }
  [[nodiscard]] Endpoint source() const { return {header.source, Port{u16_at(payload(), 0)}}; }
  [[nodiscard]] Endpoint destination() const {
    return {header.destination, Port{u16_at(payload(), 2)}};
  }
  [[nodiscard]] bool is(Side where, ip::Protocol protocol) const {
    return side == where && header.protocol == protocol;
  }
};

struct Flags {
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
};
constexpr Flags kSyn{.syn = true};
constexpr Flags kSynAck{.syn = true, .ack = true};
constexpr Flags kAck{.ack = true};
constexpr Flags kFin{.ack = true, .fin = true};
constexpr Flags kRst{.ack = true, .rst = true};

class Interview {
 public:
  Interview(NatBox& nat, const ShortLifetimes& lifetimes) : nat_{nat}, lifetimes_{lifetimes} {}

  std::vector<Answer> run() {
    udp_mapping();
    udp_filtering();
    udp_ports();
    udp_lifetimes();
    tcp_connections();
    tcp_lifetimes();
    pings();
    icmp_errors();
    forwarding();
    fragments();
    return std::move(answers_);
  }

 private:
  void ask(Rule rule, std::string question, std::string answer) {
    answers_.push_back({rule, std::move(question), std::move(answer)});
  }
  static std::string yes_no(bool value) { return value ? "yes" : "no"; }

  std::vector<Seen> pass(Side side, Bytes packet) {
    nat_.put(side, std::move(packet));
    return collect(kPassing);
  }
  std::vector<Seen> collect(Duration time) {
    std::vector<Seen> seen;
    for (auto& packet : nat_.wait(time)) {
      if (const auto header = ip::Header::parse(packet.octets)) {
        seen.push_back({packet.side, *header, std::move(packet.octets)});
      }
    }
    return seen;
  }
  // Nothing of an earlier question may answer a later one.
  void rest(Duration time) { std::ignore = nat_.wait(time); }

  static const Seen* find(const std::vector<Seen>& seen, Side side, ip::Protocol protocol) {
    const auto found =
        std::ranges::find_if(seen, [&](const Seen& one) { return one.is(side, protocol); });
    return found == seen.end() ? nullptr : &*found;
  }

  // --- UDP ---

  std::vector<Seen> udp(Side side, const Endpoint& from, const Endpoint& to) {
    return pass(side, ip::build_udp(from, to, as_octets("question"), ++identification_));
  }
  // The outside endpoint that the destination sees; nullopt: nothing arrived.
  std::optional<Endpoint> udp_out(const Endpoint& from, const Endpoint& to) {
    const auto seen = udp(Side::Inside, from, to);
    const auto* const out = find(seen, Side::Outside, ip::Protocol::Udp);
    return out == nullptr ? std::nullopt : std::optional{out->source()};
  }
  bool udp_in(const Endpoint& from, const Endpoint& to) {
    return find(udp(Side::Outside, from, to), Side::Inside, ip::Protocol::Udp) != nullptr;
  }
  static std::string text(const std::optional<Endpoint>& endpoint) {
    return endpoint ? fmt::format("{}", endpoint->port.value()) : "nothing";
  }
  static Endpoint alice(std::uint16_t port) { return {kAlice, Port{port}}; }
  static Endpoint bob(std::uint16_t port) { return {kBob, Port{port}}; }
  static Endpoint outside(std::uint16_t port) { return {kNatOutside, Port{port}}; }

  void udp_mapping() {
    const auto from = alice(5000);
    std::vector<std::string> ports;
    for (const auto& to :
         {Endpoint{kServer, kNearPort}, Endpoint{kServer, kFarPort}, Endpoint{kOther, kNearPort}}) {
      ports.push_back(text(udp_out(from, to)));
    }
    ask({4787, "4.1"}, "UDP from port 5000: the ports that three destinations see",
        fmt::format("{}", fmt::join(ports, ", ")));
  }

  void udp_filtering() {
    const auto out = udp_out(alice(5100), {kServer, kNearPort});
    if (!out) return;
    ask({4787, "5"},
        "UDP from outside to a mapping: from where it has sent to, another port there, another "
        "address",
        fmt::format("{}, {}, {}", yes_no(udp_in({kServer, kNearPort}, *out)),
                    yes_no(udp_in({kServer, kFarPort}, *out)),
                    yes_no(udp_in({kOther, kNearPort}, *out))));
    const auto answer = udp(Side::Outside, {kServer, kNearPort}, outside(5199));
    ask({4787, "5"}, "UDP from outside to a port without a mapping",
        answer.empty() ? "nothing" : "something comes back");
  }

  static std::string kind_of(const std::optional<Endpoint>& port, std::uint16_t wanted) {
    if (!port) return "nothing passes";
    if (port->port.value() == wanted) return "the same port";
    return port->port.value() >= 1024 ? "another, of 1024 or above" : "another, below 1024";
  }

  void udp_ports() {
    std::ignore = udp_out(alice(5200), {kServer, kNearPort});
    ask({4787, "4.2.1"}, "A second host with the same port and another destination",
        kind_of(udp_out(bob(5200), {kOther, kNearPort}), 5200));
    ask({4787, "4.2.1"}, "A second host with the same port and the same destination",
        kind_of(udp_out(bob(5200), {kServer, kNearPort}), 5200));
    ask({4787, "4.2.2"}, "UDP from port 600",
        kind_of(udp_out(alice(600), {kServer, kNearPort}), 600));
    const auto mapped = udp_out(bob(5300), {kServer, kNearPort});
    if (!mapped) return;
    const auto seen = udp(Side::Inside, alice(5301), *mapped);
    const auto* const hairpinned = find(seen, Side::Inside, ip::Protocol::Udp);
    const auto* const refusal = find(seen, Side::Inside, ip::Protocol::Icmp);
    ask({4787, "6"}, "UDP from inside to the outside endpoint of a neighbour",
        hairpinned != nullptr ? "arrives"
        : refusal != nullptr  ? "port unreachable from the NAT itself"
                              : "nothing");
  }

  // Whether the mapping still lets its destination in, after so long.
  bool alive_after(Duration silence, const Endpoint& out) {
    rest(silence - kPassing);
    return udp_in({kServer, kNearPort}, out);
  }

  void udp_lifetimes() {
    const Endpoint server{kServer, kNearPort};
    const auto unanswered = [&](std::uint16_t port, Duration silence) {
      const auto out = udp_out(alice(port), server);
      return out && alive_after(silence, *out);
    };
    ask({4787, "4.3"}, "Unanswered UDP, just before and just after its lifetime",
        fmt::format("{}, {}", yes_no(unanswered(5400, lifetimes_.udp - kMargin)),
                    yes_no(unanswered(5401, lifetimes_.udp + kMargin))));
    const auto stream = [&](std::uint16_t port, Duration silence) {
      const auto out = udp_out(alice(port), server);
      if (!out || !udp_in(server, *out)) return false;
      rest(2300ms);
      if (!udp_out(alice(port), server)) return false;
      return alive_after(silence, *out);
    };
    ask({4787, "4.3"}, "UDP that flows both ways, just before and just after its lifetime",
        fmt::format("{}, {}", yes_no(stream(5402, lifetimes_.udp_answered - kMargin)),
                    yes_no(stream(5403, lifetimes_.udp_answered + kMargin))));
    const auto brief = [&] {
      const auto out = udp_out(alice(5404), server);
      return out && udp_in(server, *out) && alive_after(lifetimes_.udp + kMargin, *out);
    };
    ask({4787, "4.3"}, "One question and one answer: alive behind the lifetime of unanswered UDP",
        yes_no(brief()));
    const auto kept_by_inbound = [&] {
      const auto out = udp_out(alice(5405), server);
      for (int i = 0; out && i < 6; ++i) {
        if (!alive_after(lifetimes_.udp - 1s, *out)) return false;
      }
      return out.has_value();
    };
    ask({4787, "4.3"}, "Kept alive by packets from outside alone", yes_no(kept_by_inbound()));
    std::ignore = udp_out(alice(5406), server);
    rest(lifetimes_.udp + kMargin);
    ask({4787, "4.2.1"}, "The port after the mapping has ended",
        kind_of(udp_out(alice(5406), server), 5406));
  }

  // --- TCP ---

  // Both ends begin at sequence number 1000; `sent` and `received` are what came behind the SYNs.
  std::vector<Seen> tcp(Side side, const Endpoint& from, const Endpoint& to, Flags flags,
                        std::uint32_t sent = 0, std::uint32_t received = 0) {
    tcp::Segment segment;
    segment.source = from.port;
    segment.destination = to.port;
    segment.seq = tcp::Sequence{1000 + (flags.syn ? 0 : 1) + sent};
    if (flags.ack) segment.ack_number = tcp::Sequence{1001 + received};
    segment.syn = flags.syn;
    segment.ack = flags.ack;
    segment.fin = flags.fin;
    segment.rst = flags.rst;
    segment.window = 65535;
    return pass(side, ip::build({.source = from.ip,
                                 .destination = to.ip,
                                 .protocol = ip::Protocol::Tcp,
                                 .identification = ++identification_},
                                segment.serialize(from.ip, to.ip)));
  }
  std::optional<Endpoint> tcp_out(const Endpoint& from, const Endpoint& to, Flags flags,
                                  std::uint32_t sent = 0, std::uint32_t received = 0) {
    const auto seen = tcp(Side::Inside, from, to, flags, sent, received);
    const auto* const out = find(seen, Side::Outside, ip::Protocol::Tcp);
    return out == nullptr ? std::nullopt : std::optional{out->source()};
  }
  bool tcp_in(const Endpoint& from, const Endpoint& to, Flags flags, std::uint32_t sent = 0,
              std::uint32_t received = 0) {
    const auto seen = tcp(Side::Outside, from, to, flags, sent, received);
    return find(seen, Side::Inside, ip::Protocol::Tcp) != nullptr;
  }

  // The three segments of a handshake; the outside endpoint.
  std::optional<Endpoint> connect(const Endpoint& from, const Endpoint& to) {
    const auto out = tcp_out(from, to, kSyn);
    if (!out || !tcp_in(to, *out, kSynAck) || !tcp_out(from, to, kAck)) return std::nullopt;
    return out;
  }

  void tcp_connections() {
    const Endpoint server{kServer, kNearPort};
    std::vector<std::string> ports;
    for (const auto& to : {server, Endpoint{kServer, kFarPort}, Endpoint{kOther, kNearPort}}) {
      ports.push_back(text(tcp_out(alice(6000), to, kSyn)));
    }
    ask({5382, "4.1"}, "TCP from port 6000: the ports that three destinations see",
        fmt::format("{}", fmt::join(ports, ", ")));
    const auto unsolicited = tcp(Side::Outside, server, outside(6099), kSyn);
    ask({5382, "4.3"}, "A SYN from outside that belongs to nothing",
        unsolicited.empty() ? "nothing" : "something comes back");
    const auto half = tcp_out(alice(6100), server, kSyn);
    ask({5382, "4.2"}, "Simultaneous open: a SYN from where a SYN was sent to",
        yes_no(half && tcp_in(server, *half, kSyn)));
    const auto mapped = tcp_out(alice(6101), server, kSyn);
    ask({5382, "4.3"}, "A SYN to a mapping from another port, another address",
        fmt::format("{}, {}", yes_no(mapped && tcp_in({kServer, kFarPort}, *mapped, kSyn)),
                    yes_no(mapped && tcp_in({kOther, kNearPort}, *mapped, kSyn))));
  }

  void tcp_lifetimes() {
    const Endpoint server{kServer, kNearPort};
    const auto unanswered = [&](std::uint16_t port, Duration silence) {
      const auto out = tcp_out(alice(port), server, kSyn);
      rest(silence - kPassing);
      return out && tcp_in(server, *out, kSynAck);
    };
    ask({5382, "5"}, "A SYN without an answer, just before and just after its lifetime",
        fmt::format("{}, {}", yes_no(unanswered(6200, lifetimes_.tcp_opening - kMargin)),
                    yes_no(unanswered(6201, lifetimes_.tcp_opening + kMargin))));
    const auto established = [&](std::uint16_t port, Duration silence) {
      const auto out = connect(alice(port), server);
      rest(silence - kPassing);
      return out && tcp_in(server, *out, kAck);
    };
    ask({5382, "5"}, "An established connection, just before and just after its lifetime",
        fmt::format("{}, {}", yes_no(established(6202, lifetimes_.tcp_established - kMargin)),
                    yes_no(established(6203, lifetimes_.tcp_established + kMargin))));
    const auto half_closed = [&](std::uint16_t port, Duration silence) {
      const auto out = connect(alice(port), server);
      if (!out || !tcp_out(alice(port), server, kFin) || !tcp_in(server, *out, kAck, 0, 1)) {
        return false;
      }
      rest(silence - kPassing);
      return tcp_in(server, *out, kAck, 0, 1);
    };
    ask({7857, "2"}, "Behind the FIN of one side, just before and just after that lifetime",
        fmt::format("{}, {}", yes_no(half_closed(6208, lifetimes_.tcp_closing - kMargin)),
                    yes_no(half_closed(6209, lifetimes_.tcp_closing + kMargin))));
    const auto closed = [&](std::uint16_t port, Duration silence) {
      const auto out = connect(alice(port), server);
      if (!out || !tcp_out(alice(port), server, kFin) || !tcp_in(server, *out, kFin, 0, 1) ||
          !tcp_out(alice(port), server, kAck, 1, 1)) {
        return false;
      }
      rest(silence - kPassing);
      return tcp_in(server, *out, kAck, 1, 1);
    };
    ask({5382, "5"}, "Behind both FINs, just before and just after that lifetime",
        fmt::format("{}, {}", yes_no(closed(6204, lifetimes_.tcp_closing - kMargin)),
                    yes_no(closed(6205, lifetimes_.tcp_closing + kMargin))));
    const auto reset = [&](std::uint16_t port, Duration silence) {
      const auto out = connect(alice(port), server);
      if (!out || !tcp_in(server, *out, kRst)) return std::string{"the RST does not arrive"};
      rest(silence - kPassing);
      return yes_no(tcp_in(server, *out, kAck));
    };
    ask({7857, "2.2"}, "Behind a RST, just before and just after that lifetime",
        fmt::format("{}, {}", reset(6206, lifetimes_.tcp_reset - kMargin),
                    reset(6207, lifetimes_.tcp_reset + kMargin)));
  }

  // --- ICMP ---

  std::optional<std::uint16_t> ping_out(const Ip& from, const Ip& to, std::uint16_t id) {
    const auto seen = pass(Side::Inside, icmp(from, to, 8, 0, id, as_octets("..ping")));
    const auto* const out = find(seen, Side::Outside, ip::Protocol::Icmp);
    return out == nullptr ? std::nullopt : std::optional{u16_at(out->payload(), 4)};
  }
  bool pong_in(const Ip& from, std::uint16_t id) {
    const auto seen = pass(Side::Outside, icmp(from, kNatOutside, 0, 0, id, as_octets("..pong")));
    return find(seen, Side::Inside, ip::Protocol::Icmp) != nullptr;
  }

  void pings() {
    const auto id = ping_out(kAlice, kServer, 77);
    ask({5508, "3.1"}, "A ping with identifier 77: its identifier outside",
        id ? fmt::format("{}", *id) : "nothing");
    ask({5508, "3.1"}, "A reply to it: from where it was sent to, from elsewhere",
        fmt::format("{}, {}", yes_no(id && pong_in(kServer, *id)),
                    yes_no(id && pong_in(kOther, *id))));
    const auto second = ping_out(kBob, kServer, 77);
    ask({5508, "3.1"}, "The same ping from a second host",
        !second         ? "nothing"
        : *second == 77 ? "the same identifier"
                        : "another identifier");
    const auto ended = ping_out(kAlice, kServer, 78);
    rest(lifetimes_.icmp + kMargin);
    ask({5508, "3.2"}, "A reply behind the lifetime of a ping",
        yes_no(ended && pong_in(kServer, *ended)));
  }

  // "3/3 about 192.168.1.10:5500 to 203.0.113.5:1000, from 203.0.113.5"
  static std::string describe_error(const Seen* seen) {
    if (seen == nullptr) return "nothing";
    const auto message = seen->payload();
    constexpr std::size_t kIcmpHeader = 8;
    constexpr std::size_t kIpHeader = 20;
    if (message.size() < kIcmpHeader + kIpHeader + 4) return "an error that quotes too little";
    const auto quoted = message.subspan(kIcmpHeader);
    const auto ip_at = [&](std::size_t at) {
      return Ip::v4(std::uint32_t{u16_at(quoted, at)} << 16u | u16_at(quoted, at + 2));
    };
    return fmt::format("{}/{} about {} to {}, from {}", std::to_integer<unsigned>(message[0]),
                       std::to_integer<unsigned>(message[1]),
                       Endpoint{ip_at(12), Port{u16_at(quoted, kIpHeader)}}.to_string(),
                       Endpoint{ip_at(16), Port{u16_at(quoted, kIpHeader + 2)}}.to_string(),
                       seen->header.source.to_string());
  }
  std::string error_in(const Ip& from, ByteView about) {
    const auto seen = pass(Side::Outside, icmp(from, kNatOutside, 3, 3, 0, about));
    return describe_error(find(seen, Side::Inside, ip::Protocol::Icmp));
  }

  void icmp_errors() {
    const Endpoint server{kServer, kNearPort};
    const auto seen = udp(Side::Inside, alice(5500), server);
    const auto* const out = find(seen, Side::Outside, ip::Protocol::Udp);
    if (out == nullptr) return;
    const auto quoted = ByteView{out->octets}.first(28);
    ask({5508, "4.2"}, "Port unreachable from the destination", error_in(kServer, quoted));
    ask({5508, "4.2"}, "The same error from a router on the way",
        error_in(kRouterOnTheWay, quoted));
    ask({5508, "4.2"}, "An error about what nobody has sent",
        error_in(kServer, ByteView{ip::build_udp(outside(5599), server, {}, 1)}));
    ask({4787, "8"}, "After these errors the destination may still send",
        yes_no(udp_in(server, out->source())));
    const auto inbound = udp(Side::Outside, server, out->source());
    const auto* const arrived = find(inbound, Side::Inside, ip::Protocol::Udp);
    if (arrived == nullptr) return;
    const auto refused =
        pass(Side::Inside, icmp(kAlice, kServer, 3, 3, 0, ByteView{arrived->octets}.first(28)));
    ask({5508, "4.3"}, "Port unreachable from the inside host",
        describe_error(find(refused, Side::Outside, ip::Protocol::Icmp)));
  }

  // --- what every router does ---

  void forwarding() {
    const Endpoint server{kServer, kNearPort};
    const auto seen = udp(Side::Inside, alice(5600), server);
    const auto* const out = find(seen, Side::Outside, ip::Protocol::Udp);
    ask({1812, "5.3.1"}, "The time to live of 64, outside",
        out == nullptr ? "nothing" : fmt::format("{}", out->header.hop_limit));
    auto dying = ip::build_udp(alice(5601), server, as_octets("short"), ++identification_);
    dying[8] = std::byte{1};
    const auto ended = pass(Side::Inside, with_right_header(std::move(dying)));
    ask({1812, "5.3.1"}, "A packet whose time to live is 1",
        describe_error(find(ended, Side::Inside, ip::Protocol::Icmp)));
    auto unchecked = ip::build_udp(alice(5602), server, as_octets("plain"), ++identification_);
    set_u16_at(unchecked, 26, 0);
    const auto plain = pass(Side::Inside, std::move(unchecked));
    const auto* const passed = find(plain, Side::Outside, ip::Protocol::Udp);
    ask({4787, "9"}, "UDP without a checksum, outside",
        passed == nullptr                   ? "nothing"
        : u16_at(passed->payload(), 6) == 0 ? "still without"
                                            : "with one");
  }

  [[nodiscard]] static std::string pieces(const std::vector<Seen>& seen, Side side) {
    std::vector<std::string> found;
    for (const auto& one : seen) {
      if (!one.is(side, ip::Protocol::Udp)) continue;
      found.push_back(one.header.is_fragment()
                          ? fmt::format("{}+{}", one.header.fragment_offset, one.payload().size())
                          : "whole");
    }
    return found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", "));
  }

  void fragments() {
    const Endpoint server{kServer, kNearPort};
    const Bytes long_text(1400, std::byte{'x'});
    const auto large = [&](std::uint16_t port) {
      return ip::build_udp(alice(port), server, long_text, ++identification_);
    };
    const auto told = pass(Side::Inside, dont_fragment(large(5700), true));
    const auto* const error = find(told, Side::Inside, ip::Protocol::Icmp);
    ask({4787, "10"}, "1428 octets that must not be fragmented, into 1400",
        error == nullptr
            ? pieces(told, Side::Outside)
            : fmt::format("{}, MTU {}", describe_error(error), u16_at(error->payload(), 6)));
    ask({4787, "10"}, "1428 octets that may be fragmented, into 1400",
        pieces(pass(Side::Inside, dont_fragment(large(5701), false)), Side::Outside));
    const Bytes text(800, std::byte{'y'});
    const auto in_two = [&](std::uint16_t port) {
      return fragments_of(
          dont_fragment(ip::build_udp(alice(port), server, text, ++identification_), false), 400);
    };
    for (const bool in_order : {true, false}) {
      const auto [first, second] = in_two(in_order ? 5702 : 5703);
      nat_.put(Side::Inside, in_order ? first : second);
      nat_.put(Side::Inside, in_order ? second : first);
      ask({4787, "11"}, in_order ? "Two fragments in order" : "Two fragments, the second one first",
          pieces(collect(kPassing), Side::Outside));
    }
  }

  NatBox& nat_;
  ShortLifetimes lifetimes_;
  std::uint16_t identification_ = 0;
  std::vector<Answer> answers_;
};

struct Explanation {
  std::string_view question;
  std::string_view text;
};
constexpr std::array kExplanations{
    Explanation{"UDP from inside to the outside endpoint of a neighbour",
                "Without a rule for it Linux takes the packet for its own, looks for a socket of "
                "that port and says that there is none. Our NAT has no sockets; neither of them "
                "hairpins."},
};

}  // namespace

std::vector<Answer> interrogate(NatBox& nat, const ShortLifetimes& lifetimes) {
  return Interview{nat, lifetimes}.run();
}

std::vector<Comparison> compare(const std::vector<Answer>& ours,
                                const std::vector<Answer>& kernel) {
  std::vector<Comparison> rows;
  for (std::size_t i = 0; i < ours.size() && i < kernel.size(); ++i) {
    Comparison row{ours[i].rule, ours[i].question, ours[i].answer, kernel[i].answer, {}};
    const auto known = std::ranges::find(kExplanations, row.question, &Explanation::question);
    if (!row.agrees() && known != kExplanations.end()) row.explanation = known->text;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace rtclab::bridge
