#include "agents/base/bytes.h"
#include "scenarios/sweep/results.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace rtclab::sweep {
namespace {

// SHA-256 over parts, each with its length before it, so that no two lists of parts look alike.
class Digest {
 public:
  Digest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view part) {
    const auto length = fmt::format("{}:", part.size());
    EVP_DigestUpdate(context_.get(), length.data(), length.size());
    EVP_DigestUpdate(context_.get(), part.data(), part.size());
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), octets.data(), &size);
    return to_hex(std::as_bytes(std::span{octets}.first(size)));
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

}  // namespace

FileResult<std::string> fingerprint(const Sweep& sweep, const Plan& plan,
                                    const std::vector<std::filesystem::path>& files,
                                    const std::vector<std::string>& texts) {
  Digest digest;
  for (const auto& text : texts) digest.add(text);
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    if (!in) {
      return tl::make_unexpected(
          FileError{.file = file.string(),
                    .message = fmt::format("cannot read this file: {}", std::strerror(errno))});
    }
    digest.add(content);
  }
  digest.add(fmt::format("seeds {} to {}, {} events", plan.seeds.first, plan.seeds.last,
                         sweep.most_events));
  for (const auto& axis : plan.axes) {
    digest.add(axis.name);
    for (const auto& label : axis.labels) digest.add(label);
  }
  for (const auto& cell : plan.cells) {
    digest.add("cell");
    for (const auto& assignment : cell.assignments) digest.add(to_string(assignment));
  }
  for (const auto& collector : sweep.collectors) digest.add(collector.name);
  return digest.hex();
}

}  // namespace rtclab::sweep
