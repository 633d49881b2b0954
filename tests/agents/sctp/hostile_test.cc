// Packets that were made to break us: each must end in silence, an answer or the end, and never in
// a crash.
#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

// The octets with a checksum that fits them again.
Bytes resealed(Bytes octets) {
  if (octets.size() < 12) return octets;
  for (std::size_t i = 8; i < 12; ++i) octets[i] = std::byte{0};
  std::uint32_t crc = 0xffffffff;
  for (const auto octet : octets) {
    crc ^= std::to_integer<std::uint32_t>(octet);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1u) != 0 ? crc >> 1u ^ 0x82f63b78u : crc >> 1u;
  }
  crc = ~crc;
  for (unsigned i = 0; i < 4; ++i) octets[8 + i] = static_cast<std::byte>(crc >> (8 * i));
  return octets;
}

// A session that uses every kind of chunk: data both ways, loss, abandoning, a channel that closes.
std::vector<Crossing> a_session() {
  Channels pair{{.delay = 10ms, .loss_percent = 20, .seed = 3}};
  const auto id =
      *pair.a().endpoint.open(pair.now(), "chat", {.reliability = LimitedRetransmissions{0}});
  pair.a().endpoint.connect(pair.now(), {.local_role = DtlsRole::Client});
  pair.b().endpoint.connect(pair.now(), {.local_role = DtlsRole::Server});
  pair.run(5s);
  for (int i = 0; i < 12; ++i)
    (void)pair.a().endpoint.send(pair.now(), id, ChannelData{pattern(700)});
  pair.run(40s);
  pair.a().endpoint.close(pair.now(), id);
  pair.run(5s);
  pair.a().endpoint.abort(pair.now(), "bye");
  pair.drain();
  return pair.crossings;
}

// The same session again, with one packet replaced on its way to the other side.
struct Replay {
  Channels pair{{.delay = 10ms, .seed = 3}};
  ChannelId id = *pair.a().endpoint.open(pair.now(), "chat", {});

  explicit Replay(std::size_t packets) {
    pair.a().endpoint.connect(pair.now(), {.local_role = DtlsRole::Client});
    pair.b().endpoint.connect(pair.now(), {.local_role = DtlsRole::Server});
    pair.run(2s, [&] { return pair.crossings.size() >= packets; });
  }
};

BOOST_AUTO_TEST_SUITE(sctp_hostile)

BOOST_AUTO_TEST_CASE(a_session_shows_every_chunk_that_matters) {
  std::array<bool, 256> seen{};
  for (const auto& crossing : a_session()) {
    for (const auto& chunk : crossing.packet.chunks) seen[type_number(chunk)] = true;
  }
  for (const auto type : {0, 1, 2, 3, 6, 10, 11, 130, 192})
    BOOST_TEST(seen[static_cast<std::size_t>(type)], type);
}

