// a=rid and a=simulcast: the encodings of one source, and which of them are wanted.
//
// Spec: RFC 8851 §4 and §10 (rid), RFC 8853 §5.1 (simulcast), RFC 8852 §3 (identifiers).
#pragma once

#include "agents/sdp/rtp_values.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

enum class RidDirection : std::uint8_t { Send, Recv };

// "hi send pt=96,97;max-width=1280"
struct Rid {
  // A restriction that has no value, as in "pad", has none here either.
  struct Restriction {
    std::string name;
    std::optional<std::string> value;
    friend bool operator==(const Restriction&, const Restriction&) = default;
  };

  std::string id;
  RidDirection direction = RidDirection::Send;
  std::vector<PayloadType> formats{};  // pt=…; empty: every format of the section
  std::vector<Restriction> restrictions{};

  [[nodiscard]] static std::optional<Rid> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Rid&, const Rid&) = default;
};

// "send 1,~4;2;3 recv 5": two lists of streams; a stream is a list of alternatives, best first.
struct Simulcast {
  struct Alternative {
    std::string rid;
    bool paused = false;  // "~"
    friend bool operator==(const Alternative&, const Alternative&) = default;
  };
  using Stream = std::vector<Alternative>;

  std::vector<Stream> send{};
  std::vector<Stream> recv{};

  [[nodiscard]] static std::optional<Simulcast> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Simulcast&, const Simulcast&) = default;
};

// RFC 8852 §3: letters and digits; RFC 8851 §10 knows '-' and '_' too, which others send. Read
// both.
[[nodiscard]] bool is_rid(std::string_view text);

}  // namespace rtclab::sdp
