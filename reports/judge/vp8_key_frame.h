// Whether a packet begins a key frame of VP8, which is all that a judge has to know of the codec.
//
// Spec: RFC 7741 §4.2 (payload descriptor), §4.3 (payload header; P is 0 in a key frame).
#pragma once

#include "agents/base/bytes.h"

namespace rtclab::judge {

//      0 1 2 3 4 5 6 7
//     |X|R|N|S|R| PID |
// X:  |I|L|T|K| RSV   |
// I:  |M| PictureID   |  M: 15 bits
// L:  |   TL0PICIDX   |
// TK: |TID|Y| KEYIDX  |
[[nodiscard]] inline bool begins_vp8_key_frame(ByteView payload) {
  ByteReader in{payload};
  const unsigned first = in.u8();
  const bool begins = (first & 0x10u) != 0 && (first & 0x07u) == 0;
  if ((first & 0x80u) != 0) {
    const unsigned extensions = in.u8();
    if ((extensions & 0x80u) != 0 && (in.u8() & 0x80u) != 0) in.skip(1);
    if ((extensions & 0x40u) != 0) in.skip(1);
    if ((extensions & 0x30u) != 0) in.skip(1);
  }
  const unsigned header = in.u8();
  return in.ok() && begins && (header & 1u) == 0;
}

}  // namespace rtclab::judge
