// What is held against the arithmetic of loss: the link that is measured and the loss that is
// expected of it are given apart, so that a test can show that they have to fit.
#pragma once

#include "scenarios/validate/section.h"
#include "topologies/link_quality.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rtclab::validate {

// `count` transactions of seven tries between two machines whose link is `link`, each way.
[[nodiscard]] std::vector<Check> stun_checks(double loss, const topology::LinkQuality& link,
                                             std::size_t count, std::uint64_t seed);
// `count` handshakes of DTLS 1.2, likewise.
[[nodiscard]] std::vector<Check> dtls_checks(double loss, const topology::LinkQuality& link,
                                             std::size_t count, std::uint64_t seed);
// `packets` in one direction. Precondition: the chain loses all in its bad state and nothing in
// its good one.
[[nodiscard]] std::vector<Check> burst_checks(const topology::BurstLoss& chain,
                                              const topology::LinkQuality& link,
                                              std::size_t packets, std::uint64_t seed);

}  // namespace rtclab::validate
