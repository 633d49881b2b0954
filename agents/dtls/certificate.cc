#include "agents/dtls/certificate.h"

#include <algorithm>
#include <string_view>

namespace rtclab::dtls {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

bool Fingerprint::matches(const Fingerprint& other) const {
  return same_text(algorithm, other.algorithm) && same_text(value, other.value);
}

}  // namespace rtclab::dtls
