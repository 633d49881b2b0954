#include "reports/judge/sctp_traffic.h"

#include "agents/sctp/peer_init.h"
#include "reports/judge/docket.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::Kind;
using PartyPair = std::pair<evidence::PartyIndex, evidence::PartyIndex>;  // the lesser first

constexpr std::uint8_t kClientHelloType = 1;

void note_init(const sctp::InitBody& body, SctpSide& side) {
  side.initiate_tags.insert(body.initiate_tag);
  side.initial_tsns.insert(body.initial_tsn.value());
  for (const auto& parameter : body.parameters) {
    const auto type = static_cast<sctp::ParameterType>(parameter.type);
    if (type == sctp::ParameterType::ZeroChecksumAcceptable) side.offers_zero_checksum = true;
    if (type != sctp::ParameterType::SupportedExtensions) continue;
    const auto i_data = static_cast<std::byte>(sctp::ChunkType::IData);
    side.offers_i_data |= std::ranges::find(parameter.value, i_data) != parameter.value.end();
  }
}

template <class DataLike>
void note_data(const SctpPacket& packet, const DataLike& chunk, sctp::DataKind kind,
               SctpSide& side) {
  const auto& header = chunk.header;
  const auto tsn = side.data.empty() ? sctp::unwrap_first(header.tsn)
                                     : sctp::unwrap(header.tsn, side.data.rbegin()->first);
  auto [entry, is_new] = side.data.try_emplace(tsn);
  if (is_new) entry->second = {header, chunk.payload, kind, {}};
  entry->second.sends.push_back(&packet);
}

std::optional<Duration> arrival(const SentData& data) {
  std::optional<Duration> earliest;
  for (const auto* const send : data.sends) {
    if (send->received && (!earliest || *send->received < *earliest)) earliest = send->received;
  }
  return earliest;
}

UserMessage message_of(const SentData& data) {
  const auto& header = data.header;
  return {.first = data.sends.front(),
          .stream = header.stream,
          .ppid = header.ppid,
          .kind = data.kind,
          .unordered = header.unordered,
          .number = data.kind == sctp::DataKind::Data ? header.ssn.value() : header.mid.value(),
          .octets = data.payload,
          .fragments = 1,
          .whole = header.end,
          .complete = arrival(data)};
}

void append(const SentData& data, UserMessage& message) {
  message.octets.insert(message.octets.end(), data.payload.begin(), data.payload.end());
  message.whole = data.header.end;
  const auto arrived = arrival(data);
  message.complete = message.complete && arrived
                         ? std::optional{std::max(*message.complete, *arrived)}
                         : std::nullopt;
}

// In DATA the fragments of a message have consecutive TSNs; in I-DATA they name their message.
void assemble(SctpSide& side) {
  using Key = std::tuple<sctp::StreamId, bool, sctp::Mid>;
  std::map<Key, std::size_t> open;
  std::optional<std::pair<sctp::LongTsn, std::size_t>> last;  // of DATA: the fragment before
  for (const auto& [tsn, data] : side.data) {
    const auto& header = data.header;
    const bool is_interleaved = data.kind == sctp::DataKind::IData;
    const Key key{header.stream, header.unordered, header.mid};
    if (header.beginning) {
      if (is_interleaved) open[key] = side.messages.size();
      last = std::pair{tsn, side.messages.size()};
      side.messages.push_back(message_of(data));
      continue;
    }
    std::optional<std::size_t> place;
    if (is_interleaved) {
      if (const auto found = open.find(key); found != open.end()) place = found->second;
    } else if (last && last->first + 1 == tsn && !side.messages[last->second].whole) {
      place = last->second;
      last->first = tsn;
    }
    if (!place) continue;  // its beginning was not captured
    auto& message = side.messages[*place];
    message.numbers_fit &= is_interleaved
                               ? header.fsn == message.fragments
                               : header.stream == message.stream && header.ppid == message.ppid &&
                                     header.unordered == message.unordered &&
                                     (header.unordered || header.ssn.value() == message.number);
    ++message.fragments;
    append(data, message);
  }
}

// What refers to packets is made when none will be added any more.
void complete(SctpAssociation& association) {
  for (auto& side : association.sides) {
    for (const auto& packet : side.packets) {
      for (const auto& chunk : packet.packet.chunks) {
        if (const auto* data = std::get_if<sctp::DataChunk>(&chunk)) {
          note_data(packet, *data, sctp::DataKind::Data, side);
        } else if (const auto* interleaved = std::get_if<sctp::IDataChunk>(&chunk)) {
          note_data(packet, *interleaved, sctp::DataKind::IData, side);
        }
      }
    }
    assemble(side);
  }
}

class SctpReader {
 public:
  explicit SctpReader(const Docket& docket) : docket_{docket} {}

