// All sockets of one agent: carries out what the agent asks for and tells what comes of it.
//
// The driver's part of agents/base/io.h, rules 5 and 6: what can be answered at once is returned,
// to be handed in after the drain; everything later arrives through Hooks::input, never from within
// a call of this class.
#pragma once

#include "agents/base/io.h"
#include "agents/live/tap.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace rtclab::live {

class TcpListener;
class TcpStream;
class UdpSocket;

class Sockets {
 public:
  using OnInput = std::function<void(const Input&)>;
  // The agent's time: what it sends in one step, or is told, carries the same instant for the tap
  // as for the agent, however long the machine takes over it.
  using AtInstant = std::function<Instant()>;

  // All references outlive this object; `tap` may be null.
  Sockets(boost::asio::io_context& context, AtInstant at, Tap* tap, OnInput on_input);
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  ~Sockets();

  // Unreachable when the machine has no way to there.
  std::optional<Input> act(const Transmit& transmit);
  std::optional<Input> act(const OpenSocket& open);
  std::optional<Input> act(const OpenStream& open);
  std::optional<Input> act(const CloseSocket& close);
  std::optional<Input> act(const CloseStream& close);

 private:
  struct Opening {
    std::uint32_t request;
    Path asked;
    std::shared_ptr<TcpStream> stream;
  };

  Input open_udp(const OpenSocket& open);
  Input listen(const OpenSocket& open);
  void note_connected(std::uint32_t request);
  void note_not_connected(std::uint32_t request, const std::string& why);
  void begin(const Path& path, const std::shared_ptr<TcpStream>& stream);
  void note_accepted(const std::shared_ptr<TcpStream>& stream);
  void note_octets(const Path& path, ByteView octets);
  void note_closed(const Path& path, const std::string& why);
  template <class... Arguments>
  void tell(void (Tap::*what)(Instant, Direction, Arguments...), Direction direction,
            const Path& path, auto&&... rest);

  boost::asio::io_context& context_;
  AtInstant at_;
  Tap* tap_;
  OnInput on_input_;
  std::map<Endpoint, std::shared_ptr<UdpSocket>> udp_;
  std::map<Endpoint, std::shared_ptr<TcpListener>> listeners_;
  std::map<Path, std::shared_ptr<TcpStream>> streams_;
  std::vector<Opening> opening_;
};

}  // namespace rtclab::live
