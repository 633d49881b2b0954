#include "reports/evidence/load.h"

#include "agents/base/text.h"
#include "reports/evidence/capture_file.h"
#include "reports/evidence/dtls_decrypt.h"
#include "reports/evidence/file.h"
#include "reports/evidence/frame.h"
#include "reports/evidence/json_file.h"
#include "reports/evidence/parties.h"
#include "reports/evidence/sessions.h"
#include "reports/evidence/signalling_file.h"
#include "reports/evidence/srtp_decrypt.h"
#include "reports/evidence/tcp_streams.h"
#include "reports/evidence/trace_file.h"
#include "reports/evidence/unite.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

namespace rtclab::evidence {
namespace {

using Path = std::filesystem::path;

// A run can end before its first packet, and what was signalled until then is evidence; a recording
// without packets is the wrong file.
enum class Silence : std::uint8_t { Refused, Accepted };

// Adds the packets of one capture file; times count from the Unix epoch until set_origin().
FileResult<void> add(const Path& file, FileResult<RawCapture> capture, Silence silence,
                     Evidence& evidence) {
  if (!capture) return tl::make_unexpected(capture.error());
  if (!capture->cut.empty()) {
    evidence.warnings.push_back(
        fmt::format("{} ends {}: it is cut off, and only what stands before is in the evidence",
                    file.filename().string(), capture->cut));
  }
  const auto first_interface = evidence.interfaces.size();
  const auto first_packet = evidence.packets.size();
  for (const auto& raw : capture->interfaces) {
    evidence.interfaces.push_back(
        {raw.name.empty() ? file.stem().string() : raw.name, file.filename().string(), {}});
  }
  FrameReader reader;
  for (auto& frame : capture->frames) {
    auto packet = reader.read(capture->interfaces[frame.interface].link_type, frame);
    if (!packet) continue;
    packet->frame = frame.number;
    packet->interface = first_interface + frame.interface;
    packet->at = Duration{frame.at};
    packet->direction = frame.direction;
    packet->comment = std::move(frame.comment);
    packet->id = frame.id;
    frame.octets = {};  // a large capture is not to be held twice
    evidence.packets.push_back(std::move(*packet));
  }
  std::ranges::move(capture->secrets, std::back_inserter(evidence.secrets));
  if (evidence.packets.size() > first_packet) return {};
  if (silence == Silence::Accepted && capture->frames.empty()) return {};

  for (const auto& raw : capture->interfaces) {
    if (is_known_link_type(raw.link_type)) continue;
    return refuse(file,
                  fmt::format("has link type {} and no IP packets: not a capture of a network",
                              raw.link_type));
  }
  if (capture->frames.empty() && !capture->cut.empty())
    return refuse(file, fmt::format("has no packets: it is cut off {}", capture->cut));
  return refuse(file, capture->frames.empty() ? std::string{"has no packets"}
                                              : fmt::format("has {} frames, and none of them is IP",
                                                            capture->frames.size()));
}

FileResult<void> add_capture(const Path& file, Silence silence, Evidence& evidence) {
  return add(file, read_capture(file), silence, evidence);
}

void sort_packets(Evidence& evidence) {
  std::ranges::stable_sort(evidence.packets, {}, &Packet::at);
}

// Moves time zero: everything counts from `origin`, nanoseconds since the Unix epoch.
void set_origin(std::int64_t origin, Evidence& evidence) {
  evidence.origin = origin;
  for (auto& packet : evidence.packets) packet.at -= Duration{origin};
}

// "home-a.lan0" is an interface of the machine "home-a". Machines that are no vantage of the trace
// only pass packets on.
void place_interfaces_by_name(Evidence& evidence) {
  for (auto& interface : evidence.interfaces) {
    const auto dot = interface.name.rfind('.');
    const auto machine = interface.name.substr(0, dot);
    const auto found = std::ranges::find_if(evidence.parties, [&](const Party& party) {
      return party.machine == machine || party.name == machine;
    });
    interface.party = static_cast<PartyIndex>(found - evidence.parties.begin());
    if (found == evidence.parties.end()) {
      evidence.parties.push_back({machine, PartyKind::Router, machine, {}, {}});
    }
  }
}

std::optional<std::size_t> interface_named(const Evidence& evidence, std::string_view name) {
  const auto found = std::ranges::find(evidence.interfaces, name, &Interface::name);
  if (found == evidence.interfaces.end()) return std::nullopt;
  return static_cast<std::size_t>(found - evidence.interfaces.begin());
}

// A firewall has two sides, too, but nothing says that it translates.
void find_nats(Evidence& evidence) {
  for (const auto& event : evidence.trace) {
    const bool is_known =
        std::ranges::find(evidence.nats, event.vantage, &NatSides::name) != evidence.nats.end();
    if (event.name != "nat:declared" || is_known) continue;
    const auto inside = interface_named(evidence, event.vantage + ".inside");
    const auto outside = interface_named(evidence, event.vantage + ".outside");
    if (inside && outside) evidence.nats.push_back({event.vantage, *inside, *outside});
  }
}

void name_receivers(Evidence& evidence) {
  const auto peers = evidence.peers();
  for (auto& message : evidence.signalling) {
    if (!message.to.empty() || peers.size() != 2) continue;
    const auto& first = evidence.parties[peers[0]].name;
    message.to = message.from == first ? evidence.parties[peers[1]].name : first;
  }
}

// What the files of a run say, put together.
void understand_run(Evidence& evidence) {
  sort_packets(evidence);
  set_origin(evidence.origin, evidence);
  place_interfaces_by_name(evidence);
  find_nats(evidence);
  name_receivers(evidence);
  read_streams(evidence.packets);
  resolve_sessions(evidence.packets);
  complete_parties(evidence);
  unite_sightings(evidence);
  decrypt_dtls(evidence);
  decrypt_srtp(evidence);
}

FileResult<Evidence> load_run(const Path& folder) {
  Evidence evidence;
  evidence.source = folder.string();
  if (auto read = read_trace(folder / "trace.jsonl", evidence); !read) {
    return tl::make_unexpected(read.error());
  }
  if (auto added = add_capture(folder / "capture.pcapng", Silence::Accepted, evidence); !added) {
    return tl::make_unexpected(added.error());
  }
  if (std::error_code error; std::filesystem::exists(folder / "run.json", error)) {
    auto text = read_file(folder / "run.json");
    if (!text) return tl::make_unexpected(text.error());
    const auto json = parse_json(folder / "run.json", *text);
    if (!json) return tl::make_unexpected(json.error());
    evidence.run_json = std::move(*text);
  }
  understand_run(evidence);
  return evidence;
}

std::vector<Path> captures_in(const Path& folder) {
  std::vector<Path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    const auto name = entry.path().filename().string();
    const auto extension = entry.path().extension();
    if (name.starts_with("capture") && (extension == ".pcap" || extension == ".pcapng")) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);  // the directory's order is nobody's choice
  return found;
}

}  // namespace

