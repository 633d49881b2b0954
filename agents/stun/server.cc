#include "agents/stun/server.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/stream_framing.h"

#include <algorithm>
#include <utility>

namespace rtclab::stun {
namespace {

// RFC 5780 §6.1: SHOULD be the MTU of the outgoing interface.
constexpr std::size_t kPaddingOctets = 1500;

}  // namespace

Event RequestRefused::describe() const {
  return {.name = kName,
          .fields = {{"client", client.to_string()},
                     {"method", stun::to_string(method)},
                     {"code", std::int64_t{code}}},
          .rule = rule};
}

bool wants_answer(const Message& message, const Deviations& deviations) {
  if (message.cls == Class::Request) return true;
  return message.cls == Class::Indication && deviations.has(Deviation::StunAnswerIndications);
}

Message binding_success(const Message& request, const Endpoint& client) {
  return Message::response_to(request, Class::Success).add(XorMappedAddress{client});
}

Message error_response(const Message& request, int code) {
  return Message::response_to(request, Class::Error).add(ErrorCode::standard(code));
}

Message unknown_attribute_response(const Message& request, std::vector<AttributeType> unknown) {
  return error_response(request, error::kUnknownAttribute)
      .add(UnknownAttributes{std::move(unknown)});
}

Server::Server(Config config) : config_{std::move(config)} {}

void Server::handle_input(Instant, const Input& input) {
  if (const auto* const received = std::get_if<Received>(&input)) {
    if (received->path.transport == Transport::Tcp) return handle_octets(*received);
    handle_message(*received);
  } else if (const auto* const opened = std::get_if<StreamOpened>(&input)) {
    streams_.insert_or_assign(opened->path, Bytes{});
  } else if (const auto* const closed = std::get_if<StreamClosed>(&input)) {
    streams_.erase(closed->path);
  } else if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    addresses_.push_back(up->address);
    open({up->address, config_.port});
    if (config_.alternate_port) open({up->address, *config_.alternate_port});
    for (const auto port : tcp_ports()) {
      outbox_.emplace_back(OpenSocket{sockets_asked_for_++, Transport::Tcp, {up->address, port}});
    }
  } else if (const auto* const down = std::get_if<InterfaceDown>(&input)) {
    std::erase(addresses_, down->address);
    outbox_.emplace_back(CloseSocket{Transport::Udp, {down->address, config_.port}});
    for (const auto port : tcp_ports())
      outbox_.emplace_back(CloseSocket{Transport::Tcp, {down->address, port}});
    std::erase_if(streams_,
                  [&](const auto& entry) { return entry.first.local.ip == down->address; });
    if (config_.alternate_port) {
      outbox_.emplace_back(CloseSocket{Transport::Udp, {down->address, *config_.alternate_port}});
    }
  }
}

std::optional<Output> Server::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::vector<Port> Server::tcp_ports() const {
  if (!config_.over_tcp) return {};
  std::vector<Port> ports{config_.port};
  if (config_.alternate_port) ports.push_back(*config_.alternate_port);
  return ports;
}

void Server::open(const Endpoint& local) {
  outbox_.emplace_back(OpenSocket{sockets_asked_for_++, Transport::Udp, local});
}

void Server::handle_octets(const Received& received) {
  const auto found = streams_.find(received.path);
  if (found == streams_.end()) return;
  auto& stream = found->second;
  stream.insert(stream.end(), received.bytes.begin(), received.bytes.end());
  while (true) {
    const auto size = message_size(stream);
    if (!size) {  // what is no STUN now will be none later
      outbox_.emplace_back(PacketDiscarded{size.error()}.describe());
      outbox_.emplace_back(CloseStream{received.path});
      streams_.erase(found);
      return;
    }
    if (!*size || stream.size() < **size) return;
    const auto end = stream.begin() + static_cast<std::ptrdiff_t>(**size);
    const Bytes message{stream.begin(), end};
    stream.erase(stream.begin(), end);
    handle_message({received.path, message});
  }
}

