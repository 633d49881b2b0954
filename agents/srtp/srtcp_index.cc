#include "agents/srtp/srtcp_index.h"

namespace rtclab::srtp {

std::optional<SrtcpIndex> read_srtcp_index(Profile profile, ByteView packet) {
  constexpr std::size_t kClearSize = 8;  // the first header and the SSRC of the sender
  const auto tag_size = parameters(profile).tag_size;
  if (packet.size() < kClearSize + tag_size + kSrtcpIndexSize) return std::nullopt;
  const auto behind = profile == Profile::Aes128CmSha1_80 ? tag_size : 0;
  const auto word = ByteReader{packet.subspan(packet.size() - behind - kSrtcpIndexSize)}.u32();
  return SrtcpIndex{word & ~kEncryptedFlag,
                    (word & kEncryptedFlag) != 0 ? Secrecy::Encrypted : Secrecy::Clear};
}

}  // namespace rtclab::srtp
