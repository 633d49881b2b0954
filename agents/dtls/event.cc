#include "agents/dtls/event.h"

namespace rtclab::dtls {

std::string_view to_string(State state) {
  switch (state) {
    case State::New: return "new";
    case State::Connecting: return "connecting";
    case State::Connected: return "connected";
    case State::Closed: return "closed";
    case State::Failed: return "failed";
  }
  return "";
}

rtclab::Event Connected::describe() const {
  return {.name = kName,
          .fields = {{"version", version},
                     {"cipher_suite", cipher_suite},
                     {"srtp_profile", srtp_profile}},
          .rule = Rule{8827, "6.5"}};
}

rtclab::Event Failed::describe() const {
  return {.name = kName, .fields = {{"reason", reason}}, .rule = {}};
}

rtclab::Event Closed::describe() const {
  return {.name = kName, .fields = {}, .rule = Rule{5246, "7.2.1"}};
}

rtclab::Event Secrets::describe() const {
  return {.name = kName, .fields = {{"nss_line", nss_line}}, .rule = {}};
}

}  // namespace rtclab::dtls
