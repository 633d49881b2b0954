// rtclab peer: one agent on real sockets, spoken to in lines of JSON on standard input and output.
#include "agents/base/text.h"
#include "agents/live/entropy.h"
#include "agents/tls/trust.h"
#include "scenarios/cli/commands.h"
#include "scenarios/live/clip_file.h"
#include "scenarios/live/server_address.h"
#include "scenarios/live/session.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>

namespace rtclab::cli {
namespace {

namespace asio = boost::asio;

struct Options {
  bool offer = false;
  bool answer = false;
  bool polite = false;
  bool impolite = false;
  bool trickle = false;  // said aloud
  bool no_trickle = false;
  bool relay_only = false;
  bool max_bundle = false;
  bool simulcast = false;
  bool lite = false;
  bool tcp = false;
  bool mdns = false;
  bool renomination = false;
  bool continual = false;
  bool loopback = false;
  std::string turn_authority;
  std::string seed_text;
  std::string out;
  std::vector<std::string> deviations;
  std::vector<std::string> clips;
  program::Names names;
  program::ServerWishes servers;
};

tl::expected<Deviations, std::string> deviations_of(const Options& options) {
  Deviations deviations;
  for (const auto& name : options.deviations) {
    const auto deviation = parse_deviation(name);
    if (!deviation)
      return tl::make_unexpected(fmt::format(
          "--deviation {}: there is no such deviation{} (\"rtclab list deviations\" has them all)",
          name, did_you_mean(name, deviation_names())));
    deviations.add(*deviation);
  }
  return deviations;
}

// Debian's collection of authorities, where the user names none.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

tl::expected<tls::Trust, std::string> trust_of(const Options& options, const live::Clock& clock) {
  tls::Trust trust{
      .authorities = {}, .fingerprints = {}, .epoch = dtls::CalendarTime{clock.epoch().count()}};
  const bool named = !options.turn_authority.empty();
  const std::string file = named ? options.turn_authority : kSystemAuthorities;
  std::ifstream in{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (auto certificates = tls::certificates_in_pem(text))
    trust.authorities = *std::move(certificates);
  else if (named)
    return tl::make_unexpected(
        fmt::format("--turn-authority {}: expected a file of certificates in PEM", file));
  return trust;
}

tl::expected<program::SessionOptions, std::string> session_options(const Options& options,
                                                                   const live::Clock& clock) {
  program::SessionOptions session;
  if (options.offer) session.mode = program::Mode::Offer;
  if (options.answer) session.mode = program::Mode::Answer;
  if (options.polite) session.politeness = peer::Politeness::Polite;
  if (options.impolite) session.politeness = peer::Politeness::Impolite;
  session.trickle = !options.no_trickle;
  session.loopback = options.loopback ? live::Loopback::Shown : live::Loopback::Hidden;
  session.names = options.names;
  session.seed = live::seed_from_the_system();
  if (!options.seed_text.empty()) {
    const auto seed = parse_unsigned(options.seed_text);
    if (!seed)
      return tl::make_unexpected(fmt::format(
          "--seed {}: expected a whole number from 0 to 18446744073709551615", options.seed_text));
    session.seed = *seed;
  }
  auto servers = program::resolve(options.servers);
  if (!servers) return tl::make_unexpected(servers.error().message);
  auto deviations = deviations_of(options);
  if (!deviations) return tl::make_unexpected(deviations.error());
  auto trust = trust_of(options, clock);
  if (!trust) return tl::make_unexpected(trust.error());
  for (const auto& clip : options.clips) {
    auto track = program::make_track({.id = clip, .kind = {}, .file = clip});
    if (!track) return tl::make_unexpected("--send " + track.error());
    session.tracks.push_back(*std::move(track));
  }
  auto& configuration = session.configuration;
  configuration.trust = *std::move(trust);
  configuration.ice_servers = *std::move(servers);
  configuration.deviations = *deviations;
  configuration.ice_lite = options.lite;
  configuration.signals_sources = true;  // Pion 3 and aiortc find our streams by it
  if (options.simulcast) configuration.video.simulcast_receipt = peer::SimulcastReceipt::Accept;
  if (options.max_bundle) configuration.bundle_policy = peer::BundlePolicy::MaxBundle;
  if (options.tcp) configuration.ice_tcp = {.active = true, .passive = true, .so = true};
  configuration.hides_host_addresses = options.mdns;
  configuration.renomination = options.renomination;
  if (options.continual) configuration.gathering = ice::GatheringPolicy::Continually;
  configuration.today = dtls::CalendarTime{clock.epoch().count()};
  if (options.relay_only) configuration.ice_transport_policy = peer::IceTransportPolicy::Relay;
  return session;
}

// Standard input as lines, for as long as it lasts.
class InputLines {
 public:
  InputLines(asio::io_context& context, program::Session& session)
      : session_{session}, input_{context, dup(STDIN_FILENO)}, buffer_{program::kLongestLine + 1} {
    read();
  }
  void stop() { input_.close(); }

 private:
  void read() {
    asio::async_read_until(input_, buffer_, '\n', [this](const auto& error, std::size_t size) {
      if (error == asio::error::operation_aborted) return;
      if (error == asio::error::not_found) {
        skip();
      } else if (error) {
        finish(error);
        return;
      } else {
        take(size);
      }
      read();
    });
  }
  // The line is longer than the buffer. It is refused once, and the rest of it passed over as it
  // comes.
  void skip() {
    buffer_.consume(buffer_.size());
    if (!std::exchange(skipping_, true))
      session_.take_line(std::string(program::kLongestLine + 1, 'x'));
  }
  void take(std::size_t size) {
    if (std::exchange(skipping_, false)) {
      buffer_.consume(size);
      return;
    }
    const auto* const begin = static_cast<const char*>(buffer_.data().data());
    std::string line{begin, size};
    buffer_.consume(size);
    if (line.ends_with('\n')) line.pop_back();
    session_.take_line(line);
  }
  void finish(const boost::system::error_code& error) {
    if (error == asio::error::eof && buffer_.size() != 0) take(buffer_.size());
    session_.end();
  }

  program::Session& session_;
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
  bool skipping_ = false;  // until the next end of a line
};

Exit run(const Options& options, const Console& console) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is seen at the next write
  const live::Clock clock;
  auto session_wishes = session_options(options, clock);
  if (!session_wishes) return console.bad_input(session_wishes.error());
  std::unique_ptr<program::EvidenceRecorder> recorder;
  if (!options.out.empty()) {
    recorder = program::EvidenceRecorder::in(
        {.folder = options.out,
         .names = options.names,
         .program = "rtclab " RTCLAB_VERSION,
         .addresses = live::interface_addresses(session_wishes->loopback),
         .servers = session_wishes->configuration.ice_servers,
         .epoch = clock.epoch()});
    if (!recorder)
      return console.bad_input(fmt::format("--out {}: cannot write files there", options.out));
  }

  asio::io_context context;
  program::Session session{context,
                           clock,
                           *session_wishes,
                           recorder.get(),
                           [&](const std::string& line) { console.out() << line << std::endl; },
                           [&] { context.stop(); }};
  InputLines input{context, session};
  asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](const auto& error, int /*signal*/) {
    if (!error) session.end();
  });
  context.run();
  // What was just sent on TCP streams leaves, whatever is still open.
  context.restart();
  context.run_for(std::chrono::milliseconds{50});
  if (recorder && !recorder->finish())
    return console.bad_input(
        fmt::format("--out {}: the capture or the trace could not be written", options.out));
  return Exit::AsExpected;
}

}  // namespace

