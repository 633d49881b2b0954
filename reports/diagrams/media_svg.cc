#include "reports/diagrams/media.h"
#include "reports/diagrams/palette.h"
#include "reports/diagrams/story.h"
#include "reports/diagrams/svg.h"
#include "reports/evidence/media_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>

namespace rtclab::diagrams {
namespace {

using evidence::MediaPacket;
using evidence::MediaRequest;
using evidence::MediaStream;

constexpr double kWidth = 1080;
constexpr double kLeft = 250;  // where the charts begin; before it each stream's words
constexpr double kRight = kWidth - 24;
constexpr double kChartHeight = 56;
constexpr double kRowHeight = 104;
constexpr double kHeadingHeight = 34;
constexpr double kTop = 92;
constexpr std::size_t kBins = 120;
constexpr double kBinWidth = (kRight - kLeft) / static_cast<double>(kBins);

double seconds(Duration length) {
  return std::chrono::duration<double>(length).count();
}

struct Bin {
  double arrived = 0;  // octets, each by the time at which it was sent
  double missing = 0;
  double repaired = 0;
  double again = 0;
  std::size_t packets = 0, lost = 0, came_again = 0;

  [[nodiscard]] double sum() const { return arrived + missing + repaired; }
};

// The time that the picture shows, cut into bins of a round length.
class TimeScale {
 public:
  explicit TimeScale(const std::vector<MediaStream>& streams) {
    begin_ = streams.front().packets.front().sent;
    Duration end = begin_;
    for (const auto& stream : streams) {
      begin_ = std::min(begin_, stream.packets.front().sent);
      end = std::max(end, stream.packets.back().sent);
    }
    length_ = std::max<Duration>(end - begin_, std::chrono::milliseconds{1});
  }

  [[nodiscard]] double x(Duration at) const {
    return kLeft + (kRight - kLeft) * seconds(at - begin_) / seconds(length_);
  }
  [[nodiscard]] std::size_t bin(Duration at) const {
    const auto part = seconds(at - begin_) / seconds(length_) * static_cast<double>(kBins);
    return std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0, part)));
  }
  [[nodiscard]] Duration begin_of(std::size_t bin) const {
    return begin_ + length_ * static_cast<std::int64_t>(bin) / static_cast<std::int64_t>(kBins);
  }
  [[nodiscard]] double bin_seconds() const { return seconds(length_) / static_cast<double>(kBins); }
  [[nodiscard]] Duration begin() const { return begin_; }
  [[nodiscard]] Duration length() const { return length_; }

  // 1, 2 or 5 times a power of ten: about eight of them fill the picture.
  [[nodiscard]] double tick_seconds() const {
    const auto raw = seconds(length_) / 8;
    const auto power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double step : {1.0, 2.0, 5.0})
      if (step * power >= raw) return step * power;
    return 10 * power;
  }

 private:
  Duration begin_{};
  Duration length_{};
};

std::string bit_rate(double bits_per_second) {
  if (bits_per_second >= 1e6) return fmt::format("{:.1f} Mbit/s", bits_per_second / 1e6);
  return fmt::format("{:.0f} kbit/s", bits_per_second / 1e3);
}

struct Counts {
  std::size_t lost = 0, repaired = 0, arrived = 0, octets = 0;
  std::array<std::size_t, 3> requests{};
};

Counts count(const MediaStream& stream) {
  Counts counts;
  for (const auto& packet : stream.packets) {
    counts.lost += packet.lost ? 1 : 0;
    counts.repaired += packet.repaired ? 1 : 0;
    counts.arrived += packet.arrived ? 1 : 0;
    counts.octets += packet.octets;
  }
  for (const auto& request : stream.requests)
    ++counts.requests[static_cast<std::size_t>(request.kind)];
  return counts;
}

std::array<Bin, kBins> bins_of(const MediaStream& stream, const TimeScale& scale) {
  std::array<Bin, kBins> bins{};
  for (const auto& packet : stream.packets) {
    auto& bin = bins[scale.bin(packet.sent)];
    ++bin.packets;
    bin.lost += packet.lost ? 1 : 0;
    bin.came_again += packet.repaired ? 1 : 0;
    const auto octets = static_cast<double>(packet.octets);
    (packet.repaired ? bin.repaired : packet.lost ? bin.missing : bin.arrived) += octets;
  }
  return bins;
}

class MediaSvg {
 public:
  MediaSvg(const evidence::Evidence& evidence, const std::vector<MediaStream>& streams)
      : evidence_{evidence}, streams_{streams}, scale_{streams} {}

