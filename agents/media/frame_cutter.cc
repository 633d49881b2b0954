#include "agents/media/frame_cutter.h"

#include "agents/media/h264.h"

#include <algorithm>

namespace rtclab::media {
namespace {

using h264::NalType;

// RFC 6184 §5.3, and in front of it nothing that a packet says anyway, or that is there to waste
// bandwidth.
bool is_sent(ByteView unit) {
  const auto type = h264::type_of(unit);
  return type != NalType::Delimiter && type != NalType::Filler;
}

// nal_ref_idc 3 and 2; then first_mb_in_slice 0, so that it reads like the first slice of a
// picture.
constexpr std::byte kIdrHeader{0x65}, kSliceHeader{0x41}, kFirstSlice{0x80};

constexpr std::byte kReferenceBits{0x60};
constexpr unsigned kFuStart = 0x80, kFuEnd = 0x40;
constexpr std::size_t kFuHeader = 2;

}  // namespace

FrameCutter::FrameCutter(Packetization packetization, const EncodedFrame& frame,
                         std::uint16_t picture_id)
    : packetization_{packetization}, frame_{frame}, picture_id_{picture_id}, left_{frame.payload} {
  if (packetization != Packetization::H264) return;
  if (h264::is_stream(left_)) units_ = h264::split_stream(left_);
  std::erase_if(units_, [](ByteView unit) { return !is_sent(unit); });
  if (units_.empty()) {
    made_ = {frame.key ? kIdrHeader : kSliceHeader, kFirstSlice};
    made_.insert(made_.end(), left_.begin(), left_.end());
    units_.push_back(made_);
  }
  left_ = {};
}

bool FrameCutter::append_to(Bytes& out, std::size_t room) {
  return packetization_ == Packetization::H264 ? append_unit(out, room) : append_part(out, room);
}

bool FrameCutter::append_part(Bytes& out, std::size_t room) {
  const auto whole = packetization_ == Packetization::Whole;
  const auto size =
      whole ? left_.size() : std::min(room - descriptor_size(packetization_), left_.size());
  const auto part = left_.first(size);
  left_ = left_.subspan(size);
  append_descriptor(
      out, packetization_,
      {.start = !started_, .last = left_.empty(), .key = frame_.key, .picture_id = picture_id_});
  started_ = true;
  out.insert(out.end(), part.begin(), part.end());
  return left_.empty();
}

// RFC 6184 §5.8: the unit's first octet is not in its fragments, their two octets say it.
bool FrameCutter::append_unit(Bytes& out, std::size_t room) {
  const auto& unit = units_[left_.empty() ? next_unit_ : next_unit_ - 1];
  if (left_.empty()) {
    ++next_unit_;
    if (unit.size() <= room) {
      out.insert(out.end(), unit.begin(), unit.end());
      return next_unit_ == units_.size();
    }
    left_ = unit.subspan(1);
  }
  const bool begins = left_.size() + 1 == unit.size();
  const auto part = left_.first(std::min(room - kFuHeader, left_.size()));
  left_ = left_.subspan(part.size());
  out.push_back((unit[0] & kReferenceBits) | static_cast<std::byte>(NalType::FuA));
  out.push_back(static_cast<std::byte>((begins ? kFuStart : 0u) | (left_.empty() ? kFuEnd : 0u) |
                                       static_cast<unsigned>(h264::type_of(unit))));
  out.insert(out.end(), part.begin(), part.end());
  return left_.empty() && next_unit_ == units_.size();
}

}  // namespace rtclab::media
