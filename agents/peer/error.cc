#include "agents/peer/error.h"

namespace rtclab::peer {
namespace {

Error named(std::string name, std::string message) {
  return {std::move(name), std::move(message), {}, std::nullopt};
}

}  // namespace

const std::vector<std::string>& error_names() {
  static const std::vector<std::string> kNames{"InvalidAccessError", "InvalidModificationError",
                                               "InvalidStateError",  "NotSupportedError",
                                               "OperationError",     "RangeError",
                                               "SyntaxError",        "TypeError"};
  return kNames;
}

Error Error::invalid_state(std::string message) {
  return named("InvalidStateError", std::move(message));
}
Error Error::invalid_access(std::string message) {
  return named("InvalidAccessError", std::move(message));
}
Error Error::invalid_modification(std::string message) {
  return named("InvalidModificationError", std::move(message));
}
Error Error::operation(std::string message) {
  return named("OperationError", std::move(message));
}
Error Error::type_error(std::string message) {
  return named("TypeError", std::move(message));
}
Error Error::range(std::string message) {
  return named("RangeError", std::move(message));
}
Error Error::syntax(std::string message) {
  return named("SyntaxError", std::move(message));
}
Error Error::not_supported(std::string message) {
  return named("NotSupportedError", std::move(message));
}
Error Error::sctp_failure(std::string message) {
  return {"OperationError", std::move(message), "sctp-failure", std::nullopt};
}
Error Error::sdp_syntax(std::string message, std::size_t line) {
  return {"OperationError", std::move(message), "sdp-syntax-error", line};
}

}  // namespace rtclab::peer
