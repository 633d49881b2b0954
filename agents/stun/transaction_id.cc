#include "agents/stun/transaction_id.h"

#include <algorithm>

namespace rtclab::stun {

TransactionId TransactionId::draw(Rng& rng) {
  TransactionId id;
  rng.fill(id.octets);
  return id;
}

std::string TransactionId::to_hex() const {
  return rtclab::to_hex(octets);
}

TransactionId TransactionIds::next() {
  const bool repeats = deviations_.has(Deviation::StunReuseTransactionId) && handed_out_ % 2 == 1;
  ++handed_out_;
  if (!repeats) last_ = fresh();
  return last_;
}

TransactionId TransactionIds::fresh() {
  if (!deviations_.has(Deviation::StunTransactionIdCounter)) return TransactionId::draw(*rng_);
  ByteWriter writer{12};
  writer.zeros(8).u32(++counter_);
  TransactionId id;
  std::ranges::copy(writer.view(), id.octets.begin());
  return id;
}

}  // namespace rtclab::stun
