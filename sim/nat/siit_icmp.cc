#include "sim/nat/siit_icmp.h"

#include <algorithm>
#include <array>

namespace rtclab::nat::siit {
namespace {

using Word = IcmpForm::Word;

struct Row {
  std::uint8_t type;
  std::uint8_t code;
  IcmpForm becomes;
};

// clang-format off
constexpr std::array kRowsToV6{
    Row{3, 0,  {1, 0}},                    // net unreachable: no route
    Row{3, 1,  {1, 0}},                    // host unreachable
    Row{3, 2,  {4, 1, Word::Pointer, 6}},  // protocol unreachable: the Next Header field
    Row{3, 3,  {1, 4}},                    // port unreachable
    Row{3, 4,  {2, 0, Word::Mtu}},         // fragmentation needed: packet too big
    Row{3, 5,  {1, 0}},                    // source route failed
    Row{3, 6,  {1, 0}},
    Row{3, 7,  {1, 0}},
    Row{3, 8,  {1, 0}},
    Row{3, 9,  {1, 1}},                    // administratively prohibited
    Row{3, 10, {1, 1}},
    Row{3, 11, {1, 0}},
    Row{3, 12, {1, 0}},
    Row{3, 13, {1, 1}},
    Row{3, 15, {1, 1}},
    Row{11, 0, {3, 0}},                    // time exceeded
    Row{11, 1, {3, 1}},
    Row{12, 0, {4, 0, Word::Pointer}},     // parameter problem
    Row{12, 2, {4, 0, Word::Pointer}},
};

constexpr std::array kRowsToV4{
    Row{1, 0, {3, 1}},
    Row{1, 1, {3, 10}},
    Row{1, 2, {3, 1}},
    Row{1, 3, {3, 1}},
    Row{1, 4, {3, 3}},
    Row{2, 0, {3, 4, Word::Mtu}},
    Row{3, 0, {11, 0}},
    Row{3, 1, {11, 1}},
    Row{4, 0, {12, 0, Word::Pointer}},
    Row{4, 1, {3, 2}},
};

// A field of one header, from its first octet to its last, and where the other has it.
struct Field {
  std::uint8_t first;
  std::uint8_t last;
  std::uint8_t becomes;
};
constexpr std::array kPointerToV6{
    Field{0, 0, 0},    Field{1, 1, 1},     // version, traffic class
    Field{2, 3, 4},                        // length
    Field{8, 8, 7},    Field{9, 9, 6},     // time to live, protocol
    Field{12, 15, 8},  Field{16, 19, 24},  // addresses
};
constexpr std::array kPointerToV4{
    Field{0, 0, 0},    Field{1, 1, 1},
    Field{4, 5, 2},
    Field{6, 6, 9},    Field{7, 7, 8},
    Field{8, 23, 12},  Field{24, 39, 16},
};
// clang-format on

template <std::size_t N, std::size_t M>
std::optional<IcmpForm> look_up(const std::array<Row, N>& rows, const std::array<Field, M>& fields,
                                std::uint8_t type, std::uint8_t code, std::uint32_t pointer) {
  const auto row = std::ranges::find_if(
      rows, [&](const Row& known) { return known.type == type && known.code == code; });
  if (row == rows.end()) return std::nullopt;
  auto form = row->becomes;
  if (form.word != Word::Pointer || form.pointer != 0) return form;
  const auto field = std::ranges::find_if(
      fields, [&](const Field& known) { return known.first <= pointer && pointer <= known.last; });
  if (field == fields.end()) return std::nullopt;  // the other header has no such field
  form.pointer = field->becomes;
  return form;
}

}  // namespace

std::optional<IcmpForm> error_to_v6(std::uint8_t type, std::uint8_t code, std::uint32_t pointer) {
  return look_up(kRowsToV6, kPointerToV6, type, code, pointer);
}

std::optional<IcmpForm> error_to_v4(std::uint8_t type, std::uint8_t code, std::uint32_t pointer) {
  return look_up(kRowsToV4, kPointerToV4, type, code, pointer);
}

std::optional<std::uint8_t> echo_to_v6(std::uint8_t type) {
  if (type == 8) return 128;
  if (type == 0) return 129;
  return std::nullopt;
}

std::optional<std::uint8_t> echo_to_v4(std::uint8_t type) {
  if (type == 128) return 8;
  if (type == 129) return 0;
  return std::nullopt;
}

}  // namespace rtclab::nat::siit