  std::string draw() {
    const auto height = measure();
    svg_.open("svg",
              {{"xmlns", "http://www.w3.org/2000/svg"},
               {"class", "rtclab-diagram"},
               {"viewBox", fmt::format("0 0 {} {}", Svg::number(kWidth), Svg::number(height))},
               {"width", Svg::number(kWidth)},
               {"height", Svg::number(height)},
               {"role", "img"}});
    svg_.raw(style_sheet());
    svg_.rectangle("paper", {0, 0}, kWidth, height, 0);
    draw_head();
    double y = kTop;
    std::optional<std::pair<evidence::PartyIndex, evidence::PartyIndex>> direction;
    for (const auto& stream : streams_) {
      if (direction != std::pair{stream.from, stream.to}) {
        direction.emplace(stream.from, stream.to);
        svg_.text("strong", {24, y + 14},
                  fmt::format("{} → {}", name(stream.from), name(stream.to)));
        svg_.line("wire", {24, y + 22}, {kRight, y + 22});
        y += kHeadingHeight;
      }
      draw_stream(stream, y);
      y += kRowHeight;
    }
    draw_axis(y);
    svg_.close();
    return svg_.take();
  }

 private:
  [[nodiscard]] const std::string& name(evidence::PartyIndex party) const {
    return evidence_.parties[party].name;
  }

  [[nodiscard]] double measure() const {
    double height = kTop + 34;
    std::optional<std::pair<evidence::PartyIndex, evidence::PartyIndex>> direction;
    for (const auto& stream : streams_) {
      if (direction != std::pair{stream.from, stream.to}) height += kHeadingHeight;
      direction.emplace(stream.from, stream.to);
      height += kRowHeight;
    }
    return height;
  }

  void draw_head() {
    svg_.text("title", {24, 36},
              evidence_.title.empty() ? "The media" : evidence_.title + ": the media");
    struct Key {
      std::string_view css_class;
      std::string_view words;
    };
    constexpr std::array kKeys{Key{"media-arrived", "arrived"},
                               Key{"media-repaired", "lost, and came again"},
                               Key{"media-missing", "lost for good"}};
    double x = 24;
    for (const auto& key : kKeys) {
      svg_.rectangle(key.css_class, {x, 56}, 12, 12, 2);
      svg_.text("small", {x + 18, 66}, key.words);
      x += 18 + text_width(key.words, 10) + 22;
    }
    for (const auto kind : {MediaRequest::Kind::Nack, MediaRequest::Kind::Pli}) {
      draw_request(kind, {x + 5, 57});
      const std::string_view words = kind == MediaRequest::Kind::Nack
                                         ? "NACK: the receiver asks for packets"
                                         : "PLI or FIR: it asks for a whole picture";
      svg_.text("small", {x + 16, 66}, words);
      x += 16 + text_width(words, 10) + 22;
    }
  }

  void draw_stream(const MediaStream& stream, double top) {
    const auto counts = count(stream);
    svg_.text("strong " + std::string{css_class(Lane::Media)}, {24, top + 14},
              shorten(stream.name(), 28));
    svg_.text("small muted", {24, top + 29}, fmt::format("SSRC {:#010x}", stream.ssrc));
    svg_.text("small", {24, top + 45}, sent_words(stream, counts));
    svg_.text(counts.lost == 0 ? "small muted" : "small", {24, top + 60},
              loss_words(stream, counts));
    if (const auto words = request_words(counts); !words.empty())
      svg_.text("small muted", {24, top + 75}, words);

    const auto bins = bins_of(stream, scale_);
    const auto most = std::ranges::max(bins, {}, &Bin::sum).sum();
    const auto bottom = top + 8 + kChartHeight;
    svg_.line("wire", {kLeft, top + 8}, {kRight, top + 8});
    svg_.line("wire", {kLeft, bottom}, {kRight, bottom});
    svg_.text("tick muted", {kLeft - 6, top + 12}, bit_rate(most * 8 / scale_.bin_seconds()));
    svg_.text("tick muted", {kLeft - 6, bottom + 3}, "0");
    for (std::size_t i = 0; i < kBins; ++i)
      if (bins[i].packets > 0) draw_bin(bins[i], i, bottom, kChartHeight / most);
    draw_requests(stream, bottom + 4);
  }

  // NACKs come in crowds: one triangle for all of a bin.
  void draw_requests(const MediaStream& stream, double top) {
    std::array<std::size_t, kBins> nacks{};
    for (const auto& request : stream.requests) {
      if (request.kind == MediaRequest::Kind::Nack)
        ++nacks[scale_.bin(request.sent)];
      else
        draw_request(request.kind, {scale_.x(request.sent), top + 8});
    }
    for (std::size_t i = 0; i < kBins; ++i) {
      if (nacks[i] == 0) continue;
      svg_.open("g");
      svg_.tooltip(fmt::format("{} NACK", nacks[i]));
      draw_request(MediaRequest::Kind::Nack, {scale_.x(scale_.begin_of(i)) + kBinWidth / 2, top});
      svg_.close();
    }
  }

