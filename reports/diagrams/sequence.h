// The sequence diagram: who sent what to whom, when it arrived or where it died, and what the
// peers' states were.
//
// Time runs downwards and is not linear: a quiet gap is compressed and marked with its length. An
// arrow descends by its real delay. Repeated messages (consent, data, media) are folded into one
// arrow.
#pragma once

#include <cstddef>
#include <string>

namespace rtclab::evidence {
struct Evidence;
}

namespace rtclab::diagrams {

// A stand-alone SVG document; light or dark as the reader's system is. The arrow of frame N has the
// id "frame-N", so that a page can link to it.
[[nodiscard]] std::string sequence_svg(const evidence::Evidence& evidence);

enum class Colour : bool { Off, On };

struct LadderOptions {
  std::size_t width = 100;  // columns; at least 60
  Colour colour = Colour::Off;
};

// The same for a terminal: UTF-8 with box-drawing characters, one event a line.
[[nodiscard]] std::string ladder(const evidence::Evidence& evidence,
                                 const LadderOptions& options = {});

}  // namespace rtclab::diagrams
