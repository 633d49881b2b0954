// The pair-selection diagram of one peer: its candidates, the pairs made of them, each pair's
// states over time, and why it won, failed or was pruned.
//
// From the trace (ice:*) where there is one; else put together from the candidates in the
// signalling and the connectivity checks in the capture.
#pragma once

#include <string>
#include <string_view>

namespace rtclab::evidence {
struct Evidence;
}

namespace rtclab::diagrams {

// A stand-alone SVG document, laid out by Graphviz (dot) in process. `peer` is the name of a party.
[[nodiscard]] std::string pairs_svg(const evidence::Evidence& evidence, std::string_view peer);

}  // namespace rtclab::diagrams
