// Axes of drops: that they name each datagram once, and that what they name is what is lost.
#include "scenarios/sweep/faults.h"

#include "scenarios/runner.h"
#include "scenarios/sweep/plan.h"
#include "scenarios/sweep/player.h"
#include "tests/scenarios/sweep/sweep_files.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::sweep {
namespace {

const std::string kUntil = "<until peer='alice' channel='chat' readyState='open'/>";
const std::string kOpen =
    "<collect><time name='open' peer='alice' channel='chat' readyState='open'/></collect>";

const Axis& drops_of(const Sweep& sweep) {
  return std::get<Axis>(sweep.axes.parts.front());
}

// How many datagrams the links have lost by their lists of drops.
class Losses final : public capture::Sink {
 public:
  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override {
    names.push_back(info.name);
    return capture::InterfaceId{static_cast<std::uint32_t>(names.size() - 1)};
  }
  void packet(const capture::Sighting& /*sighting*/) override {}
  void dropped(const capture::Sighting& sighting, std::string_view comment) override {
    if (comment.find("of the list of drops") != std::string_view::npos)
      lost.push_back(names[sighting.interface.value()] + " " + std::string{comment});
  }
  void secrets(Instant /*at*/, std::string_view /*line*/) override {}

  std::vector<std::string> names;
  std::vector<std::string> lost;
};

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(every_datagram_of_the_set_up_is_lost_once_and_nothing_else) {
  const auto sweep = test::load_sweep("<axes><drops name='lost'>" + kUntil + "</drops></axes>");
  BOOST_REQUIRE_MESSAGE(sweep.has_value(), test::said(sweep));
  const auto& axis = drops_of(*sweep);

  BOOST_TEST(axis.points.size() > 40u);
  std::set<std::string> once;
  for (const auto& point : axis.points) {
    if (point.lost.empty()) continue;
    const auto loaded =
        scenario::load(sweep->scenario_file, test::kLibraries.topologies, point.assignments);
    BOOST_REQUIRE(loaded.has_value());
    Losses losses;
    (void)scenario::run(loaded->scenario, loaded->topology, 1, {.capture = &losses});
    BOOST_TEST(losses.lost.size() == 1u, point.label);
    BOOST_TEST(once.insert(losses.lost.front()).second, point.label);
  }
}

BOOST_AUTO_TEST_CASE(the_first_point_loses_nothing_and_labels_say_who_sent_what) {
  const auto sweep = test::load_sweep("<axes><drops name='lost'>" + kUntil + "</drops></axes>");
  BOOST_REQUIRE(sweep.has_value());
  std::vector<std::string> labels;
  for (const auto& point : drops_of(*sweep).points) labels.push_back(point.label);

  BOOST_TEST(labels.front() == "nothing");
  BOOST_TEST(labels[1] == "alice 1: Binding request");
  BOOST_TEST(std::ranges::count_if(labels, [](const std::string& label) {
               return label.find("ClientHello") != std::string::npos;
             }) == 1);
  BOOST_TEST(std::ranges::count_if(
                 labels, [](const std::string& label) { return label.starts_with("stun "); }) >= 2);
}

BOOST_AUTO_TEST_CASE(of_two_at_once_every_pair_is_lost) {
  const auto sweep = test::load_sweep("<axes><drops name='lost' what='dtls' atOnce='2'>" + kUntil +
                                      "</drops></axes>");
  BOOST_REQUIRE_MESSAGE(sweep.has_value(), test::said(sweep));
  const auto& points = drops_of(*sweep).points;
  const auto singles = static_cast<std::size_t>(
      std::ranges::count_if(points, [](const Point& point) { return point.lost.size() == 1; }));

  BOOST_TEST(points.size() == 1 + singles + singles * (singles - 1) / 2);
}

BOOST_AUTO_TEST_CASE(what_goes_over_the_air_is_refused) {
  const test::ScratchFolder folder;
  const auto file = folder.write(
      "demo.xml",
      "<sweep name='demo' scenario='cafe-wifi'><axes><drops name='lost'><until peer='alice' "
      "connectionState='connected'/></drops></axes></sweep>");

  const auto sweep = load(file, test::kLibraries);

  BOOST_REQUIRE(!sweep.has_value());
  BOOST_TEST(sweep.error().message.ends_with("goes over the air, where nothing is lost by a list"),
             sweep.error().message);
}

// RFC 6347 §4.2.4.1: the timer begins with a second.
BOOST_AUTO_TEST_CASE(a_lost_client_hello_costs_a_second) {
  const auto sweep = test::load_sweep("<axes><drops name='lost' what='dtls'>" + kUntil +
                                      "</drops></axes>" + kOpen);
  BOOST_REQUIRE_MESSAGE(sweep.has_value(), test::said(sweep));
  const auto planned = plan(*sweep);
  Player player{*sweep, *planned, test::kLibraries.topologies};
  const auto& labels = planned->axes.front().labels;
  const auto hello = std::ranges::find_if(labels, [](const std::string& label) {
    return label.find("ClientHello") != std::string::npos;
  });
  BOOST_REQUIRE((hello != labels.end()));

  const auto usual = std::get<double>(player.play(1).figures.front());
  const auto late = std::get<double>(
      player.play(static_cast<RunNumber>(hello - labels.begin() + 1)).figures.front());

  BOOST_TEST(late - usual == 1000, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
