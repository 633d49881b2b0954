#include "tests/agents/sctp/usrsctp_peer.h"

#include "agents/base/rng.h"

#include <sys/time.h>
#include <usrsctp.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace {

rtclab::Instant virtual_now{};
rtclab::SeededRng library_rng{1};

}  // namespace

// These take the place of libc's and the library's own: the dynamic linker finds the executable
// first.
extern "C" int gettimeofday(struct timeval* tv, void* /*zone*/) noexcept {
  const auto ns = virtual_now.time_since_epoch().count() + 1'700'000'000'000'000'000;
  tv->tv_sec = ns / 1'000'000'000;
  tv->tv_usec = ns % 1'000'000'000 / 1000;
  return 0;
}
extern "C" void read_random(void* out, size_t size) {
  library_rng.fill({static_cast<std::byte*>(out), size});
}

namespace rtclab::sctp {
namespace {

// A small number, not a pointer: it goes into the library's cookies, and those must replay.
void* const kAddress = reinterpret_cast<void*>(1);
constexpr std::uint16_t kPort = 5000;
// In the library, and not in the header that Debian installs.
constexpr int kInterleavingSupported = 0x1206;
UsrsctpPeer* the_peer = nullptr;

sockaddr_conn address() {
  sockaddr_conn conn{};
  conn.sconn_family = AF_CONN;
  conn.sconn_port = htons(kPort);
  conn.sconn_addr = kAddress;
  return conn;
}

int on_output(void* /*address*/, void* buffer, size_t size, std::uint8_t /*tos*/,
              std::uint8_t /*df*/) {
  const auto* octets = static_cast<const std::byte*>(buffer);
  the_peer->outbox.emplace_back(octets, octets + size);
  return 0;
}

int on_receive(struct socket* /*socket*/, union sctp_sockstore /*from*/, void* data, size_t size,
               struct sctp_rcvinfo info, int flags, void* /*context*/) {
  if (data == nullptr) {
    the_peer->closed = true;
    return 1;
  }
  if ((flags & MSG_NOTIFICATION) != 0) {
    the_peer->note_notification(data);
  } else {
    the_peer->note_data(info.rcv_sid, ntohl(info.rcv_ppid), (info.rcv_flags & SCTP_UNORDERED) != 0,
                        {static_cast<const std::byte*>(data), size}, (flags & MSG_EOR) != 0);
  }
  std::free(data);
  return 1;
}

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)};
}

template <class T>
void set(struct socket* socket, int level, int option, T value) {
  require(usrsctp_setsockopt(socket, level, option, &value, sizeof value) == 0,
          "usrsctp_setsockopt");
}

}  // namespace

UsrsctpPeer::UsrsctpPeer(Instant now, std::uint64_t seed, Role role, Interleaving interleaving)
    : interleaving_{interleaving} {
  virtual_now = now;
  library_rng = SeededRng{seed};
  the_peer = this;
  usrsctp_init_nothreads(0, on_output, nullptr);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_register_address(kAddress);
  auto* socket =
      usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, on_receive, nullptr, 0, nullptr);
  require(socket != nullptr, "usrsctp_socket");
  configure(socket);
  auto conn = address();
  require(usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&conn), sizeof conn) == 0,
          "usrsctp_bind");
  if (role == Role::Listens) {
    listening_ = socket;
    require(usrsctp_listen(socket, 1) == 0, "usrsctp_listen");
    return;
  }
  socket_ = socket;
  const auto result = usrsctp_connect(socket, reinterpret_cast<sockaddr*>(&conn), sizeof conn);
  require(result == 0 || errno == EINPROGRESS, "usrsctp_connect");
}

UsrsctpPeer::~UsrsctpPeer() {
  if (socket_ != nullptr) usrsctp_close(socket_);
  if (listening_ != nullptr) usrsctp_close(listening_);
  usrsctp_deregister_address(kAddress);
  for (int i = 0; i < 1000 && usrsctp_finish() != 0; ++i) tick(virtual_now + kTick);
  the_peer = nullptr;
}

