// The vectors of RFC 4648 §10.
#include "agents/tls/base64.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::tls {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(base64)

BOOST_DATA_TEST_CASE(the_vectors_of_the_standard_come_out,
                     data::make({"", "f", "fo", "foo", "foob", "fooba", "foobar"}) ^
                         data::make({"", "Zg==", "Zm8=", "Zm9v",
                                     "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}),
                     text, expected) {
  BOOST_TEST(to_base64(as_octets(text)) == expected);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tls
