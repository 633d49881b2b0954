#include "topologies/link_reader.h"
#include "topologies/nat_reader.h"
#include "topologies/vocabulary.h"

#include <utility>

namespace rtclab::topology {
namespace {

using Names = std::vector<std::string_view>;

Names operator+(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

}  // namespace

const xml::Grammar& grammar() {
  static const xml::Grammar kGrammar{
      "topology",
      {
          {.name = "topology",
           .required = {"name"},
           .children = {"title", "description", "host", "nat", "nat64", "clat", "npt", "lan",
                        "wifi", "router", "stunServer", "turnServer", "signallingServer", "link",
                        "firewall"}},
          {.name = "title", .has_text = true, .once = true},
          {.name = "description", .has_text = true, .once = true},
          {.name = "host", .required = {"name"}, .children = {"interface"}},
          {.name = "interface", .required = {"address"}, .optional = {"name", "metric", "up"}},
          {.name = "nat",
           .required = {"name"},
           .optional = nat_attributes(),
           .children = {"inside", "outside"},
           .of_preset = nat_attributes()},
          {.name = "nat64",
           .required = {"name"},
           .optional = nat_attributes() + Names{"prefix", "dns64"},
           .children = {"inside", "outside"},
           .of_preset = nat_attributes()},
          {.name = "clat",
           .required = {"name"},
           .optional = {"prefix"},
           .children = {"inside", "outside"}},
          {.name = "npt", .required = {"name"}, .children = {"inside", "outside"}},
          {.name = "firewall",
           .required = {"name"},
           .optional = firewall_attributes(),
           .children = {"inside", "outside"}},
          {.name = "inside", .required = {"address"}},
          {.name = "outside", .required = {"address"}},
          {.name = "lan", .required = {"name"}},
          {.name = "wifi", .required = {"name"}, .optional = {"standard", "pathLossExponent"}},
          {.name = "router", .required = {"name"}},
          {.name = "stunServer",
           .required = {"name"},
           .optional = {"port", "alternatePort"},
           .children = {"interface"}},
          {.name = "turnServer",
           .required = {"name", "realm"},
           .optional = {"transports", "port", "tlsPort", "firstRelayPort", "lastRelayPort",
                        "nonceLifetime", "allocationsPerUser", "alternateServer"},
           .children = {"interface", "user"}},
          {.name = "user", .required = {"name", "password"}},
          {.name = "signallingServer",
           .required = {"name"},
           .optional = {"port"},
           .children = {"interface"}},
          {.name = "link",
           .required = {"a", "b"},
           .optional = Names{"preset", "distance"} + link_attributes(),
           .children = Names{"aToB", "bToA"} + link_children(),
           .of_preset = link_attributes()},
          {.name = "aToB", .optional = link_attributes(), .children = link_children()},
          {.name = "bToA", .optional = link_attributes(), .children = link_children()},
          link_child_rules()[0],
          link_child_rules()[1],
          link_child_rules()[2],
      }};
  return kGrammar;
}

}  // namespace rtclab::topology
