#include "scenarios/live/clip_file.h"

#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <ostream>
#include <string>

namespace rtclab::program {
namespace {

namespace data = boost::unit_test::data;

const std::filesystem::path kMedia = std::filesystem::path{RTCLAB_TEST_DATA} / "media";

std::string content(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct BadFile {
  std::string octets;
  std::string sentence;
  friend std::ostream& operator<<(std::ostream& out, const BadFile& row) {
    return out << row.sentence;
  }
};
const std::vector<BadFile> kBadFiles{
    {"", "this is none of IVF (\"DKIF\", for VP8), Ogg (\"OggS\", for Opus) and an H.264 stream"},
    {"RIFF and so on",
     "this is none of IVF (\"DKIF\", for VP8), Ogg (\"OggS\", for Opus) and an H.264 stream"},
    {content(kMedia / "clip.ivf").substr(0, 31), "truncated at octet 31 (RFC 6386 §9.1)"},
    {content(kMedia / "clip.ivf").substr(0, 32), "missing at octet 32 (RFC 6386 §9.1)"},
    {content(kMedia / "clip.ivf").substr(0, 50), "bad length at octet 32 (RFC 6386 §9.1)"},
    {content(kMedia / "clip.opus").substr(0, 1000), "truncated at octet 1000 (RFC 3533 §6)"}};

BOOST_AUTO_TEST_SUITE(clip_file)

BOOST_AUTO_TEST_CASE(a_file_says_of_which_kind_its_track_is) {
  const auto video = (kMedia / "clip.ivf").string();
  const auto picture = make_track({"t", std::nullopt, video});
  const auto tone = make_track({"u", peer::MediaKind::Audio, (kMedia / "clip.opus").string()});

  BOOST_REQUIRE(picture.has_value() && tone.has_value());
  BOOST_TEST((picture->kind == peer::MediaKind::Video));
  BOOST_TEST((tone->kind == peer::MediaKind::Audio));
  BOOST_TEST(std::get<peer::Recording>(*picture->source)->frames.size() == 60u);
  BOOST_TEST(make_track({"t", peer::MediaKind::Audio, video}).error() ==
             video + ": this is video, and the track was to be audio");
}

BOOST_DATA_TEST_CASE(a_bad_file_is_one_sentence_with_its_path_and_flaw, data::make(kBadFiles),
                     row) {
  const test::ScratchFolder folder;
  const auto file = folder.write("clip", row.octets);

  BOOST_TEST(read_clip_file(file).error() == file.string() + ": " + row.sentence);
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_told_apart) {
  const test::ScratchFolder folder;

  BOOST_TEST(read_clip_file(folder.path() / "nothing").error() ==
             (folder.path() / "nothing").string() + ": there is no such file");
  BOOST_TEST(read_clip_file(folder.path()).error() ==
             folder.path().string() + ": this is not a file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::program
