#include "tests/agents/srtp/libsrtp_peer.h"

#include <srtp2/srtp.h>

#include <stdexcept>

namespace rtclab::srtp::test {
namespace {

void must(srtp_err_status_t status, const char* what) {
  if (status != srtp_err_status_ok) throw std::runtime_error{what};
}

void start_library() {
  static const bool kStarted = [] {
    must(srtp_init(), "srtp_init");
    return true;
  }();
  static_cast<void>(kStarted);
}

void set_profile(srtp_policy_t& policy, Profile profile) {
  switch (profile) {
    case Profile::Aes128CmSha1_80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      break;
    case Profile::AeadAes128Gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      break;
    case Profile::AeadAes256Gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
      break;
  }
}

Failure failure_of(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_replay_fail: return Failure::Replayed;
    case srtp_err_status_replay_old: return Failure::TooOld;
    case srtp_err_status_auth_fail: return Failure::AuthenticationFailed;
    default: return Failure::Malformed;
  }
}

}  // namespace

struct LibsrtpPeer::Inside {
  srtp_t session = nullptr;

  using Call = srtp_err_status_t (*)(srtp_t, void*, int*);
  Outcome<Bytes> run(Call call, ByteView packet) const {
    Bytes octets{packet.begin(), packet.end()};
    octets.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    auto size = static_cast<int>(packet.size());
    const auto status = call(session, octets.data(), &size);
    if (status != srtp_err_status_ok) return tl::make_unexpected(failure_of(status));
    octets.resize(static_cast<std::size_t>(size));
    return octets;
  }
};

LibsrtpPeer::LibsrtpPeer(Profile profile, const MasterKey& master, Direction direction)
    : inside_{std::make_unique<Inside>()} {
  start_library();
  Bytes key = master.key;
  key.insert(key.end(), master.salt.begin(), master.salt.end());
  srtp_policy_t policy{};
  set_profile(policy, profile);
  policy.ssrc.type = direction == Direction::Outbound ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = reinterpret_cast<unsigned char*>(key.data());
  policy.window_size = 1024;
  must(srtp_create(&inside_->session, &policy), "srtp_create");
}

LibsrtpPeer::~LibsrtpPeer() {
  srtp_dealloc(inside_->session);
}

Outcome<Bytes> LibsrtpPeer::protect(PacketKind kind, ByteView packet) {
  return inside_->run(kind == PacketKind::Rtp ? srtp_protect : srtp_protect_rtcp, packet);
}

Outcome<Bytes> LibsrtpPeer::unprotect(PacketKind kind, ByteView packet) {
  return inside_->run(kind == PacketKind::Rtp ? srtp_unprotect : srtp_unprotect_rtcp, packet);
}

}  // namespace rtclab::srtp::test
