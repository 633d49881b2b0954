#include "tests/support/media_loss.h"

#include "tests/support/simulated_call.h"

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <variant>

namespace rtclab::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kOneWay = 20ms;
constexpr auto kRest = 3s;  // longer than any packet is asked for

double number(const peer::Stats& object, std::string_view member) {
  const auto* const value = object.find(member);
  if (value == nullptr) return 0;
  return std::visit(
      [](const auto& held) -> double {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(held)>>)
          return static_cast<double>(held);
        return 0;
      },
      *value);
}

bool is_audio(const peer::Stats& object) {
  const auto* const kind = object.find("kind");
  return kind != nullptr && *kind == Value{std::string{"audio"}};
}

void add_sent(LossFigures& sum, const peer::Stats& stream) {
  const auto repairs = number(stream, "retransmittedPacketsSent");
  const auto packets = number(stream, "packetsSent") - repairs;
  if (is_audio(stream)) {
    sum.audio_sent += packets;
    return;
  }
  sum.video_sent += packets;
  sum.repairs_sent += repairs;
  sum.frames_sent += number(stream, "framesSent");
  sum.target += number(stream, "targetBitrate") / 2;
}

void add_received(LossFigures& sum, const peer::Stats& stream) {
  const auto lost = number(stream, "packetsLost");
  if (is_audio(stream)) {
    sum.audio_lost += lost;
    sum.played += number(stream, "totalSamplesReceived");
    sum.concealed += number(stream, "concealedSamples");
    return;
  }
  sum.video_lost += lost;
  sum.repairs_received += number(stream, "retransmittedPacketsReceived");
  sum.frames_shown += number(stream, "framesDecoded");
  sum.freezes += number(stream, "freezeCount");
  sum.frozen += number(stream, "totalFreezesDuration");
}

void add(LossFigures& sum, const peer::PeerConnection& peer) {
  const auto report = peer.stats();
  for (const auto* const stream : report.all("outbound-rtp")) add_sent(sum, *stream);
  for (const auto* const stream : report.all("inbound-rtp")) add_received(sum, *stream);
}

bool is_connected(const peer::PeerConnection& peer) {
  return peer.connection_state() == peer::ConnectionState::Connected;
}

bool has_failed(const peer::PeerConnection& peer) {
  return peer.connection_state() == peer::ConnectionState::Failed;
}

void speak_and_show(Instant now, peer::PeerConnection& peer) {
  static_cast<void>(peer.add_track(now, {.id = "voice", .kind = peer::MediaKind::Audio}));
  static_cast<void>(peer.add_track(now, {.id = "face", .kind = peer::MediaKind::Video}));
}

void rest(Instant now, peer::PeerConnection& peer) {
  for (const auto& each : peer.transceivers()) peer.replace_track(now, each.id, std::nullopt);
}

// nullopt: it ended before.
std::optional<LossFigures> run_call(const LossRun& run, std::uint64_t seed) {
  const auto topology = side_by_side(1, {.delay = kOneWay, .loss = run.loss});
  sim::World world{topology, {.seed = seed}};
  SimulatedCall call{world, 0, {.seed = seed}};
  call.alice(speak_and_show);
  call.bob(speak_and_show);
  call.begin();
  for (int tenths = 0; !is_connected(call.alice()) || !is_connected(call.bob()); ++tenths) {
    if (tenths == 300) throw std::runtime_error{"the peers did not connect"};
    world.run_until(world.now() + 100ms);
  }
  world.run_until(world.now() + run.length);
  call.alice(rest);
  call.bob(rest);
  world.run_until(world.now() + kRest);
  if (has_failed(call.alice()) || has_failed(call.bob())) return std::nullopt;
  LossFigures figures{.calls = 1};
  add(figures, call.alice());
  add(figures, call.bob());
  return figures;
}

}  // namespace

LossFigures run_loss(const LossRun& run) {
  LossFigures sum{.loss = run.loss};
  for (std::uint64_t seed = 1; sum.calls < run.calls; ++seed) {
    if (const auto figures = run_call(run, seed)) {
      sum += *figures;
    } else {
      ++sum.ended;
    }
  }
  return sum;
}

LossFigures& LossFigures::operator+=(const LossFigures& other) {
  calls += other.calls;
  ended += other.ended;
  audio_sent += other.audio_sent;
  audio_lost += other.audio_lost;
  played += other.played;
  concealed += other.concealed;
  video_sent += other.video_sent;
  video_lost += other.video_lost;
  repairs_sent += other.repairs_sent;
  repairs_received += other.repairs_received;
  frames_sent += other.frames_sent;
  frames_shown += other.frames_shown;
  freezes += other.freezes;
  frozen += other.frozen;
  target += other.target;
  return *this;
}

bool Expected::holds(double measured, double slack) const {
  return std::abs(measured - mean) <= 4 * deviation + slack;
}

Expected expected_lost(double sent, double loss) {
  return {sent * loss, std::sqrt(sent * loss * (1 - loss))};
}

Expected expected_repairs_sent(double lost, double loss) {
  return {lost / (1 - loss), std::sqrt(lost * loss) / (1 - loss)};
}

double left_after(unsigned requests, double loss) {
  return std::pow(1 - (1 - loss) * (1 - loss), requests);
}

Expected most_freezes(double video_lost, double loss) {
  const auto most = video_lost * left_after(kRequestsBeforeFreeze, loss);
  return {most, std::sqrt(most)};
}

}  // namespace rtclab::test
