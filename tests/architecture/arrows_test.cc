// The arrows between folders, as docs/ARCHITECTURE.md draws them, asserted over every #include of
// the tree.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace rtclab {
namespace {

namespace fs = std::filesystem;

// Which folders a folder may include, besides itself. A folder that is not named may be included by
// nobody.
const std::map<std::string, std::set<std::string>> kArrows{
    {"agents/base", {}},
    {"agents/stun", {"agents/base"}},
    {"agents/turn", {"agents/base", "agents/dtls", "agents/stun", "agents/tls"}},
    {"agents/mdns", {"agents/base"}},
    {"agents/ice", {"agents/base", "agents/mdns", "agents/stun", "agents/tls", "agents/turn"}},
    {"agents/sdp", {"agents/base"}},
    {"agents/dtls", {"agents/base"}},
    {"agents/tls", {"agents/base", "agents/dtls"}},
    {"agents/sctp", {"agents/base"}},
    {"agents/rtp", {"agents/base"}},
    {"agents/srtp", {"agents/base", "agents/rtp"}},
    {"agents/media", {"agents/base", "agents/rtp"}},
    {"agents/peer",
     {"agents/base", "agents/stun", "agents/turn", "agents/tls", "agents/ice", "agents/sdp",
      "agents/dtls", "agents/sctp", "agents/media", "agents/rtp", "agents/srtp"}},
    {"agents/live", {"agents/base"}},
    {"topologies", {"agents/base"}},
    {"sim/capture", {"agents/base"}},
    {"sim/link", {"agents/base", "topologies", "sim/capture"}},
    {"sim/nat", {"agents/base", "topologies", "sim/capture", "sim/link"}},
    {"sim/host", {"agents/base", "sim/capture", "sim/link"}},
    {"sim/server", {"agents/base", "sim/capture", "sim/link", "sim/host"}},
    {"sim/courier", {"agents/base", "topologies", "sim/link", "sim/host", "sim/server"}},
    {"sim",
     {"agents/base", "agents/stun", "agents/tls", "agents/turn", "topologies", "sim/capture",
      "sim/link", "sim/nat", "sim/host", "sim/server"}},
    {"sim/bridge", {"agents/base", "topologies", "sim", "sim/capture", "sim/link", "sim/host"}},
    // Reports read evidence: wire codecs and values, never the simulator, never an agent's state
    // machine.
    {"reports/evidence",
     {"agents/base", "agents/stun", "agents/turn", "agents/mdns", "agents/rtp", "agents/sctp",
      "agents/sdp", "agents/srtp"}},
    {"reports/judge",
     {"agents/base", "agents/mdns", "agents/rtp", "agents/sctp", "agents/sdp", "agents/stun",
      "reports/evidence"}},
    {"reports/diagrams",
     {"agents/base", "agents/rtp", "agents/stun", "agents/sdp", "reports/evidence"}},
    {"reports/page",
     {"agents/base", "agents/sdp", "reports/evidence", "reports/judge", "reports/diagrams"}},
    {"scenarios",
     {"agents/base", "agents/peer", "agents/sdp", "topologies", "sim", "sim/capture", "sim/link",
      "sim/host", "sim/server", "sim/courier", "reports/evidence", "reports/judge"}},
    {"scenarios/live",
     {"agents/base", "agents/peer", "agents/live", "sim/capture", "sim/host", "reports/evidence",
      "scenarios"}},
    {"scenarios/selfcheck",
     {"agents/base", "agents/stun", "topologies", "sim", "sim/capture", "sim/link", "sim/host",
      "sim/nat", "reports/evidence", "scenarios"}},
    {"scenarios/shrink", {"agents/base", "topologies", "reports/judge", "scenarios"}},
    // What it measures it measures on the agents and the network themselves.
    {"scenarios/validate",
     {"agents/base", "agents/stun", "agents/turn", "agents/ice", "agents/dtls", "agents/sctp",
      "agents/peer", "topologies", "sim", "sim/capture", "sim/link", "sim/nat", "sim/host",
      "reports/evidence", "scenarios", "scenarios/selfcheck"}},
    {"scenarios/sweep",
     {"agents/base", "agents/peer", "topologies", "sim/capture", "sim/link", "sim/courier",
      "reports/evidence", "reports/page", "scenarios"}},
    {"scenarios/cli",
     {"agents/base", "agents/tls", "agents/live", "scenarios/live", "scenarios/selfcheck",
      "scenarios/shrink", "scenarios/sweep", "scenarios/validate", "topologies", "sim", "sim/bridge",
      "sim/capture", "reports/evidence", "reports/judge", "reports/diagrams", "reports/page",
      "scenarios"}},
};

struct Include {
  std::string file;    // "agents/ice/agent.cc"
  std::string folder;  // "agents/ice"
  std::string target;  // what stands between the quotation marks or brackets
  bool ours;           // in quotation marks
};
std::ostream& operator<<(std::ostream& out, const Include& include) {
  return out << include.file << " includes " << include.target;
}

std::vector<Include> all_includes() {
  static const std::regex kLine{R"(^\s*#\s*include\s*(["<])([^">]+)[">])"};
  std::vector<Include> includes;
  const fs::path root{RTCLAB_SOURCE_DIR};
  for (const auto* const top : {"agents", "topologies", "sim", "reports", "scenarios"}) {
    for (const auto& entry : fs::recursive_directory_iterator{root / top}) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      const auto file = fs::relative(entry.path(), root);
      std::ifstream in{entry.path()};
      for (std::string line; std::getline(in, line);) {
        std::smatch match;
        if (!std::regex_search(line, match, kLine)) continue;
        includes.push_back({file, file.parent_path(), match[2], match[1] == "\""});
      }
    }
  }
  return includes;
}

