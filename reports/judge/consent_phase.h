// Which checks keep consent up. On the wire a consent check is a connectivity check like any other;
// what tells it apart is when it is sent.
#pragma once

#include <set>

namespace rtclab::judge {

class Docket;
struct Transmission;

// What an agent checks on a pair that was nominated and that its own checks have found valid (RFC
// 7675 §5.1: "after ICE concludes"). Before that its requests look for a pair, and are resent like
// any others; so are later copies of a request that was first sent before.
[[nodiscard]] std::set<const Transmission*> consent_checks(const Docket& docket);

}  // namespace rtclab::judge
