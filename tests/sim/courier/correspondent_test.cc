#include "sim/courier/correspondent.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::signalling {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

std::vector<Piece> pieces_of(Correspondent& who) {
  std::vector<Piece> pieces;
  while (auto piece = who.poll_piece()) pieces.push_back(*std::move(piece));
  return pieces;
}
Texts messages_of(Correspondent& who) {
  Texts texts;
  while (const auto message = who.poll_message()) texts.push_back(message->text);
  return texts;
}
Texts events_of(Correspondent& who) {
  Texts names;
  while (const auto event = who.poll_event()) names.emplace_back(event->name);
  return names;
}

struct Pair {
  explicit Pair(CourierTerms terms) : alice{"alice", terms}, bob{"bob", terms} {}
  Correspondent alice;
  Correspondent bob;
};

BOOST_AUTO_TEST_SUITE(correspondent)

BOOST_AUTO_TEST_CASE(a_long_message_goes_in_parts_and_arrives_whole_in_whatever_order_they_come) {
  Pair pair{{.piece_size = 4}};
  const auto id = pair.alice.send(Instant{}, "bob", "a postcard is small");
  const auto pieces = pieces_of(pair.alice);

  BOOST_TEST(id == "alice-1");
  BOOST_TEST(pieces.size() == 5u);
  for (auto each = pieces.rbegin(); each != pieces.rend(); ++each)
    pair.bob.handle_piece(Instant{1h}, *each);
  BOOST_TEST(messages_of(pair.bob) == Texts{"a postcard is small"});
}

BOOST_AUTO_TEST_CASE(a_second_copy_is_thrown_away_unless_all_is_taken_as_it_comes) {
  Pair once{{}};
  once.alice.send(Instant{}, "bob", "offer");
  const auto piece = pieces_of(once.alice).front();
  once.bob.handle_piece(Instant{1s}, piece);
  once.bob.handle_piece(Instant{2s}, piece);
  BOOST_TEST(messages_of(once.bob) == Texts{"offer"});
  BOOST_TEST(events_of(once.bob) == Texts{"signalling:discarded"});

  Pair as_it_comes{{.receipt = Receipt::AsItComes}};
  as_it_comes.bob.handle_piece(Instant{1s}, piece);
  as_it_comes.bob.handle_piece(Instant{2s}, piece);
  BOOST_TEST(messages_of(as_it_comes.bob) == (Texts{"offer", "offer"}));
}

BOOST_AUTO_TEST_CASE(in_order_what_comes_too_early_waits_for_its_turn) {
  Pair pair{{.receipt = Receipt::InOrder}};
  for (const auto* const text : {"one", "two", "three"}) pair.alice.send(Instant{}, "bob", text);
  const auto pieces = pieces_of(pair.alice);

  pair.bob.handle_piece(Instant{}, pieces[2]);
  pair.bob.handle_piece(Instant{}, pieces[1]);
  BOOST_TEST(messages_of(pair.bob).empty());
  BOOST_TEST(events_of(pair.bob) == (Texts{"signalling:held", "signalling:held"}));
  pair.bob.handle_piece(Instant{}, pieces[0]);
  BOOST_TEST(messages_of(pair.bob) == (Texts{"one", "two", "three"}));
}

// What somebody else is sent in between makes no gap.
BOOST_AUTO_TEST_CASE(the_order_is_that_between_two) {
  Pair pair{{.receipt = Receipt::InOrder}};
  pair.alice.send(Instant{}, "bob", "one");
  pair.alice.send(Instant{}, "carol", "aside");
  pair.alice.send(Instant{}, "bob", "two");
  for (const auto& piece : pieces_of(pair.alice))
    if (piece.to == "bob") pair.bob.handle_piece(Instant{}, piece);

  BOOST_TEST(messages_of(pair.bob) == (Texts{"one", "two"}));
}

// RFC 3261 §17.1.2.2: at 0.5, 1.5, 3.5, 7.5 s and every 4 s from there on, up to 32 s.
BOOST_AUTO_TEST_CASE(a_message_is_repeated_with_growing_pauses_until_it_is_given_up) {
  Pair pair{{.resend = Resend{500ms, 4s, 32s}}};
  pair.alice.send(Instant{}, "bob", "hello");
  std::vector<Duration> sent;
  while (const auto at = pair.alice.next_wakeup()) {
    BOOST_REQUIRE((*at <= Instant{32s}));
    pieces_of(pair.alice);
    pair.alice.handle_timeout(*at);
    if (!pieces_of(pair.alice).empty()) sent.push_back(at->time_since_epoch());
  }

  BOOST_TEST((sent == std::vector<Duration>{500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms,
                                            19500ms, 23500ms, 27500ms, 31500ms}));
  BOOST_TEST(events_of(pair.alice).back() == "signalling:given_up");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_ends_the_repeating_and_each_copy_gets_one) {
  Pair pair{{.resend = Resend{1h, 1h, Duration{0}}}};
  pair.alice.send(Instant{}, "bob", "hello");
  const auto first = pieces_of(pair.alice).front();
  pair.alice.handle_timeout(Instant{1h});
  const auto second = pieces_of(pair.alice).front();
  BOOST_TEST(second.attempt == 2u);
  BOOST_TEST(second.item() != first.item());

  pair.bob.handle_piece(Instant{2h}, first);
  pair.bob.handle_piece(Instant{2h}, second);
  const auto acknowledgements = pieces_of(pair.bob);
  BOOST_TEST(messages_of(pair.bob) == Texts{"hello"});
  BOOST_TEST(acknowledgements.size() == 2u);
  BOOST_TEST(acknowledgements[0].item() != acknowledgements[1].item());

  pair.alice.handle_piece(Instant{3h}, acknowledgements[0]);
  pair.alice.handle_piece(Instant{3h}, acknowledgements[1]);
  BOOST_TEST(events_of(pair.alice) == (Texts{"signalling:resent", "signalling:acknowledged"}));
  BOOST_TEST(!pair.alice.next_wakeup().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