BOOST_AUTO_TEST_SUITE(architecture)

BOOST_AUTO_TEST_CASE(every_include_follows_an_arrow) {
  const auto includes = all_includes();
  BOOST_REQUIRE(includes.size() > 100u);

  for (const auto& include : includes) {
    if (!include.ours) continue;
    const auto target = fs::path{include.target}.parent_path().string();
    if (target == include.folder) continue;
    const auto allowed = kArrows.find(include.folder);
    BOOST_TEST_CONTEXT(include) {
      BOOST_REQUIRE(allowed != kArrows.end());
      BOOST_TEST(allowed->second.contains(target));
    }
  }
}

BOOST_AUTO_TEST_CASE(agents_read_no_clock_no_socket_and_no_entropy) {
  const std::set<std::string> forbidden{"sys/socket.h", "sys/time.h", "netinet/in.h", "arpa/inet.h",
                                        "time.h",       "ctime",      "random",       "thread"};
  for (const auto& include : all_includes()) {
    if (!include.file.starts_with("agents/") || include.file.starts_with("agents/live/")) continue;
    // OpenSSL hands its timer over as a struct timeval; the one file that takes it needs that type.
    if (include.file == "agents/dtls/openssl_bio.cc" && include.target == "sys/time.h") continue;
    BOOST_TEST_CONTEXT(include) {
      BOOST_TEST(!include.target.starts_with("ns3/"));
      BOOST_TEST(!include.target.starts_with("boost/asio"));
      BOOST_TEST((include.ours || !forbidden.contains(include.target)));
    }
  }
}

BOOST_AUTO_TEST_CASE(reports_see_neither_the_simulator_nor_ns3) {
  for (const auto& include : all_includes()) {
    if (!include.file.starts_with("reports/") && !include.file.starts_with("topologies/")) continue;
    BOOST_TEST_CONTEXT(include) {
      BOOST_TEST(!include.target.starts_with("ns3/"));
      BOOST_TEST(!include.target.starts_with("sim/"));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
