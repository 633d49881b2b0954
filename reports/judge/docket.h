// The evidence in the order in which checkers ask for it: transmissions as their sender and as their receiver
// saw them, connectivity checks and their answers, credentials, descriptions and candidates.
//
// A NAT changes addresses on the way, so each transmission has two views. An agent's own world is consistent:
// what it sent, as sent, and what it got, as received, name the same pair of addresses.
#pragma once

#include "agents/base/address.h"
#include "agents/sdp/candidate.h"
#include "agents/sdp/session_description.h"
#include "agents/stun/message.h"
#include "reports/evidence/evidence.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

// A datagram between two parties, or the datagram that travelled inside TURN's between client and server.
struct Transmission {
  std::size_t packet = 0;  // where it was first seen: index into Evidence::packets
  ByteView payload;
  const evidence::Dissection* dissection = nullptr;
  Duration sent{};
  std::optional<Duration> received;  // nullopt: it was dropped, or nobody captured its arrival
  Endpoint source, destination;                    // as sent
  Endpoint source_as_received, destination_as_received;
  std::optional<evidence::PartyIndex> from, to;
  bool carried = false;  // inside TURN

  [[nodiscard]] const stun::Message* stun() const { return dissection->stun.get(); }
  [[nodiscard]] bool is(stun::Class cls, stun::Method method) const {
    return stun() != nullptr && stun()->cls == cls && stun()->method == method;
  }
};

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
  std::string ufrag;  // its generation; empty when nothing tells
  std::string text;   // as it stood there
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
  // The success response that the sender of `check` got; nullptr when none is known.
  [[nodiscard]] const Transmission* answer_to(const Transmission& check) const;
  // Whether this check is the first with its transaction id.
  [[nodiscard]] bool is_first_send(const Transmission& check) const;

  [[nodiscard]] const std::vector<Credential>& credentials() const { return credentials_; }
  [[nodiscard]] const Credential* credential(std::string_view ufrag) const;
  [[nodiscard]] const std::vector<DescriptionRecord>& descriptions() const { return descriptions_; }
  [[nodiscard]] const std::vector<CandidateRecord>& candidates() const { return candidates_; }

  [[nodiscard]] std::string name(std::optional<evidence::PartyIndex> party) const;
  [[nodiscard]] bool is_peer(std::optional<evidence::PartyIndex> party) const;
  [[nodiscard]] bool is_server(std::optional<evidence::PartyIndex> party) const;
  // The clock of a recording is good to a microsecond or so; virtual time has no error.
  [[nodiscard]] Duration tolerance() const;

 private:
  void add_transmissions();
  void add_transmission(const evidence::Datagram& datagram);
  void sort_out_stun();
  void read_signalling();
  void read_description(std::size_t index);

  const evidence::Evidence& evidence_;
  std::vector<Transmission> transmissions_;
  std::vector<const Transmission*> stun_;
  std::vector<const Transmission*> checks_;
  std::multimap<stun::TransactionId, const Transmission*> successes_;
  std::map<stun::TransactionId, const Transmission*> first_requests_;
  std::vector<Credential> credentials_;
  std::vector<DescriptionRecord> descriptions_;
  std::vector<CandidateRecord> candidates_;
};

}  // namespace rtclab::judge
