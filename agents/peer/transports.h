// The transports of a connection, and which m= section uses which: in the descriptions that are
// set, and as it was in the last stable state.
//
// Spec: RFC 9143 §7 and §8 (sections of a BUNDLE group share one), RFC 9429 §5.7 (what a rollback
// brings back), §5.11 (which transports an answer leaves without use).
#pragma once

#include "agents/peer/transport.h"

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <vector>

namespace rtclab::peer {

class Transports {
 public:
  // `ice` and `rng` outlive this object.
  Transports(ice::Agent& ice, Rng& rng) : ice_{&ice}, rng_{&rng} {}

  [[nodiscard]] std::list<Transport>& all() { return all_; }
  [[nodiscard]] const std::list<Transport>& all() const { return all_; }
  [[nodiscard]] Transport* find(std::optional<TransportId> id);
  // Whose latest session has these.
  [[nodiscard]] Transport* with_credentials(const ice::Credentials& local);
  [[nodiscard]] Transport* owner_of(ice::StreamId stream);
  // The transport that the section uses; nullptr when it is rejected or not yet negotiated.
  [[nodiscard]] Transport* of_section(std::size_t section);
  [[nodiscard]] const Transport* of_section(std::size_t section) const;

  Transport& create(ice::StreamId stream, std::string tls_id, TransportSetup setup);
  void assign(std::size_t section, std::optional<TransportId> transport);

  // --- offers and answers ---
  void save_stable() { stable_ = sections_; }
  void rollback(Instant now, std::deque<Output>& outbox);
  // Ends those that no section uses any more.
  void drop_unused(Instant now, std::deque<Output>& outbox);

 private:
  using Assignment = std::vector<std::optional<TransportId>>;  // by m= section

  ice::Agent* ice_;
  Rng* rng_;
  std::list<Transport> all_;  // in the order of creation
  Assignment sections_;
  Assignment stable_;
  std::uint32_t next_ = 1;
};

}  // namespace rtclab::peer
