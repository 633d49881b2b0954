// Randomness as an input. SeededRng replays; a real peer passes one backed by the OS.
#pragma once

#include "agents/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rtclab {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t next() = 0;

  void fill(std::span<std::byte> out) {
    for (std::size_t i = 0; i < out.size();) {
      auto word = next();
      for (int k = 0; k < 8 && i < out.size(); ++k, word >>= 8u)
        out[i++] = static_cast<std::byte>(word);
    }
  }
  // Uniform in [0, bound), without the bias of a bare remainder. Precondition: bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
    const auto limit = -bound % bound;  // 2^64 mod bound
    auto draw = next();
    while (draw < limit) draw = next();
    return draw % bound;
  }
  // Uniform in [0, 1).
  [[nodiscard]] double uniform() { return static_cast<double>(next() >> 11u) * 0x1p-53; }
  // `length` characters drawn from `alphabet`.
  [[nodiscard]] std::string text(std::size_t length, std::string_view alphabet) {
    std::string drawn;
    for (std::size_t i = 0; i < length; ++i) drawn += alphabet[below(alphabet.size())];
    return drawn;
  }
};

// SplitMix64. fork("ice") gives a stream of its own, so that one more draw in
// ICE does not shift what SCTP sees.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30u)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27u)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31u);
  }

  [[nodiscard]] SeededRng fork(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325u ^ state_;
    for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return SeededRng{hash};
  }

 private:
  std::uint64_t state_;
};

}  // namespace rtclab
