// The messages of tests/data/stun/vectors.json, with what they are said to hold.
#pragma once

#include "agents/base/bytes.h"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::stun {

struct Vector {
  std::string name;
  std::string reference;
  Bytes octets;
  std::string software, username, password, realm, nonce, mapped;
  bool is_sound = true;

  friend std::ostream& operator<<(std::ostream& out, const Vector& vector);
};

[[nodiscard]] const std::vector<Vector>& all_vectors();
[[nodiscard]] std::vector<Vector> sound_vectors();
[[nodiscard]] const Vector& vector_named(const std::string& name);
// The key that the vector's integrity attribute is made with.
[[nodiscard]] Bytes key_of(const Vector& vector);

}  // namespace rtclab::stun