  static std::string sent_words(const MediaStream& stream, const Counts& counts) {
    const auto length = seconds(stream.packets.back().sent - stream.packets.front().sent);
    auto words = fmt::format("{} packets", stream.packets.size());
    if (length > 0)
      words +=
          fmt::format(", {} on average", bit_rate(static_cast<double>(counts.octets) * 8 / length));
    return words;
  }

  static std::string loss_words(const MediaStream& stream, const Counts& counts) {
    // Where nobody captured behind the sender, what did not arrive is not known.
    if (counts.lost == 0) return counts.arrived > 0 ? "none lost" : "none seen to be lost";
    const auto share =
        100.0 * static_cast<double>(counts.lost) / static_cast<double>(stream.packets.size());
    auto words = fmt::format("{} lost ({:.1f} %)", counts.lost, share);
    if (counts.repaired > 0) words += fmt::format(", {} came again", counts.repaired);
    return words;
  }

  static std::string request_words(const Counts& counts) {
    constexpr std::array<std::string_view, 3> kNames{"NACK", "PLI", "FIR"};
    std::string words;
    for (std::size_t i = 0; i < kNames.size(); ++i)
      if (counts.requests[i] > 0)
        words += fmt::format("{}{} {}", words.empty() ? "" : ", ", counts.requests[i], kNames[i]);
    return words;
  }

  void draw_bin(const Bin& bin, std::size_t index, double bottom, double scale) {
    const auto x = kLeft + kBinWidth * static_cast<double>(index);
    svg_.open("g");
    const auto from = seconds(scale_.begin_of(index));
    svg_.tooltip(fmt::format("{:.3f} s to {:.3f} s: {} packets, {} lost, {} came again; {}", from,
                             from + scale_.bin_seconds(), bin.packets, bin.lost, bin.came_again,
                             bit_rate(bin.sum() * 8 / scale_.bin_seconds())));
    double y = bottom;
    const auto stack = [&](std::string_view css, double octets) {
      if (octets <= 0) return;
      y -= octets * scale;
      svg_.rectangle(css, {x, y}, kBinWidth - 1, octets * scale, 0);
    };
    stack("media-arrived", bin.arrived);
    stack("media-repaired", bin.repaired);
    stack("media-missing", bin.missing);
    svg_.close();
  }

  // A triangle that points up for NACK, a diamond for what asks for a picture.
  void draw_request(MediaRequest::Kind kind, Point top) {
    const bool nack = kind == MediaRequest::Kind::Nack;
    const auto points =
        nack ? fmt::format("{0},{1} {2},{3} {4},{3}", Svg::number(top.x), Svg::number(top.y),
                           Svg::number(top.x - 3.5), Svg::number(top.y + 6),
                           Svg::number(top.x + 3.5))
             : fmt::format("{0},{1} {2},{3} {0},{4} {5},{3}", Svg::number(top.x),
                           Svg::number(top.y), Svg::number(top.x - 4.5), Svg::number(top.y + 4.5),
                           Svg::number(top.y + 9), Svg::number(top.x + 4.5));
    svg_.leaf("polygon", {{"class", nack ? "media-nack" : "media-picture"}, {"points", points}});
  }

  void draw_axis(double y) {
    svg_.line("wire", {kLeft, y}, {kRight, y});
    const auto step = scale_.tick_seconds();
    const auto begin = seconds(scale_.begin());
    svg_.text("tick muted", {kLeft - 6, y + 18}, "from " + moment_text(scale_.begin()));
    for (auto tick = std::ceil(begin / step); tick * step <= begin + seconds(scale_.length());
         ++tick) {
      const auto x = kLeft + (kRight - kLeft) * (tick * step - begin) / seconds(scale_.length());
      svg_.line("wire", {x, y}, {x, y + 5});
      svg_.text("small muted middle", {x, y + 18}, fmt::format("{:g} s", tick * step));
    }
  }

  const evidence::Evidence& evidence_;
  const std::vector<MediaStream>& streams_;
  TimeScale scale_;
  Svg svg_;
};

}  // namespace

std::string media_svg(const evidence::Evidence& evidence, const std::vector<MediaStream>& streams) {
  return streams.empty() ? std::string{} : MediaSvg{evidence, streams}.draw();
}

}  // namespace rtclab::diagrams
