// Plays every input of the corpora, and some mutations of them, without libFuzzer: a crash or a
// broken promise ends the test, and the last checkpoint says which input it was.
#include "tests/fuzz/mutation.h"
#include "tests/fuzz/target.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

namespace rtclab::fuzz {

// NOLINTNEXTLINE(misc-use-internal-linkage): found by argument-dependent look-up
std::ostream& operator<<(std::ostream& out, const Target& target) {
  return out << target.name;
}

namespace {

namespace data = boost::unit_test::data;

constexpr std::size_t kMutations = 400;  // of each target, over all its inputs

struct Input {
  std::string name;
  Bytes octets;
};

// In the order of their names, which are hashes: the same everywhere.
std::vector<Input> corpus(const Target& target) {
  namespace fs = std::filesystem;
  std::vector<Input> inputs;
  for (const auto& entry :
       fs::directory_iterator{fs::path{RTCLAB_SOURCE_DIR} / "tests/fuzz/corpus" / target.name}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string octets{std::istreambuf_iterator<char>{file}, {}};
    inputs.push_back({entry.path().filename().string(), to_octets(octets)});
  }
  std::ranges::sort(inputs, {}, &Input::name);
  return inputs;
}

BOOST_AUTO_TEST_SUITE(fuzz_replay)

BOOST_DATA_TEST_CASE(no_input_of_its_corpus_breaks_it, data::make(targets()), target) {
  const auto inputs = corpus(target);
  BOOST_TEST(!inputs.empty());
  for (const auto& input : inputs) {
    BOOST_TEST_CHECKPOINT(target.name << ": " << input.name);
    target.run(input.octets);
  }
}

BOOST_DATA_TEST_CASE(neither_does_an_input_near_it, data::make(targets()), target) {
  const auto inputs = corpus(target);
  for (std::uint64_t seed = 0; seed < kMutations; ++seed) {
    SeededRng rng{seed};
    const auto& parent = inputs.at(rng.below(inputs.size()));
    const auto& other = inputs.at(rng.below(inputs.size()));
    const auto input = mutate(parent.octets, other.octets, rng);
    BOOST_TEST_CHECKPOINT(target.name << ": seed " << seed << ": " << to_hex(input));
    target.run(input);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::fuzz
