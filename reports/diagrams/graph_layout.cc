#include "reports/diagrams/graph_layout.h"

#include "agents/base/text.h"

#include <fmt/format.h>
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace rtclab::diagrams {
namespace {

constexpr double kPointsPerInch = 72;

// Graphviz reads its table of plugins once into memory that it never frees (seen in 2.42.2). That
// is its affair and 4 KB; told to the leak sanitizer here, so that leaks of ours are still found
// everywhere.
GVC_t* new_context() {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler not_ours;
#endif
  return gvContext();
}

// Loading Graphviz's plugins takes 5 ms, so one context serves the whole process. It is not
// thread-safe, and neither are we.
GVC_t* context() {
  static const std::unique_ptr<GVC_t, decltype(&gvFreeContext)> kContext{new_context(),
                                                                         &gvFreeContext};
  return kContext.get();
}

// cgraph takes char*, but does not write to them.
char* mutable_text(const std::string& text) {
  return const_cast<char*>(text.c_str());
}

class Graph {
 public:
  Graph() : graph_{agopen(mutable_text("pairs"), Agdirected, nullptr), &agclose} {
    set(graph_.get(), "rankdir", "LR");
    set(graph_.get(), "nodesep", "0.16");
    set(graph_.get(), "ranksep", "1.1");
    set(graph_.get(), "splines", "spline");
  }

  void add_node(const GraphNode& node) {
    auto* const added = agnode(graph_.get(), mutable_text(fmt::format("n{}", nodes_.size())), 1);
    set(added, "shape", "box");
    set(added, "label", "");
    set(added, "fixedsize", "true");
    set(added, "width", fmt::format("{:.4f}", node.width / kPointsPerInch));
    set(added, "height", fmt::format("{:.4f}", node.height / kPointsPerInch));
    nodes_.push_back(added);
    auto*& column = columns_[node.column];
    if (column == nullptr) {
      column = agsubg(graph_.get(), mutable_text(fmt::format("column{}", node.column)), 1);
      set(column, "rank", "same");
    }
    agsubnode(column, added, 1);
  }

  void add_edge(const GraphEdge& edge, std::size_t index) {
    auto* const added = agedge(graph_.get(), nodes_[edge.from], nodes_[edge.to],
                               mutable_text(fmt::format("e{}", index)), 1);
    set(added, "arrowhead", "none");
    set(added, "headport", "w");
    set(added, "tailport", "e");
  }

  // Keeps two nodes of a column in this order, without a line.
  void order(std::size_t above, std::size_t below) {
    auto* const added = agedge(graph_.get(), nodes_[above], nodes_[below], nullptr, 1);
    set(added, "style", "invis");
    set(added, "weight", "10");
  }

  // Graphviz's own line-oriented description of the result.
  std::string plain() {
    if (gvLayout(context(), graph_.get(), "dot") != 0) return {};
    char* data = nullptr;
    unsigned length = 0;
    std::string text;
    if (gvRenderData(context(), graph_.get(), "plain", &data, &length) == 0 && data != nullptr) {
      text.assign(data, length);
    }
    gvFreeRenderData(data);
    gvFreeLayout(context(), graph_.get());
    return text;
  }

 private:
  static void set(void* object, const char* name, const std::string& value) {
    agsafeset(object, mutable_text(name), mutable_text(value), mutable_text(""));
  }

  std::unique_ptr<Agraph_t, decltype(&agclose)> graph_;
  std::vector<Agnode_t*> nodes_;
  std::map<std::size_t, Agraph_t*> columns_;
};

double number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value * kPointsPerInch;
}

std::size_t index_of(std::string_view name) {
  return static_cast<std::size_t>(parse_unsigned(name.substr(1)).value_or(0));
}

// "graph scale width height", "node name x y …", "edge tail head n x1 y1 … xn yn …"; y grows
// upwards.
GraphLayout read_plain(const std::string& plain, const std::vector<GraphNode>& nodes,
                       const std::vector<GraphEdge>& edges) {
  GraphLayout layout;
  layout.centres.resize(nodes.size());
  layout.curves.resize(edges.size());
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> edge_index;
  for (std::size_t i = 0; i < edges.size(); ++i) edge_index[{edges[i].from, edges[i].to}] = i;
  for (const auto line : split(plain, '\n')) {
    const auto words = split(line, ' ');
    if (words[0] == "graph" && words.size() >= 4) {
      layout.width = number(words[2]);
      layout.height = number(words[3]);
    }
    if (words[0] == "node" && words.size() >= 4) {
      layout.centres[index_of(words[1])] = {number(words[2]), layout.height - number(words[3])};
    }
    if (words[0] != "edge" || words.size() < 4) continue;
    const auto found = edge_index.find({index_of(words[1]), index_of(words[2])});
    const auto points = parse_unsigned(words[3]).value_or(0);
    if (found == edge_index.end() || words.size() < 4 + 2 * points) continue;
    for (std::size_t i = 0; i < points; ++i) {
      layout.curves[found->second].push_back(
          {number(words[4 + 2 * i]), layout.height - number(words[5 + 2 * i])});
    }
  }
  return layout;
}

}  // namespace

GraphLayout lay_out_graph(const std::vector<GraphNode>& nodes, const std::vector<GraphEdge>& edges,
                          std::size_t ordered_column) {
  Graph graph;
  for (const auto& node : nodes) graph.add_node(node);
  for (std::size_t i = 0; i < edges.size(); ++i) graph.add_edge(edges[i], i);
  std::optional<std::size_t> above;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].column != ordered_column) continue;
    if (above) graph.order(*above, i);
    above = i;
  }
  return read_plain(graph.plain(), nodes, edges);
}

}  // namespace rtclab::diagrams
