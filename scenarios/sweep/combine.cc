#include "scenarios/sweep/combine.h"

#include "agents/base/rng.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <set>
#include <utility>

namespace rtclab::sweep {
namespace {

Tuple nth_of_product(const std::vector<std::size_t>& sizes, std::size_t number) {
  Tuple tuple(sizes.size());
  for (std::size_t axis = sizes.size(); axis-- > 0;) {
    tuple[axis] = number % sizes[axis];
    number /= sizes[axis];
  }
  return tuple;
}

// Two points of two axes that have not met yet.
class Unmet {
 public:
  explicit Unmet(const std::vector<std::size_t>& sizes) : sizes_{sizes} {
    for (std::size_t a = 0; a < sizes.size(); ++a) {
      for (std::size_t b = a + 1; b < sizes.size(); ++b) {
        for (const auto& tuple : product({sizes[a], sizes[b]}))
          left_.insert({{a, tuple[0]}, {b, tuple[1]}});
      }
    }
  }
  [[nodiscard]] bool is_empty() const { return left_.empty(); }

  // The first that is left, and on every other axis the point that meets the most that is new.
  [[nodiscard]] Tuple next() {
    constexpr auto kOpen = std::numeric_limits<std::size_t>::max();
    Tuple tuple(sizes_.size(), kOpen);
    const auto [first, second] = *left_.begin();
    tuple[first.first] = first.second;
    tuple[second.first] = second.second;
    for (std::size_t axis = 0; axis < sizes_.size(); ++axis) {
      if (tuple[axis] == kOpen) tuple[axis] = best(tuple, axis, kOpen);
    }
    for (std::size_t a = 0; a < tuple.size(); ++a) {
      for (std::size_t b = a + 1; b < tuple.size(); ++b)
        left_.erase({{a, tuple[a]}, {b, tuple[b]}});
    }
    return tuple;
  }

 private:
  using Place = std::pair<std::size_t, std::size_t>;  // axis, index

  [[nodiscard]] std::size_t best(const Tuple& tuple, std::size_t axis, std::size_t open) const {
    std::size_t best = 0;
    std::size_t most = 0;
    for (std::size_t index = 0; index < sizes_[axis]; ++index) {
      std::size_t news = 0;
      for (std::size_t other = 0; other < tuple.size(); ++other) {
        if (other == axis || tuple[other] == open) continue;
        const Place here{axis, index};
        const Place there{other, tuple[other]};
        news += left_.count(std::minmax(here, there));
      }
      if (news > most) {
        most = news;
        best = index;
      }
    }
    return best;
  }

  const std::vector<std::size_t>& sizes_;
  std::set<std::pair<Place, Place>> left_;  // the lower axis first
};

}  // namespace

std::size_t product_size(const std::vector<std::size_t>& sizes) {
  std::size_t size = 1;
  for (const auto each : sizes) {
    if (each != 0 && size > std::numeric_limits<std::size_t>::max() / each)
      return std::numeric_limits<std::size_t>::max();
    size *= each;
  }
  return size;
}

std::vector<Tuple> product(const std::vector<std::size_t>& sizes) {
  std::vector<Tuple> tuples;
  const auto count = product_size(sizes);
  tuples.reserve(count);
  for (std::size_t number = 0; number < count; ++number)
    tuples.push_back(nth_of_product(sizes, number));
  return tuples;
}

std::vector<Tuple> zip(const std::vector<std::size_t>& sizes) {
  assert(std::ranges::adjacent_find(sizes, std::ranges::not_equal_to{}) == sizes.end());
  std::vector<Tuple> tuples;
  if (sizes.empty()) return {{}};
  for (std::size_t index = 0; index < sizes.front(); ++index)
    tuples.emplace_back(sizes.size(), index);
  return tuples;
}

std::vector<Tuple> pairs(const std::vector<std::size_t>& sizes) {
  if (sizes.size() < 3) return product(sizes);
  std::vector<Tuple> tuples;
  Unmet unmet{sizes};
  while (!unmet.is_empty()) tuples.push_back(unmet.next());
  std::ranges::sort(tuples);
  return tuples;
}

// Floyd's way to draw without replacement (Bentley, "Programming Pearls", CACM 30 (1987) 9).
std::vector<Tuple> sample(const std::vector<std::size_t>& sizes, std::size_t count,
                          std::uint64_t seed) {
  const auto all = product_size(sizes);
  if (count >= all) return product(sizes);
  auto rng = SeededRng{seed}.fork("a sample of the product");
  std::set<std::size_t> numbers;
  for (auto most = all - count; most < all; ++most) {
    const auto drawn = static_cast<std::size_t>(rng.below(most + 1));
    if (!numbers.insert(drawn).second) numbers.insert(most);
  }
  std::vector<Tuple> tuples;
  for (const auto number : numbers) tuples.push_back(nth_of_product(sizes, number));
  return tuples;
}

}  // namespace rtclab::sweep
