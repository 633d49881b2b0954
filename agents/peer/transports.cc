#include "agents/peer/transports.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {

Transport* Transports::find(std::optional<TransportId> id) {
  const auto found = std::ranges::find_if(all_, [&](const Transport& t) { return t.id() == id; });
  return found == all_.end() ? nullptr : &*found;
}

Transport* Transports::with_credentials(const ice::Credentials& local) {
  const auto found = std::ranges::find_if(
      all_, [&](const Transport& t) { return t.local_credentials() == local; });
  return found == all_.end() ? nullptr : &*found;
}

Transport* Transports::owner_of(ice::StreamId stream) {
  for (auto& transport : all_) {
    if (transport.find(stream) != nullptr) return &transport;
  }
  return nullptr;
}

Transport* Transports::of_section(std::size_t section) {
  return section < sections_.size() ? find(sections_[section]) : nullptr;
}

const Transport* Transports::of_section(std::size_t section) const {
  if (section >= sections_.size()) return nullptr;
  const auto found =
      std::ranges::find_if(all_, [&](const Transport& t) { return t.id() == sections_[section]; });
  return found == all_.end() ? nullptr : &*found;
}

Transport& Transports::create(ice::StreamId stream, std::string tls_id, TransportSetup setup) {
  return all_.emplace_back(TransportId{next_++}, *ice_, stream, std::move(tls_id), std::move(setup),
                           *rng_);
}

void Transports::assign(std::size_t section, std::optional<TransportId> transport) {
  if (section >= sections_.size()) sections_.resize(section + 1);
  sections_[section] = transport;
}

void Transports::rollback(Instant now, std::deque<Output>& outbox) {
  sections_ = stable_;
  for (auto& transport : all_) transport.rollback(now);
  drop_unused(now, outbox);
}

void Transports::drop_unused(Instant now, std::deque<Output>& outbox) {
  for (auto transport = all_.begin(); transport != all_.end();) {
    if (std::ranges::find(sections_, std::optional{transport->id()}) != sections_.end()) {
      ++transport;
      continue;
    }
    transport->close(now, outbox);
    for (const auto& session : transport->sessions()) ice_->remove_stream(now, session.stream);
    transport = all_.erase(transport);
  }
}

}  // namespace rtclab::peer
