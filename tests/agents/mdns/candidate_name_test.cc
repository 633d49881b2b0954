#include "agents/mdns/candidate_name.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

namespace rtclab::mdns {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(mdns_candidate_name)

BOOST_AUTO_TEST_CASE(a_drawn_name_is_a_version_4_uuid_and_never_twice_the_same) {
  SeededRng rng{1};
  std::set<std::string> drawn;
  for (int i = 0; i < 200; ++i) {
    const auto name = draw_candidate_name(rng);
    BOOST_TEST(is_candidate_name(name), name);
    BOOST_TEST(drawn.insert(name).second);
  }
}

BOOST_DATA_TEST_CASE(what_is_no_uuid_is_not_resolved,
                     data::make({"printer.local", "d9197193-d9af-1e68-b88f-227332229c34.local",
                                 "d9197193-d9af-4e68-c88f-227332229c34.local",
                                 "d9197193-d9af-4e68-b88f-227332229c3g.local",
                                 "d9197193_d9af-4e68-b88f-227332229c34.local",
                                 "d9197193-d9af-4e68-b88f-227332229c34.example", ".local", ""}),
                     name) {
  BOOST_TEST(!is_candidate_name(name));
}

BOOST_AUTO_TEST_CASE(a_uuid_may_be_written_in_capitals) {
  BOOST_TEST(is_candidate_name("D9197193-D9AF-4E68-B88F-227332229C34.local"));
}

BOOST_AUTO_TEST_CASE(only_a_name_of_one_label_before_local_is_local) {
  BOOST_TEST(is_local_name("printer.local"));
  BOOST_TEST(is_local_name("printer.LOCAL"));
  BOOST_TEST(!is_local_name("a.printer.local"));
  BOOST_TEST(!is_local_name("printer.local.example"));
  BOOST_TEST(!is_local_name("192.0.2.1"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
