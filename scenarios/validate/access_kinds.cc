#include "scenarios/validate/access_kinds.h"

#include <algorithm>
#include <cassert>

namespace rtclab::validate {

const std::array<AccessKind, kKinds>& access_kinds() {
  using M = topology::Mapping;
  using F = topology::Filtering;
  constexpr auto kEi = M::EndpointIndependent;
  constexpr auto kAd = M::AddressDependent;
  constexpr auto kApd = M::AddressAndPortDependent;
  constexpr auto kEif = F::EndpointIndependent;
  constexpr auto kAdf = F::AddressDependent;
  constexpr auto kApdf = F::AddressAndPortDependent;
  // clang-format off
  static const std::array<AccessKind, kKinds> kTable{{
      {"OPEN",      {},                      "PPPPPPPPPPP"},
      {"FW",        {.gate = Gate::Firewall}, "PPPPPrrrrrr"},
      {"EIM/EIF",   behind(kEi, kEif),       "PPPPPPPPPPP"},
      {"EIM/ADF",   behind(kEi, kAdf),       "PPPPPPPPPPP"},
      {"EIM/APDF",  behind(kEi, kApdf),      "PPPPPrrrrrr"},
      {"ADM/EIF",   behind(kAd, kEif),       "PrPPrPPrPPr"},
      {"ADM/ADF",   behind(kAd, kAdf),       "PrPPrPrrPrr"},
      {"ADM/APDF",  behind(kAd, kApdf),      "PrPPrrrrrrr"},
      {"APDM/EIF",  behind(kApd, kEif),      "PrPPrPPrrrr"},
      {"APDM/ADF",  behind(kApd, kAdf),      "PrPPrPrrrrr"},
      {"APDM/APDF", behind(kApd, kApdf),     "PrPPrrrrrrr"},
  }};
  // clang-format on
  return kTable;
}

const AccessKind& access_kind(std::string_view name) {
  const auto& kinds = access_kinds();
  const auto found = std::ranges::find(kinds, name, &AccessKind::name);
  assert(found != kinds.end());
  return *found;
}

}  // namespace rtclab::validate
