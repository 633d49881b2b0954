// The sequence parameter set: ITU-T H.264 §7.3.2.1.1 and §E.1.1. Only what stands before the size
// and the timing is read, and of that only what those depend on.
#include "agents/media/h264.h"

#include <algorithm>
#include <array>

namespace rtclab::media::h264 {
namespace {

constexpr std::uint32_t kMostMacroblocks = 1024;  // in a row or column: 16384 samples

// §7.3.1: the octet 3 that keeps start codes out of a unit is not part of what it says.
Bytes without_emulation(ByteView unit) {
  Bytes octets;
  int zeros = 0;
  for (const auto octet : unit) {
    if (zeros >= 2 && octet == std::byte{3}) {
      zeros = 0;
      continue;
    }
    zeros = octet == std::byte{0} ? zeros + 1 : 0;
    octets.push_back(octet);
  }
  return octets;
}

// Reading past the end gives zeros and is remembered.
class BitReader {
 public:
  explicit BitReader(ByteView in) : in_{in} {}
  [[nodiscard]] bool ok() const { return ok_; }

  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) value = value << 1u | bit();
    return value;
  }
  bool flag() { return bit() != 0; }
  // §9.1: as many zeros as bits follow the 1.
  std::uint32_t exp_golomb() {
    unsigned zeros = 0;
    while (ok_ && bit() == 0) ++zeros;
    if (zeros > 31) ok_ = false;
    return ok_ ? (1u << zeros) - 1 + bits(zeros) : 0;
  }
  std::int32_t signed_exp_golomb() {
    const auto code = exp_golomb();
    const auto half = static_cast<std::int32_t>(code / 2 + (code & 1u));
    return (code & 1u) != 0 ? half : -half;
  }

 private:
  unsigned bit() {
    if (at_ >= in_.size() * 8) {
      ok_ = false;
      return 0;
    }
    const auto octet = std::to_integer<unsigned>(in_[at_ / 8]);
    return octet >> (7 - at_++ % 8) & 1u;
  }

  ByteView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

// §7.3.2.1.1.1
void skip_scaling_list(BitReader& in, int size) {
  int last = 8, next = 8;
  for (int i = 0; i < size && in.ok(); ++i) {
    if (next != 0) next = (last + in.signed_exp_golomb() % 256 + 256) % 256;
    if (next != 0) last = next;
  }
}

// chroma_format_idc, behind which more follows in the profiles that have it.
std::uint32_t read_chroma(BitReader& in, std::uint32_t profile) {
  constexpr std::array<std::uint32_t, 13> kHigh{100, 110, 122, 244, 44,  83, 86,
                                                118, 128, 138, 139, 134, 135};
  if (std::ranges::find(kHigh, profile) == kHigh.end()) return 1;
  const auto chroma = in.exp_golomb();
  if (chroma == 3) in.flag();
  in.exp_golomb();  // bit depths
  in.exp_golomb();
  in.flag();
  if (!in.flag()) return chroma;
  for (int i = 0; i < (chroma == 3 ? 12 : 8); ++i)
    if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
  return chroma;
}

void skip_picture_order(BitReader& in) {
  const auto type = in.exp_golomb();
  if (type == 0) in.exp_golomb();
  if (type != 1) return;
  in.flag();
  in.signed_exp_golomb();
  in.signed_exp_golomb();
  const auto count = in.exp_golomb();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) in.signed_exp_golomb();
}

// §E.2.1: a frame lasts two ticks.
std::optional<Duration> read_timing(BitReader& in) {
  constexpr std::uint32_t kExtendedAspect = 255;
  if (in.flag() && in.bits(8) == kExtendedAspect) in.bits(32);
  if (in.flag()) in.flag();  // overscan
  if (in.flag()) {           // video signal type
    in.bits(4);
    if (in.flag()) in.bits(24);
  }
  if (in.flag()) {  // where chroma samples are
    in.exp_golomb();
    in.exp_golomb();
  }
  if (!in.flag()) return std::nullopt;
  const std::uint64_t ticks = in.bits(32);
  const std::uint64_t scale = in.bits(32);
  if (!in.ok() || ticks == 0 || scale == 0) return std::nullopt;
  return Duration{static_cast<Duration::rep>(2 * ticks * 1'000'000'000ull / scale)};
}

struct Crop {
  std::uint32_t left = 0, right = 0, top = 0, bottom = 0;
};

}  // namespace

std::optional<SequenceParameters> read_parameters(ByteView unit) {
  if (unit.empty() || type_of(unit) != NalType::Sps) return std::nullopt;
  const auto octets = without_emulation(unit.subspan(1));
  BitReader in{octets};
  const auto profile = in.bits(8);
  in.bits(16);      // constraints and level
  in.exp_golomb();  // its own number
  const auto chroma = read_chroma(in, profile);
  in.exp_golomb();  // log2_max_frame_num
  skip_picture_order(in);
  in.exp_golomb();  // max_num_ref_frames
  in.flag();
  const auto columns = in.exp_golomb();
  const auto rows = in.exp_golomb();
  const bool frames_only = in.flag();
  if (!frames_only) in.flag();
  in.flag();
  Crop crop;
  if (in.flag()) crop = {in.exp_golomb(), in.exp_golomb(), in.exp_golomb(), in.exp_golomb()};
  if (!in.ok() || columns >= kMostMacroblocks || rows >= kMostMacroblocks || chroma > 3)
    return std::nullopt;

  // §7.4.2.1.1: cropping goes by samples of chroma, and by rows of both fields.
  const std::uint64_t fields = frames_only ? 1 : 2;
  const std::uint64_t across = chroma == 1 || chroma == 2 ? 2 : 1;
  const std::uint64_t down = (chroma == 1 ? 2 : 1) * fields;
  const std::uint64_t width = (std::uint64_t{columns} + 1) * 16;
  const std::uint64_t height = (std::uint64_t{rows} + 1) * 16 * fields;
  const auto left_out = across * (std::uint64_t{crop.left} + crop.right);
  const auto cut_off = down * (std::uint64_t{crop.top} + crop.bottom);
  if (left_out >= width || cut_off >= height) return std::nullopt;
  SequenceParameters parameters{.width = static_cast<std::uint16_t>(width - left_out),
                                .height = static_cast<std::uint16_t>(height - cut_off)};
  if (in.flag()) parameters.frame_duration = read_timing(in);
  return parameters;
}

}  // namespace rtclab::media::h264
