#include "reports/evidence/dtls_records.h"

#include "reports/evidence/sctp_chunks.h"

#include <fmt/format.h>

namespace rtclab::evidence {
namespace {

std::vector<DtlsHandshake> read_handshakes(ByteView fragment) {
  std::vector<DtlsHandshake> messages;
  ByteReader reader{fragment};
  while (reader.remaining() >= 12) {
    DtlsHandshake message{};
    message.type = reader.u8();
    message.length = reader.u24();
    message.sequence = reader.u16();
    message.fragment_offset = reader.u24();
    message.fragment_length = reader.u24();
    message.body = reader.offset();
    reader.skip(message.fragment_length);
    if (!reader.ok()) break;
    messages.push_back(message);
  }
  return messages;
}

// RFC 9147 §4: 0 0 1 C S L E E.
std::optional<DtlsRecord> read_unified(ByteReader& reader) {
  const auto first = reader.u8();
  if ((first & 0x10u) != 0) reader.rest();  // a connection id, of a length agreed in the handshake
  DtlsRecord record;
  record.encrypted = true;
  record.epoch = first & 3u;
  record.sequence = (first & 0x08u) != 0 ? reader.u16() : reader.u8();  // itself encrypted
  record.length = (first & 0x04u) != 0 ? reader.u16() : reader.remaining();
  record.offset = reader.offset();
  reader.skip(record.length);
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::optional<DtlsRecord> read_plain(ByteReader& reader) {
  DtlsRecord record;
  record.content_type = reader.u8();
  record.version = reader.u16();
  record.epoch = reader.u16();
  record.sequence = std::uint64_t{reader.u16()} << 32u | reader.u32();
  record.length = reader.u16();
  record.offset = reader.offset();
  const auto fragment = reader.take(record.length);
  if (!reader.ok()) return std::nullopt;
  // Epoch 0 has no keys; from 1 on all is encrypted (RFC 6347 §4.1).
  record.encrypted = record.epoch != 0;
  if (record.encrypted) return record;
  if (record.content_type == kHandshake) record.handshakes = read_handshakes(fragment);
  if (record.content_type == kAlert) record.alert = read_dtls_alert(fragment);
  return record;
}

}  // namespace

std::optional<DtlsAlert> read_dtls_alert(ByteView content) {
  if (content.size() != 2) return std::nullopt;
  return DtlsAlert{std::to_integer<std::uint8_t>(content[0]),
                   std::to_integer<std::uint8_t>(content[1])};
}

std::vector<DtlsRecord> read_dtls_records(ByteView datagram) {
  std::vector<DtlsRecord> records;
  ByteReader reader{datagram};
  while (reader.remaining() > 0) {
    const auto first = std::to_integer<unsigned>(datagram[reader.offset()]);
    const auto record = first >> 5u == 1 ? read_unified(reader) : read_plain(reader);
    if (!record) break;
    records.push_back(*record);
  }
  return records;
}

std::string_view handshake_name(std::uint8_t type) {
  switch (type) {
    case 0: return "HelloRequest";
    case 1: return "ClientHello";
    case 2: return "ServerHello";
    case 3: return "HelloVerifyRequest";
    case 4: return "NewSessionTicket";
    case 8: return "EncryptedExtensions";
    case 11: return "Certificate";
    case 12: return "ServerKeyExchange";
    case 13: return "CertificateRequest";
    case 14: return "ServerHelloDone";
    case 15: return "CertificateVerify";
    case 16: return "ClientKeyExchange";
    case 20: return "Finished";
    case 24: return "KeyUpdate";
    default: return "handshake";
  }
}

std::string_view alert_name(std::uint8_t description) {
  switch (description) {
    case 0: return "close_notify";
    case 10: return "unexpected_message";
    case 20: return "bad_record_mac";
    case 40: return "handshake_failure";
    case 42: return "bad_certificate";
    case 43: return "unsupported_certificate";
    case 46: return "certificate_unknown";
    case 47: return "illegal_parameter";
    case 48: return "unknown_ca";
    case 50: return "decode_error";
    case 51: return "decrypt_error";
    case 70: return "protocol_version";
    case 71: return "insufficient_security";
    case 80: return "internal_error";
    case 90: return "user_canceled";
    case 109: return "missing_extension";
    case 120: return "no_application_protocol";
    default: return "alert";
  }
}

std::string DtlsRecord::name() const {
  if (!content_type) return "encrypted record (1.3)";
  switch (*content_type) {
    case kChangeCipherSpec: return "ChangeCipherSpec";
    case kAlert:
      return alert ? fmt::format("alert {}", alert_name(alert->description)) : "alert (encrypted)";
    case kHandshake: {
      // The one message that RFC 6347 encrypts in a first handshake.
      if (encrypted) return "Finished (encrypted)";
      std::string names;
      for (const auto& message : handshakes) {
        if (!names.empty()) names += ", ";
        names += handshake_name(message.type);
        if (!message.is_whole())
          names += message.fragment_offset == 0 ? " (first part)" : " (part)";
      }
      return names.empty() ? "handshake" : names;
    }
    case kApplicationData:
      return sctp.empty() ? "application data" : "application data: " + text_of(sctp);
    case kHeartbeat: return "heartbeat";
    case kConnectionId: return "record with connection id";
    case kAck: return "ACK";
    default: return fmt::format("record of type {}", *content_type);
  }
}

}  // namespace rtclab::evidence