void Server::handle_message(const Received& received) {
  const auto reading = Message::parse_structure(received.bytes);
  // RFC 8489 §6.3: what is not a STUN message through and through is dropped without a word.
  if (!reading.framed) {
    outbox_.emplace_back(PacketDiscarded{reading.flaws.front()}.describe());
    return;
  }
  const auto& message = *reading.message;
  if (message.method != Method::Binding || !wants_answer(message, config_.deviations)) return;
  if (check_fingerprint(received.bytes) == Check::Bad) {
    outbox_.emplace_back(
        PacketDiscarded{{Flaw::BadChecksum, received.bytes.size() - 8, {8489, "7"}}}.describe());
    return;
  }
  answer(received.path, message, reading.flaws.empty());
}

void Server::answer(const Path& path, const Message& request, bool well_formed) {
  auto unknown = unknown_required(request, understood(path));
  if (!unknown.empty()) {
    refuse(path, request, unknown_attribute_response(request, std::move(unknown)), {8489, "6.3.1"});
  } else if (!well_formed) {
    refuse(path, request, error_response(request, error::kBadRequest), {8489, "6.3.1"});
  } else if (request.has<Padding>() && request.has<ResponsePort>()) {
    // Else a small request could direct large answers at a port of somebody's choice.
    refuse(path, request, error_response(request, error::kBadRequest), {5780, "6.1"});
  } else {
    answer_binding(path, request);
  }
}

void Server::answer_binding(const Path& path, const Message& request) {
  auto response = binding_success(request, path.remote);
  auto reply = path;
  const auto other = other_address(path);
  if (other) {
    const auto change = request.find<ChangeRequest>().value_or(ChangeRequest{});
    const bool obeys = !config_.deviations.has(Deviation::NbdIgnoreChangeRequest);
    if (change.change_ip && obeys) reply.local.ip = other->ip;
    if (change.change_port && obeys) reply.local.port = other->port;
    // RFC 5780 §6.1: MUST include both.
    response.add(MappedAddress{path.remote});
    if (!config_.deviations.has(Deviation::NbdNoResponseOrigin))
      response.add(ResponseOrigin{reply.local});
    response.add(OtherAddress{*other});
  }
  const auto port = request.find<ResponsePort>();
  if (port && !config_.deviations.has(Deviation::NbdIgnoreResponsePort))
    reply.remote.port = port->port;
  if (request.has<Padding>()) response.add(Padding{Bytes(kPaddingOctets)});
  send(reply, request, std::move(response));
}

void Server::refuse(const Path& path, const Message& request, Message response, Rule rule) {
  const auto code = response.find<ErrorCode>()->code;
  outbox_.emplace_back(RequestRefused{path.remote, request.method, code, rule}.describe());
  send(path, request, std::move(response));
}

void Server::send(const Path& path, const Message& request, Message response) {
  if (!config_.software.empty()) response.add(Software{config_.software});
  // Whoever asks with FINGERPRINT has a reason to tell STUN apart by it, and needs it in the
  // answer.
  const bool fingerprint = request.has<Fingerprint>();
  outbox_.emplace_back(Transmit{
      path,
      seal(response, {.key = {}, .fingerprint = fingerprint, .deviations = config_.deviations})});
}

// RFC 5780 §6.1: the other address and the other port (Ca:Cp). Without both, the server has no RFC
// 5780.
std::optional<Endpoint> Server::other_address(const Path& path) const {
  const auto& local = path.local;
  if (!config_.alternate_port || path.transport != Transport::Udp) return std::nullopt;
  const auto other = std::ranges::find_if(addresses_, [&](const Ip& address) {
    return address != local.ip && address.family() == local.ip.family();
  });
  if (other == addresses_.end()) return std::nullopt;
  return Endpoint{*other, local.port == config_.port ? *config_.alternate_port : config_.port};
}

std::vector<AttributeType> Server::understood(const Path& path) const {
  using enum AttributeType;
  // Credentials are understood and not asked for; the attributes of ICE are known to every peer
  // that sends them here.
  std::vector<AttributeType> types{
      Username, MessageIntegrity, MessageIntegritySha256, UserHash, Realm, Nonce, PasswordAlgorithm,
      Priority, UseCandidate,     AttributeType::Padding};
  if (path.transport == Transport::Udp) types.push_back(AttributeType::ResponsePort);
  // RFC 5780 §6.1: CHANGE-REQUEST is for servers that have somewhere else to answer from.
  if (other_address(path)) types.push_back(AttributeType::ChangeRequest);
  return types;
}

}  // namespace rtclab::stun