Run add_peer(CLI::App& command) {
  auto options = std::make_shared<Options>();
  auto* const offer = command.add_flag(
      "--offer", options->offer, "Open a channel \"chat\" and offer; offer again when needed");
  command
      .add_flag("--answer", options->answer,
                "Answer what is offered; offer by itself only when negotiation is needed")
      ->excludes(offer);
  auto* const polite = command.add_flag("--polite", options->polite,
                                        "Give way when offers cross (as --answer does)");
  command
      .add_flag("--impolite", options->impolite,
                "Ignore an offer that crosses ours (as --offer does)")
      ->excludes(polite);
  auto* const trickle = command.add_flag(
      "--trickle", options->trickle,
      "Hand candidates over as they are found (this is how it is without the option)");
  command
      .add_flag("--no-trickle", options->no_trickle,
                "Hand a description over when it has all its candidates")
      ->excludes(trickle);
  command.add_option("--stun", options->servers.stun, "A STUN server: stun:HOST[:PORT]");
  command.add_option("--turn", options->servers.turn,
                     "A TURN server: turn:HOST[:PORT][?transport=udp|tcp] or turns:HOST[:PORT]");
  command.add_option("--username", options->servers.username, "For the TURN servers");
  command.add_option("--credential", options->servers.credential, "For the TURN servers");
  command.add_option("--turn-authority", options->turn_authority,
                     "Certificates (PEM) that a TURN server over TLS must lead to "
                     "(default: those of the system)");
  command.add_flag("--relay-only", options->relay_only, "Use relayed candidates only");
  command.add_flag("--max-bundle", options->max_bundle,
                   "Offer one transport for everything (the bundlePolicy max-bundle)");
  command.add_flag("--simulcast", options->simulcast,
                   "Take all layers of a simulcast, as a media server does");
  command.add_flag("--lite", options->lite, "Be a lite ICE agent (RFC 8445 §2.5)");
  command.add_flag("--tcp", options->tcp, "Gather TCP candidates too (RFC 6544)");
  command.add_flag("--mdns", options->mdns, "Hide host addresses behind mDNS names");
  command.add_flag("--renomination", options->renomination, "Offer renomination");
  command.add_flag("--continual", options->continual,
                   "Go on gathering when an interface comes or goes");
  command.add_flag("--loopback", options->loopback, "Use the loopback addresses too");
  command.add_option("--deviation", options->deviations,
                     "A deliberate fault; \"rtclab list deviations\" has them all");
  command.add_option(
      "--send", options->clips,
      "Send this recording in a loop: VP8 in IVF or Opus in Ogg; once for each track");
  command.add_option("--seed", options->seed_text, "Draw from this seed instead of a random one");
  command.add_option("--out", options->out,
                     "Leave capture.pcapng and trace.jsonl in this folder, for draw and judge");
  command.add_option("--name", options->names.local, "What this peer is called in the evidence")
      ->capture_default_str();
  command.add_option("--peer-name", options->names.remote, "What the other is called in it")
      ->capture_default_str();
  return [options](const Console& console) { return run(*options, console); };
}

}  // namespace rtclab::cli