void UsrsctpPeer::configure(struct socket* socket) {
  usrsctp_set_non_blocking(socket, 1);
  set(socket, SOL_SOCKET, SO_LINGER, linger{1, 0});
  set(socket, SOL_SOCKET, SO_RCVBUF, 1 << 20);
  set(socket, SOL_SOCKET, SO_SNDBUF, 1 << 22);
  set(socket, IPPROTO_SCTP, SCTP_NODELAY, 1);
  set(socket, IPPROTO_SCTP, SCTP_RECVRCVINFO, 1);
  for (const auto type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_SHUTDOWN_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_on = 1;
    event.se_type = static_cast<std::uint16_t>(type);
    set(socket, IPPROTO_SCTP, SCTP_EVENT, event);
  }
  if (interleaving_ == Interleaving::On) {
    set(socket, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, 2);
    sctp_assoc_value on{};
    on.assoc_id = SCTP_ALL_ASSOC;
    on.assoc_value = 1;
    set(socket, IPPROTO_SCTP, kInterleavingSupported, on);
  }
  sctp_initmsg init{};
  init.sinit_num_ostreams = 256;
  init.sinit_max_instreams = 2048;
  set(socket, IPPROTO_SCTP, SCTP_INITMSG, init);
  sctp_assoc_value reset{};
  reset.assoc_id = SCTP_ALL_ASSOC;
  reset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ;
  set(socket, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, reset);
}

void UsrsctpPeer::handle_packet(Instant now, ByteView packet) {
  virtual_now = now;
  usrsctp_conninput(kAddress, packet.data(), packet.size(), 0);
  accept();
}

void UsrsctpPeer::tick(Instant now) {
  virtual_now = now;
  usrsctp_handle_timers(static_cast<std::uint32_t>(kTick.count() / 1'000'000));
  accept();
}

void UsrsctpPeer::accept() {
  if (listening_ == nullptr || socket_ != nullptr) return;
  socket_ = usrsctp_accept(listening_, nullptr, nullptr);
  if (socket_ == nullptr) return;
  usrsctp_set_non_blocking(socket_, 1);
  up = true;
}

bool UsrsctpPeer::send(Instant now, std::uint16_t stream, std::uint32_t ppid, ByteView bytes,
                       bool unordered, Limit limit, std::uint32_t value) {
  virtual_now = now;
  sctp_sendv_spa spa{};
  spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  spa.sendv_sndinfo.snd_sid = stream;
  spa.sendv_sndinfo.snd_ppid = htonl(ppid);
  spa.sendv_sndinfo.snd_flags = SCTP_EOR;
  if (unordered) spa.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
  if (limit != Limit::None) {
    spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    spa.sendv_prinfo.pr_policy = limit == Limit::Lifetime ? SCTP_PR_SCTP_TTL : SCTP_PR_SCTP_RTX;
    spa.sendv_prinfo.pr_value = value;
  }
  return usrsctp_sendv(socket_, bytes.data(), bytes.size(), nullptr, 0, &spa, sizeof spa,
                       SCTP_SENDV_SPA, 0) >= 0;
}

void UsrsctpPeer::reset_stream(Instant now, std::uint16_t stream) {
  virtual_now = now;
  std::vector<std::byte> buffer(sizeof(sctp_reset_streams) + sizeof stream);
  sctp_reset_streams request{};
  request.srs_assoc_id = SCTP_ALL_ASSOC;
  request.srs_flags = SCTP_STREAM_RESET_OUTGOING;
  request.srs_number_streams = 1;
  std::memcpy(buffer.data(), &request, sizeof request);
  std::memcpy(buffer.data() + sizeof request, &stream, sizeof stream);
  require(usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, buffer.data(),
                             static_cast<socklen_t>(buffer.size())) == 0,
          "SCTP_RESET_STREAMS");
}

void UsrsctpPeer::shutdown(Instant now) {
  virtual_now = now;
  usrsctp_shutdown(socket_, SHUT_WR);
}

void UsrsctpPeer::note_data(std::uint16_t stream, std::uint32_t ppid, bool unordered,
                            ByteView bytes, bool end) {
  auto& partial = partial_[{stream, unordered}];
  partial.insert(partial.end(), bytes.begin(), bytes.end());
  if (!end) return;
  received.push_back({stream, ppid, unordered, std::move(partial)});
  partial.clear();
}

void UsrsctpPeer::note_notification(const void* octets) {
  const auto* notification = static_cast<const sctp_notification*>(octets);
  if (notification->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
    const auto state = notification->sn_assoc_change.sac_state;
    if (state == SCTP_COMM_UP) up = true;
    if (state == SCTP_COMM_LOST || state == SCTP_SHUTDOWN_COMP || state == SCTP_CANT_STR_ASSOC)
      closed = true;
  }
  if (notification->sn_header.sn_type == SCTP_STREAM_RESET_EVENT) {
    const auto& event = notification->sn_strreset_event;
    const auto count = (event.strreset_length - sizeof event) / sizeof(std::uint16_t);
    auto& list = (event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0 ? incoming_reset
                                                                              : outgoing_reset;
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t stream = 0;
      std::memcpy(&stream, static_cast<const std::byte*>(octets) + sizeof event + i * sizeof stream,
                  sizeof stream);
      list.push_back(stream);
    }
  }
}

}  // namespace rtclab::sctp