  std::vector<SctpAssociation> read() {
    for (const auto& t : docket_.transmissions()) {
      if (!docket_.is_peer(t.from)) continue;
      heard_[*t.from] = t.sent;
      if (t.dissection->kind != Kind::Dtls) continue;
      const auto other = docket_.peer_behind(t);
      if (!other || *other == *t.from) continue;
      for (const auto& record : t.dissection->dtls) read_record(t, *other, record);
    }
    for (auto& association : associations_) complete(association);
    for (const auto& [pair, index] : current_) {
      associations_[index].last = std::max(heard_[pair.first], heard_[pair.second]);
    }
    return std::move(associations_);
  }

 private:
  void read_record(const Transmission& t, evidence::PartyIndex other,
                   const evidence::DtlsRecord& record) {
    const auto pair = std::minmax(*t.from, other);
    for (const auto& handshake : record.handshakes) {
      if (handshake.type == kClientHelloType) clients_[pair] = *t.from;
    }
    if (!record.plaintext) return;
    auto packet = sctp::Packet::parse(*record.plaintext, sctp::ChecksumPolicy::Ignore);
    if (!packet || packet->chunks.empty()) return;
    add({&t, record.plaintext, *std::move(packet), docket_.received_by(t, other)}, pair,
        *t.from == pair.first ? 0 : 1);
  }

  void add(SctpPacket packet, const PartyPair& pair, std::size_t from) {
    auto& association = association_of(packet, pair, from);
    auto& side = association.sides[from];
    for (const auto& chunk : packet.packet.chunks) {
      if (const auto* init = std::get_if<sctp::InitChunk>(&chunk)) note_init(init->body, side);
      if (const auto* ack = std::get_if<sctp::InitAckChunk>(&chunk)) note_init(ack->body, side);
      if (std::holds_alternative<sctp::AbortChunk>(chunk)) association.aborted = packet.by->sent;
    }
    association.last = packet.by->sent;
    side.packets.push_back(std::move(packet));
  }

  // INIT under another tag, when user data has been sent already, begins another association.
  SctpAssociation& association_of(const SctpPacket& packet, const PartyPair& pair,
                                  std::size_t from) {
    const auto found = current_.find(pair);
    const auto* const init = packet.find<sctp::InitChunk>();
    const auto has_data = [](const SctpPacket& seen) {
      return seen.find<sctp::DataChunk>() != nullptr || seen.find<sctp::IDataChunk>() != nullptr;
    };
    const bool anew =
        found != current_.end() && init != nullptr &&
        !associations_[found->second].sides[from].initiate_tags.contains(init->body.initiate_tag) &&
        std::ranges::any_of(associations_[found->second].sides[from].packets, has_data);
    if (found != current_.end() && !anew) return associations_[found->second];
    current_[pair] = associations_.size();
    auto& association = associations_.emplace_back();
    association.sides[0].name = docket_.name(pair.first);
    association.sides[1].name = docket_.name(pair.second);
    if (const auto client = clients_.find(pair); client != clients_.end()) {
      association.dtls_client = client->second == pair.first ? 0 : 1;
    }
    return association;
  }

  const Docket& docket_;
  std::vector<SctpAssociation> associations_;
  std::map<PartyPair, std::size_t> current_;
  std::map<PartyPair, evidence::PartyIndex> clients_;
  std::map<evidence::PartyIndex, Duration> heard_;
};

}  // namespace

std::vector<SctpAssociation> sctp_associations(const Docket& docket) {
  return SctpReader{docket}.read();
}

std::vector<OpenedChannel> opened_channels(const SctpAssociation& association) {
  constexpr std::byte kOpen{3};
  std::vector<OpenedChannel> channels;
  for (std::size_t i = 0; i < 2; ++i) {
    for (const auto& message : association.sides[i].messages) {
      const bool is_open = message.ppid == sctp::kPpidDcep && message.whole &&
                           !message.octets.empty() && message.octets.front() == kOpen;
      if (!is_open) continue;
      OpenedChannel channel{i, &message, std::nullopt};
      if (const auto decoded = sctp::decode_dcep(message.octets)) {
        channel.open = std::get<sctp::DcepOpen>(*decoded);
      }
      channels.push_back(std::move(channel));
    }
  }
  std::ranges::stable_sort(
      channels, {}, [](const OpenedChannel& channel) { return channel.message->first->by->sent; });
  return channels;
}

const OpenedChannel* channel_at(const std::vector<OpenedChannel>& channels, sctp::StreamId stream,
                                Duration at) {
  const OpenedChannel* found = nullptr;
  for (const auto& channel : channels) {
    if (channel.message->stream == stream && channel.message->first->by->sent <= at)
      found = &channel;
  }
  return found;
}

}  // namespace rtclab::judge
