// The requests that a TURN client has under way: at most ten at once, each with its retries under
// new credentials.
//
// Spec: RFC 8489 §6.2 (ten transactions), §6.2.1 (schedule, RTO), §9.2.5 (401 and 438); RFC 8656
// §7.1, §8.1, §10.1 and §12.1, RFC 6062 §4.1, §4.3 and §4.4 (what the requests hold).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/attributes.h"
#include "agents/stun/long_term_client.h"
#include "agents/stun/transaction.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <variant>

namespace rtclab::turn {

// Of which families the relayed addresses shall be. V4 asks for nothing, which servers understand
// that know no other.
enum class RelayFamilies { V4, V6, Both };

// What a client can want of its server.
struct Allocate {
  std::optional<std::uint32_t> lifetime;  // seconds
  Transport relays_over = Transport::Udp;
  RelayFamilies families = RelayFamilies::V4;
  std::optional<stun::EvenPort> even_port;
  std::optional<stun::ReservationToken> token;
};
struct Refresh {
  std::optional<std::uint32_t> lifetime;  // seconds; 0 deletes the allocation
  std::optional<Family> family;           // of a dual allocation only this half
};
struct CreatePermission {
  Ip peer;
};
struct ChannelBind {
  Endpoint peer;
  std::uint16_t channel;
};
struct Connect {
  Endpoint peer;
};
struct ConnectionBind {
  std::uint32_t id;
};
using Wish =
    std::variant<Allocate, Refresh, CreatePermission, ChannelBind, Connect, ConnectionBind>;

// The request, without credentials.
[[nodiscard]] stun::Message form(const Wish& wish, const stun::TransactionId& id,
                                 const std::string& software, const Deviations& deviations = {});

class ClientRequests {
 public:
  struct Settings {
    std::string software;
    Duration rto;              // before anything is known about the server; UDP only
    bool over_stream = false;  // RFC 8489 §6.2.2: nothing is sent twice
    Deviations deviations;
  };
  struct Succeeded {
    Wish wish;
    Instant
        asked_at;  // when the request left first: what the server granted lasts from then at least
    stun::Message response;
  };
  struct Failed {
    Wish wish;
    int code;                               // 0: no answer, or one that cannot be understood
    std::optional<stun::Message> response;  // nullopt after a timeout
  };
  struct Retried {
    Wish wish;
    int code;
  };
  using Outcome = std::variant<Succeeded, Failed, Retried>;

  ClientRequests(Settings settings, stun::LongTermClient credentials, Rng& rng);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const stun::LongTermClient& credentials() const { return credentials_; }

  void start(Instant now, const Wish& wish);
  // Forgets all of them: nothing more is sent, no answer counts.
  void abandon();
  // Whether `response` answers one of our requests; what came of it is then in poll_outcome().
  bool handle_response(Instant now, const stun::Message& response, ByteView datagram);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  [[nodiscard]] std::optional<Outcome> poll_outcome();
  [[nodiscard]] std::optional<Bytes> poll_message();

 private:
  struct Job {
    Wish wish;
    unsigned retries = 0;
  };
  struct Running {
    Job job;
    stun::Transaction transaction;
    Instant asked_at;
    bool is_signed;
  };

  void fill(Instant now);
  void launch(Instant now, const Job& job);
  void judge(Instant now, Running& running, const stun::Message& response, ByteView datagram);
  void send(const Running& running);
  [[nodiscard]] std::size_t unanswered() const;

  Settings settings_;
  stun::LongTermClient credentials_;
  stun::TransactionIds ids_;
  stun::RtoEstimator rto_;
  std::deque<Job> waiting_;
  std::list<Running> running_;
  std::deque<Outcome> outcomes_;
  std::deque<Bytes> messages_;
};

}  // namespace rtclab::turn
