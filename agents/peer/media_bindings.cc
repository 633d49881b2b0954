#include "agents/peer/media_bindings.h"

#include "agents/peer/media_section.h"

#include <algorithm>
#include <array>

namespace rtclab::peer {
namespace {

using sdp::PayloadType;

struct Range {
  std::uint8_t first;
  std::uint8_t last;
};
// RFC 3551 §3 sets 96 to 127 aside and lets those below be used when they run out. RFC 5761 §4: not
// 64 to 95, where a packet could be taken for RTCP.
constexpr std::array kDynamic{Range{96, 127}, Range{35, 63}};

// RFC 8285 §4.2: 15 is reserved in the one-byte form, so no id that both forms can have.
constexpr std::uint16_t kReservedId = 15;

}  // namespace

void MediaBindings::note(const MediaSection& media) {
  for (const auto& format : media.formats) {
    const std::pair entry{media.kind, format};
    if (std::ranges::find(formats_, entry) == formats_.end()) formats_.push_back(entry);
  }
  for (const auto& map : media.header_extensions) {
    const std::pair entry{map.id, map.uri};
    if (std::ranges::find(extensions_, entry) == extensions_.end()) extensions_.push_back(entry);
  }
}

bool MediaBindings::moves_extension(const MediaSection& media) const {
  return std::ranges::any_of(media.header_extensions, [&](const sdp::ExtMap& map) {
    return std::ranges::any_of(extensions_, [&](const auto& known) {
      return known.first == map.id && known.second != map.uri;
    });
  });
}

template <class IsIt>
bool MediaBindings::means_only(PayloadType type, IsIt is_it) const {
  return std::ranges::all_of(
      formats_, [&](const Entry& entry) { return entry.second.type != type || is_it(entry); });
}

bool MediaBindings::is_free(PayloadType type, std::span<const Format> section) const {
  return std::ranges::find(section, type, &Format::type) == section.end() &&
         means_only(type, [](const Entry&) { return false; });
}

std::optional<PayloadType> MediaBindings::free_type(const Codec& codec,
                                                    std::span<const Format> section) const {
  if (const auto fixed = static_payload_type(codec); fixed && is_free(*fixed, section)) {
    return fixed;
  }
  for (const auto& range : kDynamic) {
    for (auto number = range.first; number <= range.last; ++number) {
      if (is_free(PayloadType{number}, section)) return PayloadType{number};
    }
  }
  return std::nullopt;
}

std::optional<PayloadType> MediaBindings::payload_type(MediaKind kind, const Codec& codec,
                                                       std::span<const PayloadType> carries,
                                                       std::span<const Format> section) {
  const auto is_it = [&](const Entry& entry) {
    return entry.first == kind && matches(entry.second.codec, codec) &&
           std::ranges::equal(entry.second.carries, carries);
  };
  for (const auto& entry : formats_) {
    const auto type = entry.second.type;
    if (is_it(entry) && means_only(type, is_it) &&
        std::ranges::find(section, type, &Format::type) == section.end()) {
      return type;
    }
  }
  const auto type = free_type(codec, section);
  if (type) formats_.push_back({kind, {*type, codec, {carries.begin(), carries.end()}}});
  return type;
}

std::optional<std::uint16_t> MediaBindings::extension_id(std::string_view uri,
                                                         std::uint16_t greatest) {
  for (const auto& [id, known] : extensions_) {
    const auto means_another = [&, id = id](const auto& entry) {
      return entry.first == id && entry.second != uri;
    };
    if (known == uri && id <= greatest && std::ranges::none_of(extensions_, means_another)) {
      return id;
    }
  }
  for (std::uint16_t id = 1; id <= greatest; ++id) {
    const auto is_taken = [&](const auto& entry) { return entry.first == id; };
    if (id == kReservedId || std::ranges::any_of(extensions_, is_taken)) continue;
    extensions_.emplace_back(id, uri);
    return id;
  }
  return std::nullopt;
}

}  // namespace rtclab::peer
