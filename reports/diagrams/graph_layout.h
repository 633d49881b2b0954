// Places boxes in columns with Graphviz (dot), in process. Graphviz only decides where things go;
// drawing is ours, so that the picture neither depends on installed fonts nor on a renderer's idea
// of a style.
#pragma once

#include "reports/diagrams/svg.h"

#include <cstddef>
#include <vector>

namespace rtclab::diagrams {

struct GraphNode {
  std::size_t column = 0;  // nodes of one column stand below each other
  double width = 0;
  double height = 0;
};

struct GraphEdge {
  std::size_t from = 0;  // in a column further left than `to`
  std::size_t to = 0;
};

struct GraphLayout {
  double width = 0;
  double height = 0;
  std::vector<Point> centres;              // parallel to the nodes
  std::vector<std::vector<Point>> curves;  // parallel to the edges: control points of Bézier curves
};

// `ordered_column`: its nodes keep the order in which they stand in `nodes`.
[[nodiscard]] GraphLayout lay_out_graph(const std::vector<GraphNode>& nodes,
                                        const std::vector<GraphEdge>& edges,
                                        std::size_t ordered_column);

}  // namespace rtclab::diagrams
