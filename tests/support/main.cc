#define BOOST_TEST_MODULE rtclab
#include <boost/test/unit_test.hpp>
