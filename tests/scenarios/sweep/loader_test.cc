#include "scenarios/sweep/loader.h"

#include "tests/scenarios/sweep/sweep_files.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <ostream>

namespace rtclab::sweep {
namespace {

using namespace std::chrono_literals;
using scenario::Assignment;
using test::complaint;
using test::load_sweep;

const Axis& axis_of(const Sweep& sweep, std::size_t index = 0) {
  return std::get<Axis>(sweep.axes.parts.at(index));
}

const std::string kLoss = "topology//link[@a='home-a.outside']/@loss";

BOOST_AUTO_TEST_SUITE(a_sweep_file)

BOOST_AUTO_TEST_CASE(says_scenario_seeds_and_what_every_run_has) {
  const auto sweep = load_sweep("<set name=\"" + kLoss + "\" value='1%'/>", "seeds='3..9'");

  BOOST_REQUIRE_MESSAGE(sweep.has_value(), complaint("<set name=\"" + kLoss + "\" value='1%'/>"));
  BOOST_TEST(sweep->title == "A demonstration");
  BOOST_TEST((sweep->seeds == Seeds{3, 9}));
  BOOST_TEST((sweep->always == std::vector<Assignment>{{kLoss, "1%"}}));
  BOOST_TEST(sweep->most_events == 10'000'000u);
}

BOOST_AUTO_TEST_CASE(gives_the_values_of_an_axis_to_everything_that_it_sets) {
  const std::string other = "topology//link[@a='home-b.outside']/@loss";
  const auto sweep = load_sweep("<axes><axis name='loss' set=\"" + kLoss +
                                "\" values='0% 5%'><set name=\"" + other + "\"/></axis></axes>");

  BOOST_REQUIRE(sweep.has_value());
  BOOST_TEST(
      (axis_of(*sweep).points == std::vector<Point>{{"0%", {{kLoss, "0%"}, {other, "0%"}}},
                                                    {"5%", {{kLoss, "5%"}, {other, "5%"}}}}));
}

BOOST_AUTO_TEST_CASE(knows_ranges_and_presets) {
  const auto sweep = load_sweep("<axes><axis name='loss' set=\"" + kLoss +
                                "\" from='0%' to='20%' step='10%'/>"
                                "<axis name='nat' set=\"topology//nat[@name='home-a']/@preset\" "
                                "presets='nats'/></axes>");

  BOOST_REQUIRE(sweep.has_value());
  BOOST_TEST(axis_of(*sweep).points.size() == 3u);
  BOOST_TEST(axis_of(*sweep).points[1].label == "10%");
  BOOST_TEST(axis_of(*sweep, 1).points.size() > 10u);
}

BOOST_AUTO_TEST_CASE(gives_points_names_and_lets_them_set_several_things) {
  const auto sweep = load_sweep(
      "<axes><axis name='policy'><point name='relay only'>"
      "<set name='scenario//peer/@iceTransportPolicy' value='relay'/>"
      "</point><point name='all'/></axis></axes>");

  BOOST_REQUIRE(sweep.has_value());
  BOOST_TEST((axis_of(*sweep).points ==
              std::vector<Point>{{"relay only", {{"scenario//peer/@iceTransportPolicy", "relay"}}},
                                 {"all", {}}}));
}

BOOST_AUTO_TEST_CASE(says_what_is_collected) {
  const auto sweep = load_sweep(
      "<collect><time name='open' peer='alice' channel='chat' readyState='open' since='1s'/>"
      "<expectation name='heard' text='bob receives &quot;Hello Bob&quot; on &quot;chat&quot;'/>"
      "<recorded name='nominations' by='alice' event='ice:pair_nominated'/>"
      "<statistic name='octets' peer='bob' type='transport' member='bytesReceived'/>"
      "<selectedPair name='direct' peer='alice' local='host srflx'/>"
      "<step name='offered' what='alice createOffer()'/><simulatorEvents name='cost'/></collect>");

  BOOST_REQUIRE_MESSAGE(sweep.has_value(), test::said(sweep));
  BOOST_TEST(sweep->collectors.size() == 7u);
  const auto& time = std::get<CollectTime>(sweep->collectors[0].what);
  BOOST_TEST((time.since == 1s));
  BOOST_TEST(to_string(time.condition) == "alice channel \"chat\" = open");
  BOOST_TEST((kind_of(sweep->collectors[4]) == FigureKind::Truth));
}

BOOST_AUTO_TEST_CASE(lets_the_command_line_have_the_last_word) {
  const auto sweep =
      load_sweep("", "seeds='1..9'", {.seeds = Seeds{2, 3}, .always = {{kLoss, "2%"}}});

  BOOST_REQUIRE(sweep.has_value());
  BOOST_TEST((sweep->seeds == Seeds{2, 3}));
  BOOST_TEST((sweep->always == std::vector<Assignment>{{kLoss, "2%"}}));
}

struct Flaw {
  std::string inside;
  std::string says;
  std::string attributes{};
};
std::ostream& operator<<(std::ostream& out, const Flaw& flaw) {
  return out << flaw.inside << flaw.attributes;
}
const std::vector<Flaw> kFlaws{
    {"<axs/>", "unknown element <axs>"},
    {"", "seeds: expected a seed, or the first and the last: 1..100, found \"9..1\"",
     "seeds='9..1'"},
    {"<axes/>", "expected at least one <axis>, <drops> or <axes>"},
    {"<axes><axis name='a' set='x'/></axes>", "expected one of values="},
    {"<axes><axis name='a' set='x' values='1' presets='nats'/></axes>", "expected one of values="},
    {"<axes><axis name='a' values='1'/></axes>", "expected set="},
    {"<axes><axis name='a' set='x' values='1 1'/></axes>", "the point \"1\" stands here twice"},
    {"<axes><axis name='a' set='x' from='1' to='2'/></axes>", "one of step and factor"},
    {"<axes><axis name='a' set='x' from='1' to='2' step='0.3'/></axes>",
     "2 is not met: after 1.9 comes 2.2"},
    {"<axes><axis name='a' set='x' values='1'/></axes><axes><axis name='b' set='y' "
     "values='1'/></axes>",
     "<axes> stands here twice, expected only the one in line 1"},
    {"<axes><axes><axis name='a' set='x' values='1'/></axes><axis name='b' set='x' "
     "values='1'/></axes>",
     "the axis b sets x, which the axis a sets, too"},
    {"<axes><axis name='a' values='1'><set name='x'/><set name='x'/></axis></axes>",
     "x stands here twice"},
    {"<set name='x' value='1'/><set name='x' value='2'/>", "x stands here twice"},
    {"<collect/><collect/>", "<collect> stands here twice"},
    {"<report/><report/>", "<report> stands here twice"},
    {"<axes><drops name='lost'><until peer='alice' connectionState='connected'/><until "
     "peer='alice' connectionState='failed'/></drops></axes>",
     "<until> stands here twice"},
    {"<collect><event name='x' peer='alice' type='trak'/></collect>", "did you mean \"track\"?"},
    {"<axes><axis name='a' set='x' from='1s' to='2' step='1'/></axes>", "expected one unit"},
    {"<axes><axis name='a' set='x' presets='nat'/></axes>", "unknown presets \"nat\""},
    {"<axes combine='sample'><axis name='a' set='x' values='1'/></axes>", "belong together"},
    {"<axes combine='all'><axis name='a' set='x' values='1'/></axes>", "unknown combine \"all\""},
    {"<axes><axis name='Run' set='x' values='1'/></axes>", "the name \"Run\" is taken already"},
    {"<axes><axis name='loss' set='loss' values='1%'/></axes>",
     ": the point \"1%\" of the axis loss: "},
    {"<axes><axis name='a' set=\"topology//nat[@name='home-a']/@preset\" "
     "values='symetric'/></axes>",
     "did you mean \"symmetric\"?"},
    {"<axes><drops name='lost'/></axes>", "expected an <until>"},
    {"<axes><drops name='lost' what='dtls-flight'><until peer='alice' "
     "connectionState='connected'/></drops></axes>",
     "flights are not counted here"},
    {"<axes><drops name='lost'><until peer='alice' connectionState='failed'/></drops></axes>",
     "\"alice connectionState = failed\" never was so in the run that loses nothing"},
    {"<collect><time name='t' peer='alise' connectionState='connected'/></collect>",
     "unknown peer \"alise\", did you mean \"alice\"?"},
    {"<collect><time name='t' peer='alice' channel='chatt' readyState='open'/></collect>", "chatt"},
    {"<collect><expectation name='t' text='bob receives nothing'/></collect>",
     "unknown expectation"},
    {"<collect><recorded name='t' by='alice' event='ice:pair_nominate'/></collect>",
     "did you mean \"ice:pair_nominated\"?"},
    {"<collect><statistic name='t' peer='bob' type='transprt' member='x'/></collect>",
     "did you mean \"transport\"?"},
    {"<collect><statistic name='t' peer='bob' type='transport' member='bytesRecieved'/></collect>",
     "did you mean \"bytesReceived\"?"},
    {"<collect><step name='t' what='alice createOfer'/></collect>", "alice createOffer"},
    {"<collect><simulatorEvents name='t'/><simulatorEvents name='T'/></collect>",
     "the name \"T\" is taken already"},
    {"<report><heatMap rows='a' columns='b'/></report>", "unknown axis \"a\", there is none"},
    {"<report><distribution of='open'/></report>", "unknown number that is collected \"open\""},
    {"", "unknown scenario \"frist-call\", did you mean \"first-call\"?", "scenario='frist-call'"},
};

BOOST_DATA_TEST_CASE(that_is_wrong_is_answered_with_one_sentence,
                     boost::unit_test::data::make(kFlaws), flaw) {
  const test::ScratchFolder folder;
  auto text = test::sweep_text(flaw.inside, flaw.attributes);
  if (flaw.attributes.starts_with("scenario=")) text.erase(text.find(" scenario='first-call'"), 22);
  const auto loaded = load(folder.write("demo.xml", text), test::kLibraries);

  BOOST_REQUIRE(!loaded.has_value());
  const auto said = loaded.error().to_string();
  BOOST_TEST(said.find(flaw.says) != std::string::npos, said);
  BOOST_TEST(said.find("demo.xml:1:") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(has_the_names_that_its_schema_has) {
  std::string schema;
  for (const auto* const file : {"/scenarios/sweep.xsd", "/scenarios/scenario.xsd"}) {
    std::ifstream in{RTCLAB_SOURCE_DIR + std::string{file}};
    schema.append(std::istreambuf_iterator<char>{in}, {});
  }
  for (const auto& rule : grammar().elements) {
    BOOST_TEST(schema.find("element name=\"" + std::string{rule.name} + "\"") != std::string::npos,
               rule.name);
    for (const auto& list : {rule.required, rule.optional}) {
      for (const auto name : list)
        BOOST_TEST(schema.find("attribute name=\"" + std::string{name} + "\"") != std::string::npos,
                   name);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
