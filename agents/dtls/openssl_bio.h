// The datagram end of an SSL object: where OpenSSL's records leave and arrive, and where its clock
// is taken away.
//
// Spec: RFC 6347 §4.1 (records and datagrams), §4.2.4 (the timer).
// OpenSSL reads the wall clock to see whether a flight must be repeated. We tell it that the timer
// runs for over an hour, watch it start and stop the timer through the BIO, run that timer in
// virtual time (endpoint.cc), and when it fires, set OpenSSL's own deadline into the past. That
// deadline is reached through the pointer that BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT carries, which is a
// fact of OpenSSL 3.0 and not a promise; the cases in tests/agents/dtls/retransmission_test.cc fail
// if it ever ends.
#pragma once

#include "agents/base/bytes.h"
#include "agents/dtls/session.h"

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <deque>

struct timeval;

namespace rtclab::dtls {

class DatagramBio {
 public:
  // What leaves goes to the end of `produced`, which outlives the object.
  DatagramBio(std::size_t mtu, std::deque<Product>& produced) : mtu_{mtu}, produced_{&produced} {}
  DatagramBio(const DatagramBio&) = delete;
  DatagramBio& operator=(const DatagramBio&) = delete;

  // Becomes the way in and out of `ssl`, and keeper of its timer; outlives it.
  void attach(SSL* ssl);

  // Before each call into the library: what it writes now begins a new datagram.
  void begin_call() { may_join_ = false; }
  // The datagram that the library reads next, if it does; none when empty.
  void offer(ByteView datagram) { inbox_ = datagram; }
  void write(ByteView records);

  [[nodiscard]] TimerSignal take_timer_signal();
  // Makes OpenSSL believe that its timer has fired.
  void expire_timer();

  // Records sent under the negotiated keys, because OpenSSL does not tell its sequence number.
  [[nodiscard]] std::uint64_t epoch_1_records() const { return epoch_1_records_; }

 private:
  static BIO_METHOD* method();
  static int on_write(BIO* bio, const char* data, int size);
  static int on_read(BIO* bio, char* data, int size);
  static long on_control(BIO* bio, int command, long number, void* pointer);
  void note_records(ByteView datagram);

  std::size_t mtu_;
  std::deque<Product>* produced_;
  // OpenSSL repeats a flight one record at a time. What one call of it writes goes into as few
  // datagrams as the first flight did (RFC 6347 §4.1.1), which lossy paths reward.
  bool may_join_ = false;
  ByteView inbox_;
  TimerSignal timer_ = TimerSignal::None;
  timeval* deadline_ = nullptr;  // OpenSSL's own next_timeout
  std::uint64_t epoch_1_records_ = 0;
};

}  // namespace rtclab::dtls
