// An agent that writes down what it is told, and does what a test makes it do.
#pragma once

#include "agents/base/io.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::sim {

using Lines = std::vector<std::string>;

class Scripted {
 public:
  explicit Scripted(Lines& told) : told_{&told} {}

  void handle_input(Instant, const Input& input) {
    struct Name {
      std::string operator()(const Received& in) const {
        return "received " + std::string{as_text(in.bytes)};
      }
      std::string operator()(const SocketOpened& in) const {
        return "opened " + std::to_string(in.request) + " " + in.local.ip.to_string();
      }
      std::string operator()(const SocketFailed& in) const {
        return "failed " + std::to_string(in.request) + " " + in.why;
      }
      std::string operator()(const StreamOpened& in) const {
        const auto how =
            in.request ? "stream " + std::to_string(*in.request) + " to " : "accepted from ";
        return how + in.path.remote.ip.to_string();
      }
      std::string operator()(const StreamClosed& in) const { return "stream closed: " + in.why; }
      std::string operator()(const Unreachable&) const { return "unreachable"; }
      std::string operator()(const InterfaceUp& in) const {
        return "up " + in.name + " " + in.address.to_string();
      }
      std::string operator()(const InterfaceDown& in) const {
        return "down " + in.name + " " + in.address.to_string();
      }
    };
    told_->push_back(std::visit(Name{}, input));
    if (const auto* opened = std::get_if<SocketOpened>(&input)) socket = opened->local;
    if (const auto* opened = std::get_if<StreamOpened>(&input)) streams.push_back(opened->path);
    happened = true;
  }
  void handle_timeout(Instant now) {
    if (!wakeup || now < wakeup->at) return;
    wakeup.reset();
    told_->push_back("timeout");
  }
  std::optional<Output> poll_output() {
    if (outputs.empty()) return std::nullopt;
    auto output = std::move(outputs.front());
    outputs.pop_front();
    return output;
  }
  std::optional<Wakeup> next_wakeup() const { return wakeup; }

  std::deque<Output> outputs;
  std::optional<Wakeup> wakeup;
  Endpoint socket;            // the last that was opened
  std::vector<Path> streams;  // in the order in which they were opened
  bool happened = false;

 private:
  Lines* told_;
};

}  // namespace rtclab::sim
