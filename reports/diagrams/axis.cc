#include "reports/diagrams/axis.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <map>

namespace rtclab::diagrams {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSilence = 300ms;
constexpr double kSilenceHeight = 34;
constexpr double kRow = 17;  // what one line of text needs
constexpr double kBetweenArrivals = 7;
constexpr double kBetweenTicks = 14;

// At the same time: first what arrived, then what it made of it, then what that sent.
enum class Order : std::uint8_t { Arrival, Badge, Start, End };

struct Moment {
  Duration at;
  Order order;
  std::size_t owner;  // index of the arrow or badge
  std::size_t stop;   // of the arrow
  std::size_t lifeline;
  double* y;
};

double step(Duration quiet) {
  return 27 * std::log10(1 + static_cast<double>(quiet.count()) / 1e6);
}

class AxisMaker {
 public:
  AxisMaker(const Story& story, double top) : story_{story}, y_{top} {
    axis_.stops.resize(story.arrows.size());
    axis_.deaths.resize(story.arrows.size());
    axis_.lasts.resize(story.arrows.size());
    axis_.badges.resize(story.badges.size());
  }

  Axis make() {
    collect();
    std::ranges::stable_sort(moments_, [](const Moment& a, const Moment& b) {
      return std::pair{a.at, a.order} < std::pair{b.at, b.order};
    });
    for (const auto& moment : moments_) place(moment);
    axis_.bottom = y_ + 26;
    finish_level_arrows();
    return std::move(axis_);
  }

 private:
  void collect() {
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      const auto& arrow = story_.arrows[i];
      auto& ys = axis_.stops[i];
      ys.resize(arrow.stops.size());
      for (std::size_t stop = 0; stop < arrow.stops.size(); ++stop) {
        // A stop at the sender's own time is level with it and needs no place of its own.
        if (stop > 0 && arrow.stops[stop].at == arrow.stops[0].at) continue;
        moments_.push_back({arrow.stops[stop].at, stop == 0 ? Order::Start : Order::Arrival, i,
                            stop, arrow.stops[stop].lifeline, &ys[stop]});
      }
      if (arrow.death && arrow.death->at)
        moments_.push_back({*arrow.death->at, Order::End, i, 0, 0, &axis_.deaths[i]});
    }
    for (std::size_t i = 0; i < story_.badges.size(); ++i) {
      const auto& badge = story_.badges[i];
      moments_.push_back({badge.at, Order::Badge, i, 0, badge.lifeline, &axis_.badges[i]});
    }
    // What was folded may go on beyond everything else.
    moments_.push_back({story_.end(), Order::End, 0, 0, 0, &end_});
  }

  void place(const Moment& moment) {
    move_to(moment.at);
    switch (moment.order) {
      case Order::Start: keep_rows_apart(story_.arrows[moment.owner]); break;
      case Order::Badge: keep_apart(badges_, moment.lifeline, kBadgeHeight + 2); break;
      case Order::Arrival: keep_apart(arrivals_, moment.lifeline, kBetweenArrivals); break;
      case Order::End: break;
    }
    *moment.y = y_;
    known_.push_back({moment.at, y_});
    if (moment.order == Order::Start || moment.order == Order::Badge) tick(moment.at);
  }

  void move_to(Duration at) {
    if (moments_.front().at == at && y_at_ == Duration::min()) {
      y_at_ = at;
      return;
    }
    const auto quiet = at - y_at_;
    y_at_ = at;
    if (quiet < kSilence) {
      y_ += step(quiet);
      return;
    }
    axis_.silences.push_back({y_ + 14, kSilenceHeight, length_text(quiet)});
    y_ += 14 + kSilenceHeight + 16;
  }

  void keep_apart(std::map<std::size_t, double>& last, std::size_t lifeline, double distance) {
    const auto found = last.find(lifeline);
    if (found != last.end()) y_ = std::max(y_, found->second + distance);
    last[lifeline] = y_;
  }

  // Two arrows that pass the same place start a line of text apart, whichever way they go.
  void keep_rows_apart(const Arrow& arrow) {
    auto first = arrow.stops.front().lifeline;
    auto last = first;
    for (const auto& stop : arrow.stops) {
      first = std::min(first, stop.lifeline);
      last = std::max(last, stop.lifeline);
    }
    if (arrow.death) {
      first = std::min(first, static_cast<std::size_t>(std::floor(arrow.death->place)));
      last = std::max(last, static_cast<std::size_t>(std::ceil(arrow.death->place)));
    }
    // A label may be longer than a short arrow.
    if (last + 1 < story_.lifelines.size()) ++last;
    for (auto lifeline = first; lifeline < last; ++lifeline) {
      if (const auto row = rows_.find(lifeline); row != rows_.end()) {
        y_ = std::max(y_, row->second + kRow);
      }
    }
    for (auto lifeline = first; lifeline < last; ++lifeline) rows_[lifeline] = y_;
  }

  // The y of a moment at which nothing is drawn: between those of its neighbours.
  [[nodiscard]] double between(Duration at) const {
    const auto after = std::ranges::lower_bound(known_, at, {}, &Known::at);
    if (after == known_.end()) return known_.back().y;
    if (after->at == at || after == known_.begin()) return after->y;
    const auto& before = *std::prev(after);
    const auto part = static_cast<double>((at - before.at).count()) /
                      static_cast<double>((after->at - before.at).count());
    return before.y + (after->y - before.y) * part;
  }

  void tick(Duration at) {
    auto column = column_;
    auto text = column.text(at);
    if (!axis_.ticks.empty()) {
      const auto& last = axis_.ticks.back();
      if (y_ - last.y < kBetweenTicks || last.text == text) return;
    }
    column_ = column;
    axis_.ticks.push_back({y_, std::move(text)});
  }

  void finish_level_arrows() {
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      const auto& arrow = story_.arrows[i];
      auto& ys = axis_.stops[i];
      for (std::size_t stop = 1; stop < ys.size(); ++stop) {
        if (arrow.stops[stop].at == arrow.stops[0].at) ys[stop] = ys[0];
        ys[stop] = std::max(ys[stop], ys[stop - 1]);
      }
      // Nobody saw when it died; a little after it was last seen reads well.
      if (!arrow.death || !arrow.death->at) axis_.deaths[i] = ys.back() + 5;
      axis_.lasts[i] = arrow.count == 1 ? ys[0] : between(arrow.last);
    }
  }

  const Story& story_;
  double y_;
  Duration y_at_ = Duration::min();
  std::vector<Moment> moments_;
  struct Known {
    Duration at;
    double y;
  };
  std::vector<Known> known_;  // ascending in both
  double end_ = 0;
  MomentColumn column_;
  std::map<std::size_t, double> badges_, arrivals_;  // by lifeline
  std::map<std::size_t, double> rows_;               // by the space to the right of a lifeline
  Axis axis_;
};

}  // namespace

Axis make_axis(const Story& story, double top) {
  if (story.arrows.empty() && story.badges.empty()) {
    Axis axis;
    axis.bottom = top + 40;
    return axis;
  }
  return AxisMaker{story, top}.make();
}

}  // namespace rtclab::diagrams
