// Which points of several axes meet: four pure functions from the axes' sizes to tuples of indices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rtclab::sweep {

using Tuple = std::vector<std::size_t>;  // an index into each axis

// Every tuple, the last index running fastest. Without axes: the one empty tuple.
[[nodiscard]] std::vector<Tuple> product(const std::vector<std::size_t>& sizes);

// {0, 0, …}, {1, 1, …}, … Precondition: the sizes are equal.
[[nodiscard]] std::vector<Tuple> zip(const std::vector<std::size_t>& sizes);

// All-pairs: every index of every axis meets every index of every other axis at least once, in few
// tuples (greedy, as in Cohen et al., "The AETG System", 1997, without its dice). Sorted. The same
// as product() for up to two axes.
[[nodiscard]] std::vector<Tuple> pairs(const std::vector<std::size_t>& sizes);

// `count` different tuples of the product, each as likely as any other, in the product's order; all
// of them where it has no more. The same seed draws the same.
[[nodiscard]] std::vector<Tuple> sample(const std::vector<std::size_t>& sizes, std::size_t count,
                                        std::uint64_t seed);

// The number of tuples of the product; the largest size_t when it is larger.
[[nodiscard]] std::size_t product_size(const std::vector<std::size_t>& sizes);

}  // namespace rtclab::sweep
