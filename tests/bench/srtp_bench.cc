// What SRTP costs a packet beside the bare cipher over the same octets, both measured in turn in
// one process.
//
//   build/release/rtclab_srtp_bench [PACKETS]
//
// Prints CPU time of this process; the ratio is the figure to keep.
#include "agents/base/rng.h"
#include "agents/rtp/packet.h"
#include "agents/srtp/context.h"
#include "tests/bench/cpu_time.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

namespace rtclab::bench {
namespace {

using namespace srtp;

constexpr int kRounds = 15;

template <class F>
double per_packet(unsigned packets, F&& f) {
  const auto before = cpu_seconds();
  f();
  return (cpu_seconds() - before) * 1e9 / packets;
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + kRounds / 2);
  return values[kRounds / 2];
}

void must(bool succeeded) {
  if (!succeeded) std::abort();
}

// The least that the profile asks for: one pass of the cipher, and of the MAC where that is
// another.
class BareCipher {
 public:
  BareCipher(Profile profile, const MasterKey& key) : gcm_{profile != Profile::Aes128CmSha1_80} {
    const auto* const cipher = !gcm_                               ? EVP_aes_128_ctr()
                               : profile == Profile::AeadAes256Gcm ? EVP_aes_256_gcm()
                                                                   : EVP_aes_128_gcm();
    must(EVP_EncryptInit_ex(context_.get(), cipher, nullptr, to_read(key.key), nullptr) == 1);
    auto* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    mac_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
    char digest[] = "SHA1";
    const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                   OSSL_PARAM_construct_end()};
    must(EVP_MAC_init(mac_.get(), to_read(key.key), key.key.size(), settings) == 1);
  }

  void run(Bytes& octets) {
    unsigned char nonce[16] = {};
    unsigned char tag[20];
    int size = 0;
    must(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce) == 1);
    must(EVP_EncryptUpdate(context_.get(), reinterpret_cast<unsigned char*>(octets.data()), &size,
                           to_read(octets), static_cast<int>(octets.size())) == 1);
    if (gcm_) {
      must(EVP_EncryptFinal_ex(context_.get(), tag, &size) == 1);
      must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
      return;
    }
    std::size_t written = 0;
    must(EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1);
    must(EVP_MAC_update(mac_.get(), to_read(octets), octets.size()) == 1);
    must(EVP_MAC_final(mac_.get(), tag, &written, sizeof tag) == 1);
  }

 private:
  static const unsigned char* to_read(const Bytes& octets) {
    return reinterpret_cast<const unsigned char*>(octets.data());
  }

  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  bool gcm_;
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_{EVP_CIPHER_CTX_new()};
  std::unique_ptr<EVP_MAC_CTX, Free> mac_;
};

Bytes an_rtp_packet(unsigned number, std::size_t size) {
  return rtp::Packet{.payload_type = rtp::PayloadType{96},
                     .sequence_number = rtp::SequenceNumber{static_cast<std::uint16_t>(number)},
                     .ssrc = rtp::Ssrc{7},
                     .payload = Bytes(size - rtp::kFixedHeaderSize)}
      .serialize();
}

void bench(Profile profile, std::size_t size, unsigned packets) {
  SeededRng rng{1};
  MasterKey key{Bytes(parameters(profile).key_size), Bytes(parameters(profile).salt_size)};
  rng.fill(key.key);
  rng.fill(key.salt);
  std::vector<Bytes> plain;
  for (unsigned i = 0; i < packets; ++i) plain.push_back(an_rtp_packet(i, size));
  std::vector<double> bare;
  std::vector<double> out;
  std::vector<double> in;
  for (int round = 0; round < kRounds; ++round) {
    BareCipher cipher{profile, key};
    OutboundContext outbound{profile, key};
    InboundContext inbound{profile, key};
    std::vector<Bytes> sent;
    sent.reserve(packets);
    auto octets = plain;
    bare.push_back(per_packet(packets, [&] {
      for (auto& packet : octets) cipher.run(packet);
    }));
    out.push_back(per_packet(packets, [&] {
      for (const auto& packet : plain) must(outbound.protect_rtp(packet).has_value());
    }));
    // Protected once more, and the same; kept apart, for fresh memory costs more than the cipher.
    for (const auto& packet : plain)
      sent.push_back(*OutboundContext{profile, key}.protect_rtp(packet));
    in.push_back(per_packet(packets, [&] {
      for (const auto& packet : sent) must(inbound.unprotect_rtp(packet).has_value());
    }));
  }
  const auto floor = median(bare);
  fmt::print(
      "{:<24} {:5} octets  cipher {:6.0f} ns  protect {:6.0f} ns {:5.2f} x  unprotect {:6.0f} ns "
      "{:5.2f} x\n",
      parameters(profile).name, size, floor, median(out), median(out) / floor, median(in),
      median(in) / floor);
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  using namespace rtclab;
  const auto packets = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 4000;
  for (const auto profile : {srtp::Profile::Aes128CmSha1_80, srtp::Profile::AeadAes128Gcm,
                             srtp::Profile::AeadAes256Gcm}) {
    for (const std::size_t size : {160, 1200}) bench::bench(profile, size, packets);
  }
}
