#include "scenarios/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace rtclab::scenario::judging {
namespace {

// What arrived in the period.
std::vector<std::string> arrived_in(const ChannelRecord& channel, const Period& period) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < channel.received.size(); ++i) {
    if (period.holds(channel.received_at[i])) texts.push_back(channel.received[i]);
  }
  return texts;
}

std::string quoted(const std::string& text) {
  constexpr std::size_t kShown = 40;
  return text.size() <= kShown ? '"' + text + '"' : '"' + text.substr(0, kShown) + "…\"";
}

// The first that came twice as often as it was sent; nullptr when there is none.
const std::string* find_repeated(const std::vector<std::string>& sent,
                                 const std::vector<std::string>& received) {
  std::map<std::string_view, std::size_t> left;
  for (const auto& text : sent) ++left[text];
  const auto found = std::ranges::find_if(received, [&](const std::string& text) {
    auto& number = left[text];
    return number == 0 || number-- == 0;
  });
  return found == received.end() ? nullptr : &*found;
}

// The first that did not arrive.
const std::string* find_lost(const std::vector<std::string>& sent,
                             const std::vector<std::string>& received) {
  std::map<std::string_view, std::size_t> left;
  for (const auto& text : received) ++left[text];
  const auto found = std::ranges::find_if(sent, [&](const std::string& text) {
    auto& number = left[text];
    return number == 0 || number-- == 0;
  });
  return found == sent.end() ? nullptr : &*found;
}

// The first that came after one that was sent later.
const std::string* find_out_of_order(const std::vector<std::string>& sent,
                                     const std::vector<std::string>& received) {
  auto from = sent.begin();
  for (const auto& text : received) {
    const auto found = std::find(from, sent.end(), text);
    if (found == sent.end()) return &text;
    from = found + 1;
  }
  return nullptr;
}

}  // namespace

Finding find_out(const ExpectEvent& e, const Account& account) {
  return count(times_of(e.event, account), e.times, e.window, account);
}

Finding find_out(const ExpectRecord& e, const Account& account) {
  return count(times_of(e.record, account), e.times, e.window, account);
}

Finding find_out(const ExpectMessage& e, const Account& account) {
  const auto* const channel = account.chronicles.at(e.message.peer).find_channel(e.message.channel);
  if (channel == nullptr) {
    return {e.times.admits(0), fmt::format("there is no channel \"{}\"", e.message.channel)};
  }
  auto finding = count(times_of(e.message, account), e.times, e.window, account);
  if (!finding.met && !channel->received.empty()) {
    finding.seen += fmt::format("; the last of {} that arrived is {}", channel->received.size(),
                                quoted(channel->received.back()));
  }
  return finding;
}

Finding find_out(const ExpectMessages& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  const auto* const channel = account.chronicles.at(e.peer).find_channel(e.channel);
  if (channel == nullptr) return {false, fmt::format("there is no channel \"{}\"", e.channel)};
  const auto arrived = arrived_in(*channel, *place.period);

  std::vector<std::string> flaws;
  std::string of;
  if (!e.from.empty()) {
    const auto* const far = account.chronicles.at(e.from).find_channel(e.channel);
    const auto sent = far == nullptr ? std::vector<std::string>{} : far->sent;
    of = fmt::format(" of {} sent", sent.size());
    const auto note = [&](bool asked, const std::string* text, std::string_view what) {
      if (asked && text != nullptr) flaws.push_back(fmt::format("{} {}", quoted(*text), what));
    };
    note(e.complete, find_lost(sent, arrived), "did not arrive");
    note(e.once, find_repeated(sent, arrived), "arrived more often than it was sent");
    note(e.in_order, find_out_of_order(sent, arrived), "arrived out of order");
  }
  const auto number = static_cast<unsigned>(arrived.size());
  return {e.times.admits(number) && flaws.empty(),
          fmt::format("{} arrived{}{}{}", number, of, flaws.empty() ? "" : "; ",
                      fmt::join(flaws, "; "))};
}

}  // namespace rtclab::scenario::judging
