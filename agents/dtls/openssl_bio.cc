#include "agents/dtls/openssl_bio.h"

#include "agents/dtls/openssl_types.h"

#include <sys/time.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>
#include <variant>

namespace rtclab::dtls {
namespace {

constexpr int kIpAndUdp = 28;  // octets of the IPv4 and UDP headers, which OpenSSL counts in an MTU

DatagramBio& self_of(BIO* bio) {
  return *static_cast<DatagramBio*>(BIO_get_data(bio));
}

}  // namespace

BIO_METHOD* DatagramBio::method() {
  static auto* const kMethod = [] {
    auto* const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rtclab datagrams");
    must(method != nullptr);
    BIO_meth_set_write(method, on_write);
    BIO_meth_set_read(method, on_read);
    BIO_meth_set_ctrl(method, on_control);
    return method;
  }();
  return kMethod;
}

void DatagramBio::attach(SSL* ssl) {
  auto* const bio = BIO_new(method());
  must(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  DTLS_set_link_mtu(ssl, static_cast<long>(mtu_) + kIpAndUdp);
  DTLS_set_timer_cb(ssl, [](SSL*, unsigned) { return 4000u * 1000u * 1000u; });  // microseconds
}

int DatagramBio::on_write(BIO* bio, const char* data, int size) {
  self_of(bio).write(as_octets({data, static_cast<std::size_t>(size)}));
  return size;
}

void DatagramBio::write(ByteView records) {
  note_records(records);
  auto* const last = may_join_ ? std::get_if<Bytes>(&produced_->back()) : nullptr;
  if (last != nullptr && last->size() + records.size() <= mtu_) {
    last->insert(last->end(), records.begin(), records.end());
  } else {
    produced_->emplace_back(Bytes{records.begin(), records.end()});
  }
  may_join_ = true;
}

int DatagramBio::on_read(BIO* bio, char* data, int size) {
  auto& inbox = self_of(bio).inbox_;
  BIO_clear_retry_flags(bio);
  if (inbox.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto taken = std::min(inbox.size(), static_cast<std::size_t>(size));
  std::memcpy(data, inbox.data(), taken);
  inbox = {};  // as with recv(): what does not fit is cut off
  return static_cast<int>(taken);
}

long DatagramBio::on_control(BIO* bio, int command, long /*number*/, void* pointer) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return kIpAndUdp;  // off the link MTU of attach()
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: {
      auto& self = self_of(bio);
      self.deadline_ = static_cast<timeval*>(pointer);
      const bool runs = self.deadline_->tv_sec != 0 || self.deadline_->tv_usec != 0;
      self.timer_ = runs ? TimerSignal::Started : TimerSignal::Stopped;
      return 1;
    }
    default: return 0;
  }
}

// A record: type 1, version 2, epoch 2, sequence number 6, length 2 (RFC 6347 §4.1).
void DatagramBio::note_records(ByteView datagram) {
  ByteReader reader{datagram};
  while (reader.remaining() >= 13) {
    reader.skip(3);
    const auto epoch = reader.u16();
    reader.skip(6);
    reader.skip(reader.u16());
    if (epoch == 1) ++epoch_1_records_;
  }
}

TimerSignal DatagramBio::take_timer_signal() {
  return std::exchange(timer_, TimerSignal::None);
}

void DatagramBio::expire_timer() {
  assert(deadline_ != nullptr);
  *deadline_ = {.tv_sec = 1, .tv_usec = 0};  // 1970: long past
}

}  // namespace rtclab::dtls
