// What a datagram's payload is, as far as it can be read without keys. decrypt_dtls() and
// decrypt_srtp() add what keys of the capture open.
//
// Spec: RFC 7983 §7 (which protocol a first octet means), RFC 8489 (STUN), RFC 8656 §12
// (ChannelData), RFC 6347 §4.1 and RFC 9147 §4 (DTLS 1.2 and 1.3 records), RFC 5761 §4 (RTP or
// RTCP). What stands in TCP is put together by tcp_streams.h. Lenient: whatever can be read is
// shown, since a recording may well hold a faulty message. Who wants to judge the octets has
// Packet::payload.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::stun {
struct Message;
}
namespace rtclab::mdns {
struct Message;
}

namespace rtclab::evidence {

enum class Kind : std::uint8_t {
  Unknown,
  Stun,  // also TURN's messages
  ChannelData,
  Dtls,
  Rtp,
  Rtcp,
  Sctp,
  Tcp,        // a segment that is not WebSocket's
  WebSocket,  // a segment with octets of a WebSocket connection, its opening handshake included
  Tls,        // a record of TLS: to a TURN server (RFC 8656 §3.1)
  Mdns,
  Icmp,
  Fragment,  // an IP fragment; the last one of a datagram carries the payload and its own kind
};
[[nodiscard]] std::string_view to_string(Kind kind);  // "STUN", "ChannelData", …

// One message, or a fragment of one, in a plaintext handshake record.
struct DtlsHandshake {
  std::uint8_t type;
  std::uint32_t length;  // of the whole message
  std::uint16_t sequence;
  std::uint32_t fragment_offset;
  std::uint32_t fragment_length;
  std::size_t body;  // where the fragment stands in the record's content
  [[nodiscard]] bool is_whole() const { return fragment_length == length; }
};
[[nodiscard]] std::string_view handshake_name(
    std::uint8_t type);  // "ClientHello", … or "handshake"

struct DtlsAlert {
  std::uint8_t level;
  std::uint8_t description;
};
[[nodiscard]] std::string_view alert_name(std::uint8_t description);  // "close_notify", …

// One chunk of an SCTP packet.
struct SctpChunk {
  std::string name;      // "INIT", "DATA", …
  std::string message;   // of DATA: "open "chat"", ""Hello Bob"" (shortened), "1200 octets"
  bool sets_up = false;  // or ends: an association, a channel; not data and its acknowledgement

  // "SACK", "DATA: open "chat"", ""Hello Bob"".
  [[nodiscard]] std::string text() const;
};

// All of a packet: "COOKIE ECHO, DATA: open "chat"".
[[nodiscard]] std::string text_of(const std::vector<SctpChunk>& chunks);

struct DtlsRecord {
  // nullopt for a DTLS 1.3 ciphertext: the unified header hides the content type (RFC 9147 §4).
  std::optional<std::uint8_t> content_type;
  std::uint16_t version = 0;  // as on the wire: 0xfeff, 0xfefd; 0 with a unified header
  std::uint16_t epoch = 0;    // unified header: its two low bits
  std::uint64_t sequence = 0;
  std::size_t offset = 0;  // where the content begins in the datagram
  std::size_t length = 0;  // of the content
  bool encrypted = false;
  std::vector<DtlsHandshake> handshakes;   // of a plaintext handshake record
  std::optional<DtlsAlert> alert;          // of an alert that is plaintext or could be decrypted
  std::vector<SctpChunk> sctp;             // of application data that could be decrypted
  std::shared_ptr<const Bytes> plaintext;  // likewise; null otherwise

  // "ClientHello", "ChangeCipherSpec", "Finished (encrypted)", "application data",
  // "application data: INIT", …
  [[nodiscard]] std::string name() const;
};

struct RtpHeader {
  std::uint8_t payload_type;
  std::uint16_t sequence;
  std::uint32_t timestamp;
  std::uint32_t ssrc;
};

// What an SRTP or SRTCP packet was before it was protected.
struct UnprotectedMedia {
  Bytes plain;                  // RTP, or RTCP: one packet or several
  std::string_view profile;     // "SRTP_AEAD_AES_128_GCM"
  std::size_t association = 0;  // whose keys: DTLS associations are counted from 0
  bool by_client = true;        // with the client's write key of that association
  // RTCP only.
  std::optional<std::uint32_t> srtcp_index;
  bool encrypted = true;  // the E flag
};

struct TcpSegment {
  bool syn = false, ack = false, fin = false, rst = false;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  bool again = false;  // all of its octets were seen before at the same place
};

struct Carried;
struct Framed;

struct Dissection {
  Kind kind = Kind::Unknown;
  // Null when the octets look like STUN but have no readable structure.
  std::shared_ptr<const stun::Message> stun;
  std::vector<DtlsRecord> dtls;
  std::optional<RtpHeader> rtp;
  std::shared_ptr<const UnprotectedMedia> media;  // of RTP and RTCP that a key of the capture opens
  std::optional<TcpSegment> tcp;
  std::vector<SctpChunk> sctp;           // SCTP that stands in the clear
  std::optional<std::uint16_t> channel;  // ChannelData's number
  // The messages whose last octet stands in this TCP segment; see tcp_streams.h.
  std::vector<Framed> framed;
  std::string words;  // of a TLS record and of mDNS: what it is, "ClientHello"
  std::shared_ptr<const mdns::Message> mdns;  // null when it cannot be read
  // The datagram inside a Send or Data indication, or ChannelData; null otherwise.
  std::shared_ptr<const Carried> carried;

  // The STUN messages that stand open: its own, or those in a TCP segment; not what a relay
  // carries.
  [[nodiscard]] std::vector<const stun::Message*> messages() const;
  // One line for a label or a table: "Binding request", "ClientHello", "ChannelData 0x4000".
  [[nodiscard]] std::string summary() const;
};

// A datagram on its way through a TURN server, in the part between client and server. It stands for
// one between `relayed` and `peer`.
struct Carried {
  bool from_client;                 // Send indication or ChannelData towards the server
  std::optional<Endpoint> relayed;  // when the Allocate response was captured
  std::optional<Endpoint> peer;     // for ChannelData: when the ChannelBind was captured
  Bytes payload;
  Dissection dissection;
};

// How messages are told apart in one direction of a TCP connection.
enum class Framing : std::uint8_t {
  Rfc4571,  // ICE-TCP: two octets of length before each packet (RFC 6544 §7.1)
  Turn,  // STUN and ChannelData, each with a length of its own (RFC 8489 §6.2.2, RFC 8656 §12.5)
  Tls,
  Broken,  // one of the above until here; what follows fits none
};

// A message out of a TCP connection. `payload` is without the frame and without padding.
struct Framed {
  Framing framing;
  Bytes payload;
  Dissection dissection;
};

// Reads an SCTP packet that stands in the clear.
[[nodiscard]] Dissection dissect_sctp(ByteView packet);

// Reads a UDP payload. TURN's context (which channel is whose) is filled in later, by
// resolve_sessions().
[[nodiscard]] Dissection dissect_udp(const Endpoint& source, const Endpoint& destination,
                                     ByteView payload);

}  // namespace rtclab::evidence