BOOST_AUTO_TEST_CASE(every_truncation_of_every_packet_of_the_set_up_is_survived) {
  for (std::size_t packets = 1; packets <= 8; ++packets) {
    Replay first{packets};
    const auto octets = first.pair.crossings.back().packet.serialize();
    const auto to = 1 - first.pair.crossings.back().from;
    for (std::size_t size = 0; size < octets.size(); ++size) {
      Replay replay{packets};
      replay.pair.inject(
          to, resealed({octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)}));
    }
  }
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_the_set_up_is_survived) {
  for (std::size_t packets = 1; packets <= 8; ++packets) {
    Replay first{packets};
    auto octets = first.pair.crossings.back().packet.serialize();
    const auto to = 1 - first.pair.crossings.back().from;
    for (std::size_t bit = 0; bit < octets.size() * 8; bit += 3) {
      octets[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      Replay replay{packets};
      replay.pair.inject(to, resealed(octets));
      replay.pair.run(100ms);
      octets[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    }
  }
  BOOST_TEST(true);
}

// Chunks that make sense by themselves and none together, under the right tag.
BOOST_AUTO_TEST_CASE(a_long_run_of_nonsense_neither_breaks_nor_fills_it) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SeededRng rng{seed};
    Associations pair{{.delay = 5ms, .seed = seed}};
    connect(pair);
    std::uint32_t tag = 0;
    Tsn theirs{0};
    Tsn ours{0};
    for (const auto& crossing : pair.crossings) {
      if (const auto* init = chunk_in<InitChunk>(crossing.packet))
        tag = init->body.initiate_tag, ours = init->body.initial_tsn;
      if (const auto* init = chunk_in<InitAckChunk>(crossing.packet))
        theirs = init->body.initial_tsn;
    }
    pair.lose = [](const Crossing&, std::size_t) { return true; };
    const auto near = [&](Tsn tsn) {
      return Tsn{static_cast<std::uint32_t>(tsn.value() + rng.below(60) - 20)};
    };
    const auto u16 = [&](std::uint64_t bound) {
      return static_cast<std::uint16_t>(rng.below(bound));
    };
    const auto octets = [&](std::uint64_t bound) {
      Bytes drawn(rng.below(bound));
      rng.fill(drawn);
      return drawn;
    };
    std::size_t answers = 0;
    for (int round = 0; round < 1500; ++round) {
      std::vector<Chunk> chunks;
      for (auto count = 1 + rng.below(4); count != 0; --count) {
        switch (rng.below(12)) {
          case 0:
          case 1:
          case 2:
          case 3: {
            const auto flags = rng.next();
            chunks.push_back(
                DataChunk{{near(theirs), StreamId{u16(4)}, Ssn{u16(6)}, Ppid{51}, (flags & 1) != 0,
                           (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0},
                          Bytes(1 + rng.below(1400))});
            break;
          }
          case 4: {
            SackChunk sack{near(ours), static_cast<std::uint32_t>(rng.below(1u << 17u)), {}, {}};
            for (auto gaps = rng.below(4); gaps != 0; --gaps) {
              const auto start = static_cast<std::uint16_t>(1 + rng.below(30));
              sack.gaps.push_back({start, static_cast<std::uint16_t>(start + rng.below(5))});
            }
            chunks.push_back(sack);
            break;
          }
          case 5: {
            ForwardTsnChunk forward{near(theirs), {}};
            for (auto streams = rng.below(4); streams != 0; --streams)
              forward.skipped.push_back({StreamId{u16(5)}, Ssn{u16(9)}});
            chunks.push_back(forward);
            break;
          }
          case 6:
            chunks.push_back(
                ReConfigChunk{{{static_cast<std::uint16_t>(13 + rng.below(6)), octets(24)}}});
            break;
          case 7: chunks.push_back(HeartbeatChunk{octets(40)}); break;
          case 8: chunks.push_back(HeartbeatAckChunk{octets(40)}); break;
          case 9:
            chunks.push_back(ErrorChunk{{{static_cast<std::uint16_t>(rng.below(15)), octets(12)}}});
            break;
          case 10: chunks.push_back(CookieEchoChunk{octets(100)}); break;
          case 11:
            chunks.push_back(
                UnknownChunk{static_cast<std::uint8_t>(20 + rng.below(200)), 0, octets(10)});
            break;
        }
      }
      if (round % 4 == 0)
        (void)pair.a().endpoint.send(
            pair.now(), StreamId{u16(3)},
            {Ppid{53}, Bytes(1 + rng.below(3000)), {}, LimitedRetransmissions{1}});
      const auto octets_of_packet = Packet{{5000, 5000, tag}, chunks}.serialize();
      pair.inject(0, octets_of_packet);
      pair.run(rng.below(50) * 1ms);
      answers += pair.crossings.size();
      pair.crossings.clear();
      theirs = Tsn{static_cast<std::uint32_t>(theirs.value() + rng.below(3))};
      ours = Tsn{static_cast<std::uint32_t>(ours.value() + rng.below(2))};
      if (pair.a().endpoint.state() == State::Closed) break;
    }
    BOOST_TEST(answers < 50000u);
    // Time still passes, and it ends.
    pair.run(5000s);
    BOOST_TEST((pair.a().endpoint.state() == State::Closed));
  }
}

BOOST_AUTO_TEST_CASE(what_is_held_is_never_more_than_the_window_promised) {
  // Fragments that never end, on all streams: the window closes and stays closed.
  Options small;
  small.receive_buffer = 20000;
  small.max_message_size = 20000;
  Associations pair{{.delay = 5ms}, small};
  connect(pair);
  std::uint32_t tag = 0;
  Tsn tsn{0};
  for (const auto& crossing : pair.crossings) {
    if (const auto* init = chunk_in<InitChunk>(crossing.packet)) tag = init->body.initiate_tag;
    if (const auto* init = chunk_in<InitAckChunk>(crossing.packet)) tsn = init->body.initial_tsn;
  }
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.crossings.clear();
  for (std::uint32_t i = 0; i < 200; ++i) {
    const DataHeader header{.tsn = Tsn{tsn.value() + i},
                            .stream = StreamId{static_cast<std::uint16_t>(i)},
                            .beginning = true};
    pair.inject(0, Packet{{5000, 5000, tag}, {DataChunk{header, Bytes(1000)}}}.serialize());
  }
  const auto* sack = chunk_in<SackChunk>(pair.crossings.back().packet);
  BOOST_REQUIRE(sack != nullptr);
  BOOST_TEST(sack->receiver_window == 0u);
  BOOST_TEST((sack->cumulative_tsn == Tsn{tsn.value() + 19}));
}

// The common header of a peer that talks to side 0, and the first TSN that it may use.
struct Intruder {
  CommonHeader header{5000, 5000, 0};
  Tsn next{0};

  explicit Intruder(Associations& pair) {
    for (const auto& crossing : pair.crossings) {
      if (const auto* init = chunk_in<InitChunk>(crossing.packet))
        header.verification_tag = init->body.initiate_tag;
      if (const auto* init = chunk_in<InitAckChunk>(crossing.packet)) next = init->body.initial_tsn;
    }
    pair.lose = [](const Crossing&, std::size_t) { return true; };
    pair.crossings.clear();
  }
};

BOOST_AUTO_TEST_CASE(fragments_of_one_octet_fill_the_window_long_before_their_octets_do) {
  Associations pair{{.delay = 5ms}};
  connect(pair);
  Intruder intruder{pair};
  std::uint32_t sent = 0;
  while (sent < 70000) {
    std::vector<Chunk> chunks;
    for (int i = 0; i < 50; ++i, ++sent) {
      chunks.emplace_back(DataChunk{
          {.tsn = Tsn{intruder.next.value() + sent}, .stream = StreamId{1}, .beginning = sent == 0},
          Bytes(1)});
    }
    pair.inject(0, Packet{intruder.header, chunks}.serialize());
  }

  const auto* sack = chunk_in<SackChunk>(pair.crossings.back().packet);
  BOOST_REQUIRE(sack != nullptr);
  BOOST_TEST((sack->cumulative_tsn == Tsn{intruder.next.value() + 65535}));
}

BOOST_AUTO_TEST_CASE(reports_of_unknown_chunks_that_cannot_leave_do_not_pile_up) {
  Associations pair{{.delay = 5ms}};
  pair.lose = [](const Crossing& crossing, std::size_t) {
    return chunk_in<CookieAckChunk>(crossing.packet) != nullptr;
  };
  pair.a().endpoint.connect(pair.now());
  pair.run(100ms);
  BOOST_REQUIRE((pair.a().endpoint.state() == State::CookieEchoed));
  Intruder intruder{pair};

  for (int i = 0; i < 1000; ++i) {
    pair.inject(0, Packet{intruder.header, {UnknownChunk{0xfe, 0, Bytes(100)}}}.serialize());
  }
  pair.inject(0, Packet{intruder.header, {CookieAckChunk{}}}.serialize());

  std::size_t reports = 0;
  for (const auto& crossing : pair.crossings) {
    for (const auto& chunk : crossing.packet.chunks)
      reports += std::holds_alternative<ErrorChunk>(chunk) ? 1u : 0u;
  }
  BOOST_TEST(reports > 0u);
  BOOST_TEST(reports <= 64u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
