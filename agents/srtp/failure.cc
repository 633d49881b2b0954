#include "agents/srtp/failure.h"

namespace rtclab::srtp {

std::string_view to_string(Failure failure) {
  switch (failure) {
    case Failure::Malformed: return "malformed";
    case Failure::AuthenticationFailed: return "authentication failed";
    case Failure::Replayed: return "replayed";
    case Failure::TooOld: return "too old";
    case Failure::Unencrypted: return "unencrypted";
    case Failure::IndexReused: return "index reused";
    case Failure::KeyExhausted: return "key exhausted";
    case Failure::TooManySources: return "too many sources";
  }
  __builtin_unreachable();
}

Rule rule_of(Failure failure) {
  switch (failure) {
    case Failure::Malformed: return {3711, "3.1"};
    case Failure::AuthenticationFailed: return {3711, "3.3"};
    case Failure::Replayed: return {3711, "3.3.2"};
    case Failure::TooOld: return {3711, "3.3.2"};
    case Failure::Unencrypted: return {8827, "6.5"};
    case Failure::IndexReused: return {3711, "9.1"};
    case Failure::KeyExhausted: return {3711, "9.2"};
    case Failure::TooManySources: return {3711, "3.2.3"};
  }
  __builtin_unreachable();
}

}  // namespace rtclab::srtp
