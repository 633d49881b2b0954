#include "agents/srtp/transform.h"

#include "agents/srtp/counter_mode_transform.h"
#include "agents/srtp/gcm_transform.h"

#include <utility>

namespace rtclab::srtp {

std::unique_ptr<Transform> make_transform(Profile profile, const MasterKey& master, Use use) {
  auto rtp = session_keys(profile, master, PacketKind::Rtp);
  auto rtcp = session_keys(profile, master, PacketKind::Rtcp);
  switch (profile) {
    case Profile::Aes128CmSha1_80:
      return std::make_unique<CounterModeTransform>(std::move(rtp), std::move(rtcp));
    case Profile::AeadAes128Gcm:
    case Profile::AeadAes256Gcm:
      return std::make_unique<GcmTransform>(std::move(rtp), std::move(rtcp), use);
  }
  __builtin_unreachable();
}

}  // namespace rtclab::srtp