FileResult<Evidence> read_run(std::string_view capture, std::string_view trace) {
  const Path capture_file{"capture.pcapng"};
  Evidence evidence;
  evidence.source = "a run in memory";
  if (auto read = parse_trace("trace.jsonl", trace, evidence); !read) {
    return tl::make_unexpected(read.error());
  }
  if (auto added = add(capture_file, parse_pcapng(capture_file, as_octets(capture)),
                       Silence::Accepted, evidence);
      !added) {
    return tl::make_unexpected(added.error());
  }
  understand_run(evidence);
  return evidence;
}

FileResult<Evidence> load_recording(const std::vector<Path>& captures, const Path& signalling) {
  Evidence evidence;
  if (!signalling.empty()) {
    if (auto read = read_signalling(signalling, evidence); !read) {
      return tl::make_unexpected(read.error());
    }
  }
  for (const auto& capture : captures) {
    if (auto added = add_capture(capture, Silence::Refused, evidence); !added) {
      return tl::make_unexpected(added.error());
    }
  }
  if (!captures.empty()) {
    const auto absolute = std::filesystem::absolute(captures.front());
    evidence.source = captures.front().string();
    evidence.title = absolute.stem() == "capture" ? absolute.parent_path().filename().string()
                                                  : absolute.stem().string();
  }
  sort_packets(evidence);
  auto origin = std::numeric_limits<std::int64_t>::max();
  for (const auto& packet : evidence.packets) origin = std::min(origin, packet.at.count());
  for (const auto& message : evidence.signalling) origin = std::min(origin, message.sent.count());
  set_origin(origin, evidence);
  for (auto& message : evidence.signalling) {
    message.sent -= Duration{origin};
    if (message.delivered) *message.delivered -= Duration{origin};
  }
  read_streams(evidence.packets);
  resolve_sessions(evidence.packets);
  deduce_parties(evidence);
  unite_sightings(evidence);
  decrypt_dtls(evidence);
  decrypt_srtp(evidence);
  return evidence;
}

FileResult<Evidence> load(const Path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return refuse(path, "there is no such file or folder");
  }
  if (!std::filesystem::is_directory(path, error)) return load_recording({path}, {});
  if (std::filesystem::exists(path / "trace.jsonl", error)) return load_run(path);
  const auto captures = captures_in(path);
  if (captures.empty()) {
    return refuse(path,
                  "is a folder without evidence: expected trace.jsonl and capture.pcapng, or "
                  "capture.pcap and signalling.json");
  }
  const auto signalling = path / "signalling.json";
  auto evidence =
      load_recording(captures, std::filesystem::exists(signalling, error) ? signalling : Path{});
  if (evidence) evidence->source = path.string();
  return evidence;
}

FileResult<void> name_nat(Evidence& evidence, std::string_view inside, std::string_view outside) {
  NatSides sides{.name = fmt::format("{} to {}", inside, outside)};
  for (const auto& [name, index] : {std::pair{inside, &sides.inside}, {outside, &sides.outside}}) {
    const auto found = interface_named(evidence, name);
    if (!found) {
      std::vector<std::string> names;
      for (const auto& interface : evidence.interfaces) names.push_back(interface.name);
      return tl::make_unexpected(
          FileError{.file = evidence.source,
                    .message = fmt::format("has no interface \"{}\"{} (there are: {})", name,
                                           did_you_mean(name, names), fmt::join(names, ", "))});
    }
    *index = *found;
  }
  if (sides.inside == sides.outside) {
    return tl::make_unexpected(
        FileError{.file = evidence.source,
                  .message = fmt::format("a NAT has two sides, and \"{}\" is one", inside)});
  }
  evidence.nats.push_back(std::move(sides));
  return {};
}

}  // namespace rtclab::evidence
