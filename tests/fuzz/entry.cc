// What libFuzzer calls: the one target that this program is compiled for.
#include "tests/fuzz/target.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace rtclab::fuzz {

void RTCLAB_FUZZ_TARGET(ByteView input);

}  // namespace rtclab::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  rtclab::fuzz::RTCLAB_FUZZ_TARGET(std::as_bytes(std::span{octets, size}));
  return 0;
}
