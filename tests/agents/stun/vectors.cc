#include "tests/agents/stun/vectors.h"

#include "agents/stun/integrity.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>

namespace rtclab::stun {
namespace {

std::vector<Vector> read() {
  std::ifstream file{RTCLAB_TEST_DATA "/stun/vectors.json"};
  std::vector<Vector> vectors;
  for (const auto& row : nlohmann::json::parse(file)) {
    const auto text = [&](const char* key) { return row.value(key, std::string{}); };
    auto password = text("password");
    if (password.empty()) password = text("password_prepared");
    vectors.push_back({text("name"), text("reference"), from_hex(text("hex")), text("software"),
                       text("username"), password, text("realm"), text("nonce"), text("mapped"),
                       !row.contains("expect")});
  }
  return vectors;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Vector& vector) {
  return out << vector.name << " (" << vector.reference << ")";
}

const std::vector<Vector>& all_vectors() {
  static const auto vectors = read();
  return vectors;
}

std::vector<Vector> sound_vectors() {
  std::vector<Vector> sound;
  std::ranges::copy_if(all_vectors(), std::back_inserter(sound), &Vector::is_sound);
  return sound;
}

const Vector& vector_named(const std::string& name) {
  return *std::ranges::find(all_vectors(), name, &Vector::name);
}

Bytes key_of(const Vector& vector) {
  return vector.realm.empty() ? short_term_key(vector.password)
                              : long_term_key(vector.username, vector.realm, vector.password);
}

}  // namespace rtclab::stun
