#include "agents/turn/channel_numbers.h"

#include <algorithm>

namespace rtclab::turn {

std::optional<ChannelNumbers::Loan> ChannelNumbers::lend(const Endpoint& peer) {
  // A peer may have its own number back at any time: that is the binding it had.
  const auto own =
      std::ranges::find_if(returned_, [&](const auto& each) { return each.second.peer == peer; });
  if (own != returned_.end()) {
    const Loan loan{own->first};
    returned_.erase(own);
    return loan;
  }
  const auto waits = waiting_.find(peer);
  const auto earliest = waits == waiting_.end() ? Instant{} : waits->second;
  if (next_ <= kLastChannel) return Loan{next_++, earliest};
  const auto first =
      std::ranges::min_element(returned_, {}, [](const auto& each) { return each.second.free_at; });
  if (first == returned_.end()) return std::nullopt;
  const auto [number, returned] = *first;
  returned_.erase(first);
  if (returned.peer) waiting_[*returned.peer] = returned.free_at;
  return Loan{number, std::max(earliest, returned.free_at)};
}

void ChannelNumbers::give_back(std::uint16_t number, const Endpoint& peer, Instant bound_until) {
  returned_[number] = {peer, bound_until + kChannelReuseWait};
}

}  // namespace rtclab::turn
