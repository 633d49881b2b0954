// What became of the media: for each RTP stream how much was sent over time, what of it was lost,
// what came again, and when the receiver asked for it.
#pragma once

#include <string>
#include <vector>

namespace rtclab::evidence {
struct Evidence;
struct MediaStream;
}  // namespace rtclab::evidence

namespace rtclab::diagrams {

// A stand-alone SVG document, light or dark as the reader's system is; empty when there was no
// media.
[[nodiscard]] std::string media_svg(const evidence::Evidence& evidence,
                                    const std::vector<evidence::MediaStream>& streams);

}  // namespace rtclab::diagrams
