// What SCTP said inside DTLS, of the associations that keys of the capture open: packets, user
// messages and data channels, each side by what it sent.
//
// Spec: RFC 8261 (SCTP over DTLS), RFC 9260 §3 and RFC 8260 §2.1 (chunks), RFC 8832 §5 (DCEP).
#pragma once

#include "agents/sctp/dcep.h"
#include "agents/sctp/packet.h"
#include "agents/sctp/reconfiguration.h"
#include "reports/judge/transmission.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rtclab::judge {

class Docket;

struct SctpPacket {
  const Transmission* by = nullptr;
  std::shared_ptr<const Bytes> octets;
  sctp::Packet packet;               // the checksum has not been looked at
  std::optional<Duration> received;  // by the other peer, when somebody saw it

  template <class T>
  [[nodiscard]] const T* find() const {
    for (const auto& chunk : packet.chunks) {
      if (const auto* found = std::get_if<T>(&chunk)) return found;
    }
    return nullptr;
  }
};

// DATA or I-DATA as it was first sent, and each time that it was.
struct SentData {
  sctp::DataHeader header;
  Bytes payload;
  sctp::DataKind kind = sctp::DataKind::Data;
  std::vector<const SctpPacket*> sends;
};

struct UserMessage {
  const SctpPacket* first = nullptr;  // carried its first fragment, or its only one
  sctp::StreamId stream{0};
  sctp::Ppid ppid{0};
  sctp::DataKind kind = sctp::DataKind::Data;
  bool unordered = false;
  std::uint32_t number = 0;  // the SSN or the MID
  Bytes octets;
  std::size_t fragments = 0;
  bool whole = false;
  bool numbers_fit = true;  // the fragments have what RFC 9260 §6.9, RFC 8260 §2.2 ask for
  std::optional<Duration> complete;  // when all of it had arrived, when somebody saw it
};

struct SctpSide {
  std::string name;
  std::vector<SctpPacket> packets;         // in the order in which they left
  std::map<sctp::LongTsn, SentData> data;  // by TSN
  std::vector<UserMessage> messages;       // in the order in which they were begun
  std::set<std::uint32_t> initiate_tags;   // of its INIT and INIT ACK
  std::set<std::uint32_t> initial_tsns;    // likewise
  bool offers_i_data = false;
  bool offers_zero_checksum = false;
};

struct SctpAssociation {
  std::array<SctpSide, 2> sides;
  std::optional<std::size_t> dtls_client;  // which side sent ClientHello
  Duration last{};                         // when a peer of it was last heard at all
  std::optional<Duration> aborted;

  [[nodiscard]] bool interleaves() const {
    return sides[0].offers_i_data && sides[1].offers_i_data;
  }
};

// A channel that OPEN announced.
struct OpenedChannel {
  std::size_t opener = 0;  // the side
  const UserMessage* message = nullptr;
  std::optional<sctp::DcepOpen> open;  // nullopt: it cannot be read
};

// In the order of their first packets. `docket` outlives them.
[[nodiscard]] std::vector<SctpAssociation> sctp_associations(const Docket& docket);
[[nodiscard]] std::vector<OpenedChannel> opened_channels(const SctpAssociation& association);
// The channel that the stream belonged to at that time.
[[nodiscard]] const OpenedChannel* channel_at(const std::vector<OpenedChannel>& channels,
                                              sctp::StreamId stream, Duration at);

}  // namespace rtclab::judge
