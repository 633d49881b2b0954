// How long a topology of many machines takes to come to life: from the text of its file to a world.
//
//   rtclab_scale_bench [HOSTS]      10000 unless said otherwise
#include "sim/world.h"
#include "tests/bench/cpu_time.h"
#include "topologies/loader.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace rtclab;

double resident_mebibytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * 4096 / (1024 * 1024);
}

std::string address(unsigned net, unsigned number) {
  return fmt::format("{}.{}.{}", net / 256, net % 256, number);
}

struct Shape {
  const char* name;
  unsigned hosts_of_a_home;  // 0: no homes, each host has a link to the core
};

std::string file_of(const Shape& shape, unsigned hosts) {
  std::string text = "<topology name=\"many\"><router name=\"core\"/>\n";
  if (shape.hosts_of_a_home == 0) {
    for (unsigned i = 0; i < hosts; ++i) {
      text += fmt::format("<host name=\"h{}\"><interface address=\"20.{}/32\"/></host>\n", i,
                          address(i / 200, i % 200 + 1));
      text += fmt::format("<link a=\"h{}\" b=\"core\" preset=\"lte\"/>\n", i);
    }
    return text + "</topology>\n";
  }
  for (unsigned i = 0; i < hosts; ++i) {
    const auto home = i / shape.hosts_of_a_home;
    const auto number = i % shape.hosts_of_a_home;
    if (number == 0) {
      text += fmt::format(
          "<nat name=\"nat{0}\" preset=\"linux-masquerade\"><inside address=\"10.0.0.1/16\"/>"
          "<outside address=\"30.{1}/32\"/></nat><lan name=\"lan{0}\"/>\n"
          "<link a=\"nat{0}.inside\" b=\"lan{0}\"/><link a=\"nat{0}.outside\" b=\"core\" "
          "preset=\"dsl\"/>\n",
          home, address(home / 200, home % 200 + 1));
    }
    text += fmt::format("<host name=\"h{}\"><interface address=\"10.0.{}.{}/16\"/></host>\n", i,
                        number / 200 + 1, number % 200 + 1);
    text += fmt::format("<link a=\"h{}\" b=\"lan{}\" preset=\"lan\"/>\n", i, home);
  }
  return text + "</topology>\n";
}

void measure(const Shape& shape, unsigned hosts) {
  auto text = file_of(shape, hosts);
  const auto octets = text.size();
  const auto begin = bench::cpu_seconds();
  const auto topology = topology::parse("many.xml", std::move(text));
  const auto loaded = bench::cpu_seconds();
  if (!topology) {
    fmt::print("{}\n", topology.error().to_string());
    std::exit(1);
  }
  const auto before = resident_mebibytes();
  sim::World world{*topology};
  const auto built = bench::cpu_seconds();
  fmt::print(
      "{:34} {:5} hosts, {:5} links, {:4.1f} MiB of XML: load {:6.2f} s, build {:6.2f} s, "
      "{:5.0f} MiB more\n",
      shape.name, topology->hosts.size(), topology->links.size(),
      static_cast<double>(octets) / (1024 * 1024), loaded - begin, built - loaded,
      resident_mebibytes() - before);
}

}  // namespace

int main(int argc, char** argv) {
  const auto hosts = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 10'000u;
  for (const Shape& shape : {Shape{"each on the core", 0}, Shape{"homes of 10 behind a NAT", 10},
                             Shape{"one LAN behind a NAT", hosts}}) {
    measure(shape, hosts);
  }
}
