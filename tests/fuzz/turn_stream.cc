// The octets of a stream to a TURN server: however they are cut, the deframer yields the same
// messages and the same flaw; and whatever they are, the server behind it lives.
#include "agents/base/rng.h"
#include "agents/turn/server.h"
#include "agents/turn/stream_deframer.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace rtclab::fuzz {
namespace {

struct Reading {
  std::vector<Bytes> messages;
  std::optional<ParseError> flaw;
  friend bool operator==(const Reading&, const Reading&) = default;
};

Reading read(ByteView stream, std::size_t portion) {
  turn::StreamDeframer deframer;
  Reading reading;
  while (!stream.empty() && !reading.flaw) {
    const auto part = stream.first(std::min(portion, stream.size()));
    stream = stream.subspan(part.size());
    deframer.push(part);
    for (auto message = deframer.poll(); message; message = deframer.poll()) {
      if (!*message) {
        reading.flaw = message->error();
        break;
      }
      reading.messages.push_back(**message);
    }
  }
  return reading;
}

void serve(ByteView stream) {
  const Endpoint local{Ip::v4(0xc6336401), Port{3478}};
  const Endpoint remote{Ip::v4(0xc0000201), Port{5000}};
  const Path path{Transport::Tcp, local, remote};
  SeededRng rng{1};
  turn::Server::Config config;
  config.users = {{"alice", "secret"}};
  config.transports = {turn::ServerTransport::Tcp};
  turn::Server server{config, rng};
  server.handle_input({}, InterfaceUp{"eth0", local.ip});
  server.handle_input({}, StreamOpened{std::nullopt, path});
  server.handle_input({}, Received{path, stream});
  while (server.poll_output()) continue;
}

}  // namespace

void turn_stream(ByteView input) {
  const auto whole = read(input, input.size() + 1);
  require(read(input, 1) == whole, "one octet at a time reads the same");
  require(read(input, 7) == whole, "seven octets at a time read the same");
  serve(input);
}

}  // namespace rtclab::fuzz
