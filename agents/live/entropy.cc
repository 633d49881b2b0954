#include "agents/live/entropy.h"

#include <random>

namespace rtclab::live {

std::uint64_t seed_from_the_system() {
  std::random_device device;
  const std::uint64_t high = device();
  return high << 32u | device();
}

}  // namespace rtclab::live
