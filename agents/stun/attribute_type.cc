#include "agents/stun/attribute_type.h"

#include "agents/base/bytes.h"

#include <algorithm>
#include <array>

namespace rtclab::stun {
namespace {

using enum AttributeType;

// clang-format off
constexpr std::array kTable{
    AttributeTypeInfo{MappedAddress,           "MAPPED-ADDRESS",            {8489, "14.1"}},
    AttributeTypeInfo{ChangeRequest,           "CHANGE-REQUEST",            {5780, "7.2"}},
    AttributeTypeInfo{Username,                "USERNAME",                  {8489, "14.3"}},
    AttributeTypeInfo{MessageIntegrity,        "MESSAGE-INTEGRITY",         {8489, "14.5"}},
    AttributeTypeInfo{ErrorCode,               "ERROR-CODE",                {8489, "14.8"}},
    AttributeTypeInfo{UnknownAttributes,       "UNKNOWN-ATTRIBUTES",        {8489, "14.13"}},
    AttributeTypeInfo{ChannelNumber,           "CHANNEL-NUMBER",            {8656, "18.1"}},
    AttributeTypeInfo{Lifetime,                "LIFETIME",                  {8656, "18.2"}},
    AttributeTypeInfo{XorPeerAddress,          "XOR-PEER-ADDRESS",          {8656, "18.3"}},
    AttributeTypeInfo{Data,                    "DATA",                      {8656, "18.4"}},
    AttributeTypeInfo{Realm,                   "REALM",                     {8489, "14.9"}},
    AttributeTypeInfo{Nonce,                   "NONCE",                     {8489, "14.10"}},
    AttributeTypeInfo{XorRelayedAddress,       "XOR-RELAYED-ADDRESS",       {8656, "18.5"}},
    AttributeTypeInfo{RequestedAddressFamily,  "REQUESTED-ADDRESS-FAMILY",  {8656, "18.6"}},
    AttributeTypeInfo{EvenPort,                "EVEN-PORT",                 {8656, "18.7"}},
    AttributeTypeInfo{RequestedTransport,      "REQUESTED-TRANSPORT",       {8656, "18.8"}},
    AttributeTypeInfo{DontFragment,            "DONT-FRAGMENT",             {8656, "18.9"}},
    AttributeTypeInfo{MessageIntegritySha256,  "MESSAGE-INTEGRITY-SHA256",  {8489, "14.6"}},
    AttributeTypeInfo{PasswordAlgorithm,       "PASSWORD-ALGORITHM",        {8489, "14.12"}},
    AttributeTypeInfo{UserHash,                "USERHASH",                  {8489, "14.4"}},
    AttributeTypeInfo{XorMappedAddress,        "XOR-MAPPED-ADDRESS",        {8489, "14.2"}},
    AttributeTypeInfo{ReservationToken,        "RESERVATION-TOKEN",         {8656, "18.10"}},
    AttributeTypeInfo{Priority,                "PRIORITY",                  {8445, "7.1.1"}},
    AttributeTypeInfo{UseCandidate,            "USE-CANDIDATE",             {8445, "7.1.2"}},
    AttributeTypeInfo{Padding,                 "PADDING",                   {5780, "7.6"}},
    AttributeTypeInfo{ResponsePort,            "RESPONSE-PORT",             {5780, "7.5"}},
    AttributeTypeInfo{ConnectionId,            "CONNECTION-ID",             {6062, "6.2.1"}},
    AttributeTypeInfo{AdditionalAddressFamily, "ADDITIONAL-ADDRESS-FAMILY", {8656, "18.11"}},
    AttributeTypeInfo{AddressErrorCode,        "ADDRESS-ERROR-CODE",        {8656, "18.12"}},
    AttributeTypeInfo{PasswordAlgorithms,      "PASSWORD-ALGORITHMS",       {8489, "14.11"}},
    AttributeTypeInfo{AlternateDomain,         "ALTERNATE-DOMAIN",          {8489, "14.16"}},
    AttributeTypeInfo{Icmp,                    "ICMP",                      {8656, "18.13"}},
    AttributeTypeInfo{Software,                "SOFTWARE",                  {8489, "14.14"}},
    AttributeTypeInfo{AlternateServer,         "ALTERNATE-SERVER",          {8489, "14.15"}},
    AttributeTypeInfo{CacheTimeout,            "CACHE-TIMEOUT",             {5780, "9"}},
    AttributeTypeInfo{Fingerprint,             "FINGERPRINT",               {8489, "14.7"}},
    AttributeTypeInfo{IceControlled,           "ICE-CONTROLLED",            {8445, "7.1.3"}},
    AttributeTypeInfo{IceControlling,          "ICE-CONTROLLING",           {8445, "7.1.3"}},
    AttributeTypeInfo{ResponseOrigin,          "RESPONSE-ORIGIN",           {5780, "7.3"}},
    AttributeTypeInfo{OtherAddress,            "OTHER-ADDRESS",             {5780, "7.4"}},
    AttributeTypeInfo{Nomination,              "NOMINATION",                {}},
    AttributeTypeInfo{GoogNetworkInfo,         "GOOG-NETWORK-INFO",         {}},
    AttributeTypeInfo{GoogMiscInfo,            "GOOG-MISC-INFO",            {}},
    AttributeTypeInfo{GoogMessageIntegrity32,  "GOOG-MESSAGE-INTEGRITY-32", {}},
    AttributeTypeInfo{DtlsInStun,              "DTLS-IN-STUN",              {}},
    AttributeTypeInfo{DtlsInStunAck,           "DTLS-IN-STUN-ACK",          {}},
};
// clang-format on

static_assert(std::ranges::is_sorted(kTable, {}, &AttributeTypeInfo::type));

}  // namespace

std::span<const AttributeTypeInfo> all_attribute_types() {
  return kTable;
}

const AttributeTypeInfo* attribute_info(AttributeType type) {
  const auto* const row = std::ranges::lower_bound(kTable, type, {}, &AttributeTypeInfo::type);
  return row != kTable.end() && row->type == type ? row : nullptr;
}

std::string attribute_name(AttributeType type) {
  if (const auto* const row = attribute_info(type)) return std::string{row->name};
  ByteWriter number{2};
  number.u16(static_cast<std::uint16_t>(type));
  return "0x" + to_hex(number.view());
}

}  // namespace rtclab::stun
