// The evidence in the order in which checkers ask for it: transmissions as their sender and as
// their receiver saw them, connectivity checks and their answers, credentials, descriptions and
// candidates.
//
// A NAT changes addresses on the way, so each transmission has two views. An agent's own world is
// consistent: what it sent, as sent, and what it got, as received, name the same pair of addresses.
#pragma once

#include "agents/base/address.h"
#include "agents/sdp/candidate.h"
#include "agents/sdp/session_description.h"
#include "agents/stun/message.h"
#include "reports/evidence/evidence.h"
#include "reports/judge/media_traffic.h"
#include "reports/judge/nat_traffic.h"
#include "reports/judge/sctp_traffic.h"
#include "reports/judge/transmission.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

struct Credential {
  std::string ufrag;
  std::string pwd;
  std::string owner;  // a peer's name
};

struct DescriptionRecord {
  std::size_t signalling;  // index into Evidence::signalling
  sdp::SessionDescription::Reading reading;
};

struct CandidateRecord {
  std::size_t signalling;
  std::string from;
  std::string stream;                       // the mid of its section, or "#" and its index
  std::string ufrag;                        // its generation; empty when nothing tells
  std::string text;                         // as it stood there
  std::optional<sdp::Candidate> candidate;  // nullopt: it does not follow the grammar
};

class Docket {
 public:
  explicit Docket(const evidence::Evidence& evidence);
  Docket(const Docket&) = delete;
  Docket& operator=(const Docket&) = delete;

  [[nodiscard]] const evidence::Evidence& evidence() const { return evidence_; }
  [[nodiscard]] const std::vector<Transmission>& transmissions() const { return transmissions_; }
  // STUN messages by the agents themselves: what a relay passes on is not its own.
  [[nodiscard]] const std::vector<const Transmission*>& stun() const { return stun_; }
  // Binding requests from peer to peer: connectivity, consent and nomination.
  [[nodiscard]] const std::vector<const Transmission*>& checks() const { return checks_; }
  [[nodiscard]] bool is_check(const Transmission& t) const { return is_check_.contains(&t); }
  // Whether the check keeps consent up (RFC 7675) rather than looks for a way.
  [[nodiscard]] bool is_consent(const Transmission& check) const {
    return is_consent_.contains(&check);
  }

  // The success response that came back to whoever sent `request`, sound or not; nullptr when none
  // is known.
  [[nodiscard]] const Transmission* success_of(const Transmission& request) const;
  // The success response that the sender had to believe: it arrived, and its signature verifies.
  [[nodiscard]] const Transmission* answer_to(const Transmission& request) const;
  // When it came, or left where nobody saw it come.
  [[nodiscard]] std::optional<Duration> answered_at(const Transmission& request) const;
  // The responses of both kinds under the request's id, to its sender.
  [[nodiscard]] std::vector<const Transmission*> responses_to(const Transmission& request) const;
  // Those that its receiver sent back the way that this very request had come. A NAT on the way may
  // have let them out elsewhere, so that they are no answer to whoever asked.
  [[nodiscard]] std::vector<const Transmission*> replies_to(const Transmission& request) const;
  // All sends of this request, the same octets on the same path, in their order.
  [[nodiscard]] std::vector<const Transmission*> sends_of(const Transmission& request) const;
  [[nodiscard]] bool is_first_send(const Transmission& request) const;

  // When `peer` got it, be it by way of relays: what a TURN server hands on is another packet with
  // the same content. nullopt when it did not, or nobody saw it.
  [[nodiscard]] std::optional<Duration> received_by(const Transmission& t,
                                                    evidence::PartyIndex peer) const;

  // What SCTP said, where keys of the capture open it.
  [[nodiscard]] const std::vector<SctpAssociation>& sctp() const { return sctp_; }
  // RTP and RTCP, as far as they can be read.
  [[nodiscard]] const std::vector<MediaTraffic>& media() const { return media_; }

  // What each NAT did whose two sides were captured.
  [[nodiscard]] const std::vector<NatTraffic>& nats() const { return nats_; }

  [[nodiscard]] const std::vector<Credential>& credentials() const { return credentials_; }
  [[nodiscard]] const Credential* credential(std::string_view ufrag) const;
  [[nodiscard]] const std::vector<DescriptionRecord>& descriptions() const { return descriptions_; }
  [[nodiscard]] const std::vector<CandidateRecord>& candidates() const { return candidates_; }

  // The section that a candidate or an end of candidates belongs to, as in CandidateRecord::stream;
  // empty when it names none.
  [[nodiscard]] std::string stream_of(const evidence::SignallingMessage& message) const;

  [[nodiscard]] std::string name(std::optional<evidence::PartyIndex> party) const;
  [[nodiscard]] bool is_peer(std::optional<evidence::PartyIndex> party) const;
  // For which peer a peer's packet is, also by way of a relay.
  [[nodiscard]] std::optional<evidence::PartyIndex> peer_behind(const Transmission& t) const;
  // RFC 8445 §2.5: whether a description of that party says so.
  [[nodiscard]] bool is_lite(std::optional<evidence::PartyIndex> party) const;
  // Whether every description announces renomination: then nominations may follow each other, and
  // pairs that may take over are checked beside the nominated one.
  [[nodiscard]] bool renominates() const;
  [[nodiscard]] bool is_server(std::optional<evidence::PartyIndex> party) const;
  // The clock of a recording is good to a microsecond or so; virtual time has no error.
  [[nodiscard]] Duration tolerance() const;

 private:
  void add_transmissions();
  void add_transmission(const evidence::Datagram& datagram);
  void add(const Transmission& plain);
  [[nodiscard]] std::set<Endpoint> listening_endpoints() const;
  void sort_out_stun();
  void read_signalling();
  void read_description(std::size_t index);
  [[nodiscard]] bool is_believable(const Transmission& request, const Transmission& response) const;

  using ById = std::map<stun::TransactionId, std::vector<const Transmission*>>;
  const evidence::Evidence& evidence_;
  std::vector<Transmission> transmissions_;
  std::vector<const Transmission*> stun_;
  std::vector<const Transmission*> checks_;
  std::set<const Transmission*>
      is_check_;  // asked for membership only: no result follows its order
  std::set<const Transmission*> is_consent_;          // likewise
  std::map<const Transmission*, Duration> by_relay_;  // when the peer behind a relay got it
  ById responses_;
  ById requests_;
  std::vector<Credential> credentials_;
  std::vector<DescriptionRecord> descriptions_;
  std::vector<CandidateRecord> candidates_;
  std::vector<SctpAssociation> sctp_;
  std::vector<MediaTraffic> media_;
  std::vector<NatTraffic> nats_;
};

}  // namespace rtclab::judge
