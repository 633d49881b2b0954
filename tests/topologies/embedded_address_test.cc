#include "topologies/embedded_address.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;

struct Example {
  std::string_view prefix;
  std::string_view address;
};
std::ostream& operator<<(std::ostream& out, const Example& row) {
  return out << row.prefix;
}

// RFC 6052 §2.4, table 1: 192.0.2.33 behind prefixes of each length.
const std::vector<Example> kExamples{
    {"2001:db8::/32", "2001:db8:c000:221::"},
    {"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
    {"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
    {"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
    {"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
    {"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
    {"64:ff9b::/96", "64:ff9b::192.0.2.33"},
};

BOOST_AUTO_TEST_SUITE(embedded_address)

BOOST_DATA_TEST_CASE(stands_where_rfc_6052_writes_it, data::make(kExamples), row) {
  const auto prefix = *Prefix::parse(row.prefix);
  const auto v4 = *Ip::parse("192.0.2.33");
  const auto v6 = *Ip::parse(row.address);

  BOOST_TEST(is_translation_prefix(prefix));
  BOOST_TEST(embed(prefix, v4).to_string() == v6.to_string());
  BOOST_TEST((extract(prefix, v6) == v4));
}

BOOST_AUTO_TEST_CASE(another_prefix_or_a_bit_in_between_is_none) {
  const auto prefix = *Prefix::parse("2001:db8:122:344::/64");
  BOOST_TEST(!extract(prefix, *Ip::parse("2001:db8:122:345:c0:2:2100::")).has_value());
  BOOST_TEST(!extract(prefix, *Ip::parse("2001:db8:122:344:1c0:2:2100::")).has_value());
  BOOST_TEST(!extract(prefix, *Ip::parse("2001:db8:122:344:c0:2:2100:1")).has_value());
  BOOST_TEST(!extract(well_known_prefix(), *Ip::parse("192.0.2.33")).has_value());
}

BOOST_AUTO_TEST_CASE(other_lengths_are_no_prefixes_for_this) {
  BOOST_TEST(!is_translation_prefix({*Ip::parse("2001:db8::"), 44}));
  BOOST_TEST(!is_translation_prefix({*Ip::parse("10.0.0.0"), 32}));
  BOOST_TEST(!is_translation_prefix({*Ip::parse("2001:db8:0:0:100::"), 96}));
}

// RFC 6052 §3.1.
BOOST_AUTO_TEST_CASE(the_well_known_prefix_stands_before_no_private_address) {
  const auto own = *Prefix::parse("2001:db8:64::/96");
  for (const auto* const text : {"10.1.2.3", "172.31.0.1", "192.168.1.10", "100.64.0.1"}) {
    BOOST_TEST(!may_be_embedded(well_known_prefix(), *Ip::parse(text)));
    BOOST_TEST(may_be_embedded(own, *Ip::parse(text)));
  }
  BOOST_TEST(may_be_embedded(well_known_prefix(), *Ip::parse("203.0.113.1")));
  BOOST_TEST(!may_be_embedded(own, *Ip::parse("127.0.0.1")));
  BOOST_TEST(!may_be_embedded(own, *Ip::parse("224.0.0.251")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
